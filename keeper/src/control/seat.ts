import { type Clock, delay } from '../base/clock.js'
import { asKeeperError } from '../base/errors.js'
import { limits } from '../base/limits.js'
import type { Logger } from '../base/logger.js'
import type { Random } from '../base/random.js'
import type { Member } from '../node/types.js'
import type { SeatRecord } from '../store/config-records.js'
import { decodeRecord, encodeRecord, recordKey } from '../store/records.js'
import type { Compare, KeyValue, Operation } from '../store/types.js'
import { proposeBody } from './propose.js'
import { watchRecords } from './record-watch.js'

export interface SeatOptions {
  readonly member: Member
  readonly clock: Clock
  readonly random: Random
  readonly logger: Logger
  readonly namespace: string
  readonly source: string
  /** Of this member, for the others to read. */
  readonly memberName: string
  readonly directory: string
  /** Told when the seat becomes this member's, or another's. */
  readonly onChange: () => void
}

/**
 * One of the members that watch a directory for the same source publishes, the others stand by: whoever has the seat, a
 * record on a lease. A member that dies loses it with the lease; one that stops gives it back at once. What the holder
 * publishes compares that the seat is still the one it had, so two never write for one source.
 */
export class Seat {
  readonly #options: SeatOptions
  readonly #key: Uint8Array
  readonly #stop = new AbortController()
  #stopWatching: () => void = () => {}
  #running: Promise<void> = Promise.resolve()
  #wake = new AbortController()
  /** Somebody else shall have it until then. */
  #passUntil = 0
  #told = ''

  constructor(options: SeatOptions) {
    this.#options = options
    this.#key = recordKey(options.namespace, 'seat', options.source)
  }

  start(): void {
    const { member, namespace, source } = this.#options
    this.#stopWatching = watchRecords(member, namespace, ['seat'], ({ path }) => {
      if (path === source || path === '') this.#wake.abort()
    })
    this.#running = this.#keepUp()
  }

  /** Gives the seat back, so that another member need not wait for its lease to run out. */
  async close(): Promise<void> {
    this.#stop.abort()
    this.#wake.abort()
    this.#stopWatching()
    await this.#running
    await this.#leave().catch(() => {})
  }

  /** Who has it, as far as is known here. */
  holder(): SeatRecord | undefined {
    const kv = this.#read()
    return kv && decodeRecord('seat', kv.value)
  }

  /** The condition under which this member may publish; undefined while the seat is not its own. */
  condition(): Compare | undefined {
    const kv = this.#read()
    if (!kv || !this.#isMine(kv) || this.#stop.signal.aborted) return undefined
    return { target: 'createRevision', key: this.#key, comparison: 'equal', operand: kv.createRevision }
  }

  /** Lets another member have it, one that has a better folder maybe; asks again after a while. */
  async pass(): Promise<void> {
    this.#passUntil = this.#options.clock.monotonic() + limits.seatPassMs
    await this.#leave().catch(() => {})
  }

  /** The folder is another one now: no reason to let others go first. */
  contend(): void {
    this.#passUntil = 0
    this.#wake.abort()
  }

  async #keepUp(): Promise<void> {
    const { clock, logger } = this.#options
    while (!this.#stop.signal.aborted) {
      await this.#round().catch((thrown) => logger.debug({ code: asKeeperError(thrown).code }, 'the seat waits'))
      this.#tell()
      if (!this.#wake.signal.aborted) await delay(clock, limits.seatCheckMs, this.#wake.signal).catch(() => {})
      this.#wake = new AbortController()
      if (this.#stop.signal.aborted) this.#wake.abort()
    }
  }

  async #round(): Promise<void> {
    const kv = this.#read()
    if (kv && this.#isMine(kv)) await this.#options.member.renewLeases('system', [kv.lease])
    else if (!kv && this.#options.clock.monotonic() >= this.#passUntil) await this.#take()
  }

  /** Whoever is first has it. */
  async #take(): Promise<void> {
    const { member, clock, random, memberName, directory } = this.#options
    const id = (Buffer.from(random.bytes(8)).readBigUInt64BE() >> 1n) | 1n
    const own = member.status().identity.memberId
    const record: SeatRecord = { v: 1, member: own, name: memberName, directory, sinceWallMs: clock.wall() }
    const put: Operation = {
      ...{ kind: 'put', key: this.#key, value: encodeRecord('seat', record), lease: id },
      ...{ revisionSuffix: false, prevKv: false, ignoreValue: false, ignoreLease: false },
    }
    const compares: Compare[] = [{ target: 'createRevision', key: this.#key, comparison: 'equal', operand: 0 }]
    const success: Operation[] = [{ kind: 'leaseGrant', id, ttlSeconds: limits.seatTtlSeconds }, put]
    await proposeBody(member, 'system', { kind: 'txn', keyspace: 'system', txn: { compares, success, failure: [] } })
  }

  async #leave(): Promise<void> {
    const kv = this.#read()
    if (!kv || !this.#isMine(kv)) return
    await proposeBody(this.#options.member, 'system', { kind: 'leaseRevoke', keyspace: 'system', id: kv.lease })
  }

  #read(): KeyValue | undefined {
    return this.#options.member.store.get('system', this.#key)
  }

  /** One that this very member had before it was started again is its own still. */
  #isMine(kv: KeyValue): boolean {
    return decodeRecord('seat', kv.value).member === this.#options.member.status().identity.memberId
  }

  #tell(): void {
    const kv = this.#read()
    const now = kv ? `${decodeRecord('seat', kv.value).member} ${kv.createRevision}` : ''
    if (now === this.#told || this.#stop.signal.aborted) return
    this.#told = now
    this.#options.onChange()
  }
}
