/** Which configs a session wants: checked name by name, so that one wrong name costs the others nothing. */

import type { SubscribeFailure } from '@keeper/proto'
import { asKeeperError, KeeperError } from '../base/errors.js'
import { statusOf } from './frames.js'
import type { Held } from './hello.js'
import type { InterestIndex } from './interest.js'
import { checkConfigName } from './names.js'
import type { Authorize, SessionLimits } from './options.js'
import type { Session } from './session.js'
import { Subscription } from './subscription.js'
import { lacks } from './target.js'

export interface Subscribed {
  readonly refused: SubscribeFailure[]
  /** Do not exist (yet). */
  readonly absent: string[]
  /** The process holds the newest already. */
  readonly current: string[]
  /** How many will be pushed. */
  pending: number
}

export interface SubscribingOptions {
  readonly index: InterestIndex<Subscription>
  readonly limits: SessionLimits
  readonly authorize: Authorize
  readonly storeEpoch: number
}

/** Subscribes a session to `names`; what it lacks goes out with its next push. */
export function subscribe(
  options: SubscribingOptions,
  session: Session,
  names: readonly string[],
  held: ReadonlyMap<string, Held>,
): Subscribed {
  if (names.length > options.limits.subscriptionsPerSessionMax)
    throw new KeeperError('E_TOO_MANY', `a frame names at most ${options.limits.subscriptionsPerSessionMax} configs`)
  const outcome: Subscribed = { refused: [], absent: [], current: [], pending: 0 }
  for (const name of names) {
    try {
      const subscription = session.find(name) ?? add(options, session, name, held.get(name))
      sort(outcome, subscription)
    } catch (thrown) {
      outcome.refused.push({
        name: name.slice(0, options.limits.nameBytesMax),
        status: statusOf(asKeeperError(thrown)),
      })
    }
  }
  return outcome
}

function sort(outcome: Subscribed, { interest, group, hash }: Subscription): void {
  const { refusal } = group.target
  // It stays subscribed: the value comes as soon as there is one.
  if (refusal) outcome.refused.push({ name: interest.name, status: statusOf(refusal) })
  else if (lacks(hash, group.target)) outcome.pending++
  else if (group.target.kind === 'value') outcome.current.push(interest.name)
  else outcome.absent.push(interest.name)
}

function add(options: SubscribingOptions, session: Session, name: string, held: Held | undefined): Subscription {
  const { index, limits, authorize, storeEpoch } = options
  checkConfigName(name, limits)
  if (session.subscriptions.length >= limits.subscriptionsPerSessionMax)
    throw new KeeperError('E_TOO_MANY', `a session has at most ${limits.subscriptionsPerSessionMax} subscriptions`)
  authorize(session.principal, 'config.subscribe', `${session.namespace}/${name}`)
  const interest = index.open(session.namespace, name)
  const group = interest.groupFor(session.labels)
  if (group.target.kind === 'excluded') {
    index.settle(interest.discard(group))
    throw new KeeperError('E_NOT_IN_AUDIENCE', `${name} is not meant for this process`)
  }
  const subscription = new Subscription(session, interest)
  interest.add(subscription, group)
  session.insert(subscription)
  if (held) takeHeld(subscription, held, storeEpoch)
  return subscription
}

/** A value is what its bytes are: an equal hash is the newest, from whichever epoch and revision it came. */
function takeHeld(subscription: Subscription, held: Held, storeEpoch: number): void {
  const { target } = subscription.group
  // One string for all who hold the same.
  const hash = held.hash === target.hash ? target.hash : held.hash
  subscription.hash = subscription.runHash = hash
  subscription.revision = held.storeEpoch === storeEpoch ? held.revision : hash === target.hash ? target.revision : 0
  subscription.runRevision = subscription.revision
  subscription.state = held.state
  subscription.reason = subscription.interest.redacted(held.reason)
  subscription.atUnixMs = held.atUnixMs
  subscription.interest.ledgerDirty = true
}

/** Ends one interest of a session; its row leaves the ledger. */
export function unsubscribe(index: InterestIndex<Subscription>, subscription: Subscription): void {
  const { interest, session } = subscription
  session.remove(subscription)
  interest.remove(subscription)
  interest.ledgerDirty = true
  index.settle(interest)
}
