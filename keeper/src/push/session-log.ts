/**
 * Sessions as the log has them: a lease, a session record and an instance record. Each change is one transaction that
 * compares what it was decided upon, so that two members (or two streams) cannot both believe they won.
 */

import { createHash, timingSafeEqual } from 'node:crypto'
import type { Clock } from '../base/clock.js'
import { KeeperError } from '../base/errors.js'
import type { Random } from '../base/random.js'
import type { Member } from '../node/types.js'
import type { InstanceRecord, LastWordRecord, ProcessIdentity, SessionRecord } from '../store/process-records.js'
import { decodeRecord, encodeRecord, recordKey } from '../store/records.js'
import type { Command, CommandResult, Compare, KeyValue, Operation } from '../store/types.js'

/** Others may change the same records meanwhile; each time we look again, so often. */
const ATTEMPTS_MAX = 8

export interface Opened {
  readonly id: bigint
  /** Set for a new session only. */
  readonly secret?: Uint8Array
  readonly record: SessionRecord
}

export interface Newcomer {
  readonly namespace: string
  readonly identity: ProcessIdentity
  readonly principal: string
  /** Of the process' own count; 0: it counts none. */
  readonly attempt: number
  /** Is the stream that this is for still there? */
  isWaiting(): boolean
}

interface Attempt<T> {
  readonly compares: readonly Compare[]
  readonly success: readonly Operation[]
  readonly outcome: T
}

export class SessionLog {
  readonly #member: Member
  readonly #clock: Clock
  readonly #random: Random

  constructor(member: Member, clock: Clock, random: Random) {
    this.#member = member
    this.#clock = clock
    this.#random = random
  }

  /** The session's record as applied here. */
  session(namespace: string, id: bigint): SessionRecord | undefined {
    const kv = this.#get(sessionKey(namespace, id))
    return kv && decodeRecord('session', kv.value)
  }

  /** Who has the instance's name, as applied here. */
  instance(namespace: string, identity: ProcessIdentity): InstanceRecord | undefined {
    const kv = this.#get(instanceKey(namespace, identity))
    return kv && decodeRecord('instance', kv.value)
  }

  /**
   * A new session: lease, session record, instance record. A session that had the instance's name ends with it.
   * Rejects as `Member.propose`, or E_UNAVAILABLE when others take the same name all the time.
   */
  open(newcomer: Newcomer, ttlSeconds: number): Promise<Opened> {
    const secret = this.#random.bytes(16)
    const secretHash = sha256(secret).toString('hex')
    return this.#attempt(newcomer, () => this.#planOpen(newcomer, ttlSeconds, secret, secretHash))
  }

  /**
   * The next attachment of an earlier session. Rejects E_SESSION_UNKNOWN, E_UNAUTHENTICATED (wrong secret, or
   * another process' session), E_FENCED (a newer process has its name), and as `open`.
   */
  async attach(newcomer: Newcomer, id: bigint, secret: Uint8Array): Promise<Opened> {
    // A member that lags behind must not send a living session away.
    if (!this.session(newcomer.namespace, id)) await this.#member.linearizableRead()
    return this.#attempt(newcomer, () => this.#planAttach(newcomer, id, secret))
  }

