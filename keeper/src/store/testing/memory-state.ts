/** For tests: a store with a disk in memory under it, and short words for what it is asked. */

import { decodeText, encodeText } from '../../base/codec.js'
import { encodeBatch } from '../command-codec.js'
import { createStore, type Store } from '../store.js'
import type {
  AppliedEntry,
  Command,
  CommandBody,
  CommandResult,
  Event,
  Keyspace,
  KeyValue,
  Operation,
  PutOperation,
  RangeRequest,
  StateFlush,
  StateReader,
  Txn,
} from '../types.js'

/** The records of all flushes, ordered; reads see the moment of their call. */
export class MemoryState implements StateReader {
  readonly records = new Map<string, Buffer>()
  generation = 0

  write(flush: Pick<StateFlush, 'puts' | 'deletes'>): void {
    for (const key of flush.deletes) this.records.delete(hex(key))
    for (const { key, value } of flush.puts) this.records.set(hex(key), Buffer.from(value))
  }

  async get(key: Uint8Array): Promise<Uint8Array | undefined> {
    return this.getSync(key)
  }

  getSync(key: Uint8Array): Uint8Array | undefined {
    return this.records.get(hex(key))
  }

  iterate(range: { low: Uint8Array; high: Uint8Array; reverse?: boolean; limit?: number }) {
    const [low, high] = [hex(range.low), hex(range.high)]
    const keys = [...this.records.keys()].filter((key) => low <= key && key < high).sort()
    if (range.reverse) keys.reverse()
    return this.#replay(keys.slice(0, range.limit ?? keys.length).map((key) => [key, this.records.get(key) as Buffer]))
  }

  /** What `load` takes. */
  all(): AsyncIterable<{ key: Uint8Array; value: Uint8Array }> {
    return this.#replay([...this.records])
  }

  async *#replay(records: readonly (readonly [string, Buffer])[]) {
    for (const [key, value] of records) yield { key: Buffer.from(key, 'hex'), value }
  }
}

const hex = (bytes: Uint8Array): string => Buffer.from(bytes).toString('hex')

/** A store fed one entry after the other. */
export class TestStore {
  readonly disk = new MemoryState()
  store: Store = createStore({ reader: this.disk })
  index = 0
  term = 1

  /** Applies one entry with these commands. */
  apply(...commands: readonly (Command | CommandBody)[]): AppliedEntry {
    const whole = commands.map((one) => ('body' in one ? one : { principal: 'test', body: one }))
    const data = encodeBatch({ wallMs: 1_000 + this.index, seed: BigInt(this.index), commands: whole })
    return this.store.apply({ index: ++this.index, term: this.term, data })
  }

  /** Applies one command alone. */
  run(command: Command | CommandBody): CommandResult {
    return this.apply(command).results[0] as CommandResult
  }

  txn(txn: Partial<Txn>, keyspace: Keyspace = 'user'): CommandResult {
    return this.run(txnBody(txn, keyspace))
  }

  put(key: string, value: string, options: Partial<PutOperation> = {}): CommandResult {
    return this.txn({ success: [put(key, value, options)] })
  }

  delete(key: string, rangeEnd?: string): CommandResult {
    return this.txn({ success: [del(key, rangeEnd)] })
  }

  flush(): void {
    this.disk.write(this.store.takeFlush())
    this.store.flushed()
  }

  /** Flushes and starts again from what is on disk. */
  async restart(): Promise<void> {
    this.flush()
    await this.store.settled()
    this.store = createStore({ reader: this.disk })
    await this.store.load(this.index, this.term, this.disk.all())
  }

  async events(from: number, key = '\0', rangeEnd = '\0', keyspace: Keyspace = 'user'): Promise<Event[]> {
    const all: Event[] = []
    const range = { key: encodeText(key), rangeEnd: encodeText(rangeEnd) }
    for await (const events of this.store.eventsSince(keyspace, from, range)) all.push(...events)
    return all
  }
}

export const txnBody = (txn: Partial<Txn>, keyspace: Keyspace = 'user'): CommandBody => ({
  kind: 'txn',
  keyspace,
  txn: { compares: [], success: [], failure: [], ...txn },
})

export const put = (key: string, value: string, options: Partial<PutOperation> = {}): PutOperation => ({
  kind: 'put',
  key: encodeText(key),
  value: encodeText(value),
  lease: 0n,
  revisionSuffix: false,
  prevKv: false,
  ignoreValue: false,
  ignoreLease: false,
  ...options,
})

export const del = (key: string, rangeEnd?: string, prevKv = false): Operation => ({
  kind: 'delete',
  key: encodeText(key),
  ...(rangeEnd === undefined ? {} : { rangeEnd: encodeText(rangeEnd) }),
  prevKv,
})

export const range = (key: string, rangeEnd?: string, options: Partial<RangeRequest> = {}): RangeRequest => ({
  key: encodeText(key),
  ...(rangeEnd === undefined ? {} : { rangeEnd: encodeText(rangeEnd) }),
  limit: 0,
  revision: 0,
  keysOnly: false,
  countOnly: false,
  ...options,
})

/** `key=value@create/mod/version` with `#lease` when there is one. */
export const show = (kv: KeyValue | undefined): string =>
  kv === undefined
    ? 'none'
    : `${decodeText(kv.key)}=${decodeText(kv.value)}@${kv.createRevision}/${kv.modRevision}/${kv.version}${kv.lease === 0n ? '' : `#${kv.lease}`}`

/** `put a=1@2/2/1 was none`. */
export const showEvent = (event: Event): string =>
  `${event.type} ${event.type === 'put' ? show(event.kv) : `${decodeText(event.kv.key)}@${event.kv.modRevision}`} was ${show(event.prevKv)}`
