import { type CancelTimer, type Clock, delay } from '../base/clock.js'
import { asKeeperError } from '../base/errors.js'
import { limits } from '../base/limits.js'
import type { Logger } from '../base/logger.js'
import type { Member } from '../node/types.js'
import { decodeRecord, recordPath } from '../store/records.js'
import type { KeyValue, Operation, StoreReader } from '../store/types.js'
import { blobsOf } from './digest.js'
import { DOOMED_KEY, encodeDoomed, readDoomed } from './doomed.js'
import { parkedConfigs } from './parking.js'
import { proposeBody } from './propose.js'

export interface BlobCollectorOptions {
  readonly member: Member
  readonly clock: Clock
  readonly logger: Logger
  /** Between two rounds; default limits.blobCollectIntervalMs. */
  readonly intervalMs?: number
}

const PAGE_RECORDS = 500
/** A large value is hundreds of pieces, each a blob: a round goes through them all, list by list. */
const LISTED_MAX = 1_000

/**
 * Deletes the values and source files that no config and no history names any more. Runs on the leader. A blob is
 * deleted when two rounds in a row found it unnamed: one that a publisher has just written is safe until it is named.
 */
export class BlobCollector {
  readonly #member: Member
  readonly #clock: Clock
  readonly #logger: Logger
  readonly #intervalMs: number
  #unnamed: ReadonlySet<string> = new Set()
  /** Revision of the list that this round or the one before found or wrote. */
  #seenList = 0
  #term: number | undefined
  #isClosed = false
  #cancel: CancelTimer = () => {}
  #unlisten: () => void = () => {}
  #running: Promise<unknown> = Promise.resolve()

  constructor({ member, clock, logger, intervalMs = limits.blobCollectIntervalMs }: BlobCollectorOptions) {
    this.#member = member
    this.#clock = clock
    this.#logger = logger
    this.#intervalMs = intervalMs
  }

  start(): void {
    const { role, term } = this.#member.status()
    if (role === 'leader') this.#lead(term)
    this.#unlisten = this.#member.onLeadership((leading, newTerm) => this.#lead(leading ? newTerm : undefined))
  }

  /** Resolves once the list that is being deleted is through. */
  async close(): Promise<void> {
    this.#isClosed = true
    this.#unlisten()
    this.#lead(undefined)
    await this.#running
  }

  /** One round in `term`; resolves with how many blobs were deleted. Rejects what proposals reject. */
  async round(term: number): Promise<number> {
    const left = readDoomed(this.#member.store)
    // A list that another leader left may still have its deletes under way: it is given a round to settle.
    if (left.modRevision > 0)
      return left.modRevision === this.#seenList ? this.#finish(term) : this.#see(left.modRevision)
    const named = await this.#named()
    const unnamed = new Set([...this.#member.store.blobHashes()].filter((hash) => !named.has(hash)))
    const doomed = [...unnamed].filter((hash) => this.#unnamed.has(hash))
    this.#unnamed = unnamed
    let deleted = 0
    for (let at = 0; at < doomed.length && !this.#isClosed; at += LISTED_MAX) {
      if (!(await this.#doom(term, doomed.slice(at, at + LISTED_MAX)))) break
      deleted += await this.#finish(term)
    }
    return deleted
  }

  /** One command may take no longer than a moment, and it reads what it deletes. */
  #batches(hashes: readonly string[]): string[][] {
    const batches: string[][] = []
    let bytes = Number.POSITIVE_INFINITY
    for (const hash of hashes) {
      bytes += this.#member.store.blobBytes(hash)
      if (bytes > limits.blobDeleteBytes) {
        batches.push([])
        bytes = this.#member.store.blobBytes(hash)
      }
      batches.at(-1)?.push(hash)
    }
    return batches
  }

  #see(modRevision: number): number {
    this.#seenList = modRevision
    return 0
  }

  #lead(term: number | undefined): void {
    this.#cancel()
    this.#term = term
    this.#unnamed = new Set()
    this.#seenList = 0
    if (term !== undefined) this.#later(term)
  }

  #later(term: number): void {
    this.#cancel = this.#clock.setTimer(this.#intervalMs, () => {
      this.#running = this.round(term)
        .then((deleted) => deleted > 0 && this.#logger.info({ deleted }, 'deleted blobs that nothing names'))
        .catch((thrown) =>
          this.#logger.warn({ err: asKeeperError(thrown) }, 'collecting blobs failed; it is tried again'),
        )
        .then(() => this.#term === term && this.#later(term))
    })
  }

  /** Writes the list, if there is none and this is still the term. */
  #doom(term: number, hashes: readonly string[]): Promise<boolean> {
    const value = encodeDoomed(hashes)
    const flags = { lease: 0n, revisionSuffix: false, prevKv: false, ignoreValue: false, ignoreLease: false }
    return this.#write(term, 0, { kind: 'put', key: DOOMED_KEY, value, ...flags })
  }

  /** Deletes what is on the list and still unnamed, then the list. */
  async #finish(term: number): Promise<number> {
    const list = readDoomed(this.#member.store)
    const named = await this.#named()
    const hashes = [...list.hashes].filter((hash) => !named.has(hash))
    if (this.#term !== undefined && this.#term !== term) return 0
    for (const some of this.#batches(hashes))
      await proposeBody(this.#member, 'system', { kind: 'blobDelete', hashes: some })
    await this.#write(term, list.modRevision, { kind: 'delete', key: DOOMED_KEY, prevKv: false })
    return hashes.length
  }

  async #write(term: number, modRevision: number, operation: Operation): Promise<boolean> {
    const compares = [
      { target: 'term', term },
      { target: 'modRevision', key: DOOMED_KEY, comparison: 'equal', operand: modRevision },
    ] as const
    const txn = { compares, success: [operation], failure: [] }
    const result = await proposeBody(this.#member, 'system', { kind: 'txn', keyspace: 'system', txn })
    return result.succeeded
  }

  /** Every hash that a config or a history record of any namespace names; read page by page, so that others get their turn. */
  async #named(): Promise<Set<string>> {
    const named = new Set<string>()
    let key: Uint8Array = Buffer.from('/')
    for (;;) {
      const range = {
        key,
        rangeEnd: Buffer.from('0'),
        limit: PAGE_RECORDS,
        revision: 0,
        keysOnly: false,
        countOnly: false,
      }
      const { kvs, more } = this.#member.store.range('system', range)
      for (const kv of kvs) for (const hash of hashesOf(kv, this.#member.store)) named.add(hash)
      const last = kvs.at(-1)
      if (!more || !last) return named
      key = Buffer.concat([last.key, Buffer.from([0])])
      await delay(this.#clock, 0)
    }
  }
}

function hashesOf(kv: KeyValue, store: Pick<StoreReader, 'blob' | 'hasBlob'>): readonly string[] {
  const { kind } = recordPath(kv.key)
  if (kind === 'config') return blobsOf(decodeRecord('config', kv.value))
  if (kind === 'history') return blobsOf(decodeRecord('history', kv.value).config)
  if (kind !== 'pending') return []
  const record = decodeRecord('pending', kv.value)
  return [record.content, ...(store.hasBlob(record.content) ? parkedConfigs(store, record).flatMap(blobsOf) : [])]
}