  /** Ends a session and keeps its last word. False when it was gone already. */
  async leave(
    newcomer: Pick<Newcomer, 'namespace' | 'principal'>,
    id: bigint,
    lastWord: LastWordRecord,
  ): Promise<boolean> {
    const kv = this.#get(sessionKey(newcomer.namespace, id))
    if (!kv) return false
    const result = await this.#member.propose({
      principal: newcomer.principal,
      body: txnBody([unchanged(kv.key, kv)], [putLastWord(newcomer.namespace, lastWord), { kind: 'leaseRevoke', id }]),
    })
    return result.ok && result.succeeded
  }

  /** Notes that a session ended of which nobody knows what it ran with, if nothing was noted of its process. */
  async writeBareLastWord(namespace: string, identity: ProcessIdentity): Promise<void> {
    const key = recordKey(namespace, 'lastword', identity.cluster, identity.role, identity.instance)
    const kv = this.#get(key)
    if (kv && decodeRecord('lastword', kv.value).identity.incarnation === identity.incarnation) return
    const holder = this.instance(namespace, identity)
    if (holder?.identity.incarnation === identity.incarnation) return
    const why = holder ? 'replaced' : 'expired'
    const lastWord: LastWordRecord = { v: 1, identity, endedWallMs: this.#clock.wall(), why, applied: {} }
    await this.#member.propose({
      principal: 'system',
      body: txnBody([unchanged(key, kv)], [putLastWord(namespace, lastWord)]),
    })
  }

  /** Keeps the last word of a session that the log ended. */
  async writeLastWord(namespace: string, lastWord: LastWordRecord): Promise<void> {
    await this.#member.propose({ principal: 'system', body: txnBody([], [putLastWord(namespace, lastWord)]) })
  }

  #planOpen(newcomer: Newcomer, ttlSeconds: number, secret: Uint8Array, secretHash: string): Attempt<Opened> {
    const { namespace, identity, principal, attempt } = newcomer
    const id = this.#newId()
    const openedWallMs = this.#clock.wall()
    const member = this.#member.status().identity.memberId
    const counted = attempt > 0 ? { attempt } : {}
    const record: SessionRecord = {
      v: 1,
      identity,
      secretHash,
      attachment: 1,
      ...counted,
      member,
      principal,
      openedWallMs,
    }
    const at = { session: sessionKey(namespace, id), instance: instanceKey(namespace, identity) }
    const holder = this.#get(at.instance)
    this.#refuseReturn(newcomer, holder)
    const instance: InstanceRecord = { v: 1, session: String(id), identity, startedWallMs: openedWallMs }
    return {
      compares: [unchanged(at.session, undefined), unchanged(at.instance, holder)],
      success: [
        { kind: 'leaseGrant', id, ttlSeconds },
        put(at.session, encodeRecord('session', record), id),
        // Before the old lease goes: the name belongs to the new one by then, and stays.
        put(at.instance, encodeRecord('instance', instance), id),
        ...this.#revokeOf(holder),
      ],
      outcome: { id, secret, record },
    }
  }

  /** A process that ended here once, by expiry say, does not come back over the newer one that has its name now. */
  #refuseReturn({ namespace, identity }: Newcomer, holder: KeyValue | undefined): void {
    if (!holder || decodeRecord('instance', holder.value).identity.incarnation === identity.incarnation) return
    const kv = this.#get(recordKey(namespace, 'lastword', identity.cluster, identity.role, identity.instance))
    if (kv && decodeRecord('lastword', kv.value).identity.incarnation === identity.incarnation) throw newerHasName()
  }

  #revokeOf(holder: KeyValue | undefined): Operation[] {
    const known = holder && this.#member.store.lease('system', holder.lease)
    return known ? [{ kind: 'leaseRevoke', id: known.id }] : []
  }

  #planAttach(newcomer: Newcomer, id: bigint, secret: Uint8Array): Attempt<Opened> {
    const { namespace, identity, attempt } = newcomer
    const key = sessionKey(namespace, id)
    const kv = this.#get(key)
    if (!kv) throw this.#whyGone(namespace, identity)
    const before = decodeRecord('session', kv.value)
    checkOwner(before, identity, secret)
    if (attempt > 0 && attempt < (before.attempt ?? 0)) throw newerStream()
    const member = this.#member.status().identity.memberId
    const counted = attempt > 0 ? { attempt } : {}
    const record: SessionRecord = { ...before, ...counted, identity, attachment: before.attachment + 1, member }
    const renamed = this.#instanceChange(namespace, id, before, identity)
    return {
      compares: [unchanged(key, kv), ...renamed.compares],
      success: [put(key, encodeRecord('session', record), id), ...renamed.success],
      outcome: { id, record },
    }
  }

  /** A process whose name went to another one must not take it back by a new session: two would take turns for ever. */
  #whyGone(namespace: string, identity: ProcessIdentity): KeeperError {
    const holder = this.instance(namespace, identity)
    return holder && holder.identity.incarnation !== identity.incarnation
      ? newerHasName()
      : new KeeperError('E_SESSION_UNKNOWN', 'the session ended or never was')
  }

  /** The instance record too, when labels or addresses are not what they were. */
  #instanceChange(namespace: string, id: bigint, before: SessionRecord, identity: ProcessIdentity) {
    const key = instanceKey(namespace, identity)
    const kv = this.#get(key)
    const known = kv && decodeRecord('instance', kv.value)
    if (!kv || known?.session !== String(id) || JSON.stringify(before.identity) === JSON.stringify(identity))
      return { compares: [], success: [] }
    const record: InstanceRecord = { ...known, identity }
    return { compares: [unchanged(key, kv)], success: [put(key, encodeRecord('instance', record), id)] }
  }

  async #attempt<T>({ principal, isWaiting }: Newcomer, plan: () => Attempt<T>): Promise<T> {
    for (let attempt = 0; attempt < ATTEMPTS_MAX; attempt++) {
      if (!isWaiting()) throw new KeeperError('E_CONNECTION', 'the stream is gone')
      const { compares, success, outcome } = plan()
      const result = await this.#propose({ principal, body: txnBody(compares, success) })
      if (result?.ok && result.succeeded) return outcome
      // A lease that came or went meanwhile is one more way of losing a race.
      if (result && !result.ok && result.code !== 'E_LEASE_NOT_FOUND' && result.code !== 'E_LEASE_EXISTS')
        throw new KeeperError(result.code, result.message)
    }
    throw new KeeperError('E_UNAVAILABLE', 'others take the same session or instance name at the same time')
  }

  /**
   * Undefined when leadership changed under it. It may have happened all the same: the next plan is made of what is
   * there by then, and at worst gives a session one more attachment, or ends a session that nobody knows of.
   */
  async #propose(command: Command): Promise<CommandResult | undefined> {
    try {
      return await this.#member.propose(command)
    } catch (thrown) {
      if (thrown instanceof KeeperError && leadershipChanged.has(thrown.code)) return undefined
      throw thrown
    }
  }

  #get(key: Uint8Array): KeyValue | undefined {
    return this.#member.store.get('system', key)
  }

  /** Positive as a signed 64-bit number, as lease ids are; never 0. */
  #newId(): bigint {
    const bytes = this.#random.bytes(8)
    return (new DataView(bytes.buffer, bytes.byteOffset, 8).getBigUint64(0) >> 1n) | 1n
  }
}

