/** A hello, checked: from here on its words may be believed to have the right form, and nothing more. */

import type { HeldConfig__Output, Hello__Output } from '@keeper/proto'
import { toBigInt, toSafe } from '@keeper/proto'
import { KeeperError } from '../base/errors.js'
import type { ProcessIdentity } from '../store/process-records.js'
import { DEFAULT_NAMESPACE } from '../store/records.js'
import { checkMap, checkNamespace, checkSegment, checkText, cutReason } from './names.js'
import type { SessionLimits } from './options.js'
import { type StateNumber, stateOfAck } from './subscription.js'

export const PROTOCOL = 1
/** Feature bits this keeper knows. */
export const TAKES_DELTAS = 1n
/** Differences may come in the brief form: with a check in place of the hashes. */
export const TAKES_BRIEF = 2n
/** The process need not ask whether its keeper lives: it is told all the time. */
export const HEARS_BEACONS = 4n
export const FEATURES = TAKES_DELTAS | TAKES_BRIEF | HEARS_BEACONS
const SECRET_BYTES = 16

/** What a process holds of one config, and what it last said of it. */
export interface Held {
  readonly storeEpoch: number
  readonly revision: number
  /** SHA-256 of the canonical JSON, hex; '' for nothing. */
  readonly hash: string
  readonly state: StateNumber
  readonly reason: string
  readonly atUnixMs: number
}

export interface CheckedHello {
  readonly namespace: string
  readonly identity: ProcessIdentity
  readonly features: bigint
  /** The session to take up again; absent for a new one. */
  readonly resume?: { readonly id: bigint; readonly secret: Uint8Array }
  /** The process' own number of this attempt; 0 where it counts none. */
  readonly attempt: number
  readonly clusterId: string
  readonly subscriptions: readonly string[]
  readonly held: ReadonlyMap<string, Held>
  readonly ttlSeconds: number
}

/** Throws E_UNSUPPORTED (protocol), E_BAD_NAME, E_TOO_MANY, E_UNAUTHENTICATED, RangeError (numbers past 2^53). */
export function checkHello(hello: Hello__Output, limits: SessionLimits): CheckedHello {
  if (hello.protocol !== PROTOCOL)
    throw new KeeperError('E_UNSUPPORTED', `this keeper speaks protocol ${PROTOCOL}, not ${hello.protocol}`)
  const namespace = hello.namespace || DEFAULT_NAMESPACE
  checkNamespace(namespace, limits)
  const id = toBigInt(hello.sessionId)
  return {
    namespace,
    identity: checkIdentity(hello, limits),
    features: toBigInt(hello.features) & FEATURES,
    ...(id === 0n ? {} : { resume: { id, secret: checkSecret(hello.sessionSecret) } }),
    attempt: toSafe(hello.attempt),
    clusterId: hello.clusterId,
    subscriptions: hello.subscriptions,
    held: readHeld(hello.held, limits),
    ttlSeconds: ttlSeconds(hello.requestedTtlMs, limits),
  }
}

function checkIdentity({ identity, sdk }: Hello__Output, limits: SessionLimits): ProcessIdentity {
  if (!identity) throw new KeeperError('E_BAD_NAME', 'hello names no process')
  const { cluster, role, instance, incarnation, labels, addresses, host, pid } = identity
  checkSegment('cluster', cluster, limits)
  checkSegment('role', role, limits)
  checkSegment('instance', instance, limits)
  checkText('incarnation', incarnation, limits)
  checkMap('label', labels, limits)
  checkMap('address', addresses, limits)
  checkText('host', host, limits)
  checkText('sdk', sdk, limits)
  return { cluster, role, instance, incarnation, labels, addresses, host, pid, sdk }
}

function checkSecret(secret: Uint8Array): Uint8Array {
  if (secret.length !== SECRET_BYTES)
    throw new KeeperError('E_UNAUTHENTICATED', `a session secret has ${SECRET_BYTES} bytes, not ${secret.length}`)
  return secret
}

/** What a process says it holds, by config name; at most as many as it may subscribe to. */
export function readHeld(list: readonly HeldConfig__Output[], limits: SessionLimits): Map<string, Held> {
  if (list.length > limits.subscriptionsPerSessionMax)
    throw new KeeperError('E_TOO_MANY', `holds more than ${limits.subscriptionsPerSessionMax} configs`)
  return new Map(
    list.map((held) => [
      held.name,
      {
        storeEpoch: toSafe(held.storeEpoch),
        revision: toSafe(held.revision),
        hash: held.hash.length <= 64 ? held.hash : 'not a hash',
        state: stateOfAck(held.state),
        reason: cutReason(held.reason, limits.reasonBytesMax),
        atUnixMs: toSafe(held.atUnixMs),
      },
    ]),
  )
}

function ttlSeconds(requestedMs: number, limits: SessionLimits): number {
  const wanted = requestedMs || limits.sessionTtlMs
  return Math.ceil(Math.min(Math.max(wanted, limits.sessionTtlMsMin), limits.sessionTtlMsMax) / 1000)
}