const sha256 = (bytes: Uint8Array): Buffer => createHash('sha256').update(bytes).digest()

export const sessionKey = (namespace: string, id: bigint): Uint8Array => recordKey(namespace, 'session', String(id))

const instanceKey = (namespace: string, { cluster, role, instance }: ProcessIdentity): Uint8Array =>
  recordKey(namespace, 'instance', cluster, role, instance)

/** Compares that a key is still what was read. */
const unchanged = (key: Uint8Array, read: KeyValue | undefined): Compare => ({
  target: 'modRevision',
  key,
  comparison: 'equal',
  operand: read?.modRevision ?? 0,
})

const put = (key: Uint8Array, value: Uint8Array, lease: bigint): Operation => ({
  kind: 'put',
  key,
  value,
  lease,
  revisionSuffix: false,
  prevKv: false,
  ignoreValue: false,
  ignoreLease: false,
})

function putLastWord(namespace: string, lastWord: LastWordRecord): Operation {
  const { cluster, role, instance } = lastWord.identity
  return put(recordKey(namespace, 'lastword', cluster, role, instance), encodeRecord('lastword', lastWord), 0n)
}

const txnBody = (compares: readonly Compare[], success: readonly Operation[]) =>
  ({ kind: 'txn', keyspace: 'system', txn: { compares, success, failure: [] } }) as const

/** Throws E_UNAUTHENTICATED unless the secret is the session's and the process the same. */
function checkOwner(record: SessionRecord, identity: ProcessIdentity, secret: Uint8Array): void {
  const wanted = Buffer.from(record.secretHash, 'hex')
  const given = sha256(secret)
  if (wanted.length !== given.length || !timingSafeEqual(wanted, given))
    throw new KeeperError('E_UNAUTHENTICATED', 'the secret is not the session’s')
  const fields = ['cluster', 'role', 'instance', 'incarnation'] as const
  const other = fields.find((field) => record.identity[field] !== identity[field])
  if (other) throw new KeeperError('E_UNAUTHENTICATED', `the session belongs to a process with another ${other}`)
}

const leadershipChanged = new Set(['E_PROPOSAL_DROPPED', 'E_UNCERTAIN', 'E_NOT_LEADER'])

/** `by`: the process itself has a newer stream, and may want to know that it is not its name that is taken. */
export const newerStream = () =>
  new KeeperError('E_FENCED', 'a newer stream of this session took over', { by: 'attachment' })

const newerHasName = () => new KeeperError('E_FENCED', 'a newer process has this instance name')
