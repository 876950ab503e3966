/** All replicated state in one object, so that a snapshot replaces it in one step. */

import { ByteReader, ByteWriter } from '../base/codec.js'
import { KeeperError } from '../base/errors.js'
import { Blobs } from './blobs.js'
import { CLUSTER_VERSION, resultRunsSince, sparsePointersSince } from './cluster-version.js'
import { Collector } from './collector.js'
import { Dedup } from './dedup.js'
import { History } from './history.js'
import { isHistory } from './history-codec.js'
import { HistoryMeter, type Metered } from './history-meter.js'
import type { Journal } from './journal.js'
import { KeyspaceState } from './keyspace.js'
import { lazily } from './lazily.js'
import { StateHash } from './state-hash.js'
import {
  addTables,
  createTables,
  dirtyBytes,
  heldBytes,
  META,
  TableLoader,
  type Tables,
  tableBytes,
  tablesFlushed,
  takeTables,
} from './tables.js'
import type { Keyspace, LargeBytes, StatePut, StateReader } from './types.js'

/** 1 up to cluster version 1: keepers of then would read a later state and go on with it in their own form. */
const META_FORMATS = [1, 2]
const META_KEY = Buffer.of(META)
/** Number of the meta record in the hash; no table has it. */
const META_TABLE = 0
const EMPTY = Buffer.alloc(0)

/** One keyspace with its past. */
export interface Side {
  readonly keyspace: KeyspaceState
  readonly history: History
  readonly collector: Collector
  readonly meter: HistoryMeter
}

interface SideMeta {
  readonly revision: number
  readonly compacted: number
  readonly metered: Metered
  readonly collected: number
}

const freshSide: SideMeta = { revision: 1, compacted: 0, metered: { total: 0, base: 0, marked: 0 }, collected: 0 }

/** What the tables of a state share. */
/** What the state has to do with beside itself. */
interface Outside {
  readonly reader: StateReader
  readonly large?: LargeBytes
}

interface Ground {
  readonly tables: Tables
  readonly hash: StateHash
  readonly journal: Journal
}

function newGround(reader: StateReader): Ground {
  const [hash, journal]: [StateHash, Journal] = [new StateHash(), []]
  return { hash, journal, tables: createTables(hash, journal, reader) }
}

export class State {
  readonly journal: Journal
  readonly blobs: Blobs
  readonly dedup: Dedup
  readonly user: Side
  readonly system: Side
  clusterVersion: number
  readonly #hash: StateHash
  readonly #tables: Tables

  private constructor({ reader, large }: Outside, { tables, hash, journal }: Ground, meta: Meta) {
    this.#hash = hash
    this.#tables = tables
    this.journal = journal
    this.blobs = new Blobs(this.#tables, large)
    this.dedup = new Dedup(this.#tables)
    const t = this.#tables
    const user = { kv: t.userKv, leases: t.userLeases, leaseKeys: t.userLeaseKeys }
    const system = { kv: t.systemKv, leases: t.systemLeases, leaseKeys: t.systemLeaseKeys }
    this.user = createSide(new KeyspaceState('user', user), reader, t, meta.user)
    this.system = createSide(new KeyspaceState('system', system), reader, t, meta.system)
    this.clusterVersion = meta.clusterVersion
  }

  static empty(outside: Outside): State {
    return new State(outside, newGround(outside.reader), { user: freshSide, system: freshSide, clusterVersion: 0 })
  }

  /** The state that flushes left behind. Throws E_CORRUPT when its hash is not the one that was flushed with it. */
  static async load(outside: Outside, records: AsyncIterable<{ key: Uint8Array; value: Uint8Array }>): Promise<State> {
    const ground = newGround(outside.reader)
    const loader = new TableLoader(ground.tables)
    let meta: Uint8Array | undefined
    for await (const { key, value } of records) {
      if (isHistory(key) || loader.add(key, value)) continue
      if (Buffer.compare(key, META_KEY) !== 0)
        throw new KeeperError('E_DATA_VERSION', `state record of unknown kind ${key[0]}`)
      meta = Buffer.from(value)
    }
    if (!meta && loader.empty) return State.empty(outside)
    if (!meta) throw new KeeperError('E_CORRUPT', 'the state has no meta record')
    loader.finish()
    const state = new State(outside, ground, decodeMeta(meta))
    const flushed = new ByteReader(meta).raw(17).subarray(1).toString('latin1')
    if (state.hash() !== flushed)
      throw new KeeperError('E_CORRUPT', `state hash ${state.hash()}, but ${flushed} was flushed`)
    return state
  }

  side(keyspace: Keyspace): Side {
    return keyspace === 'user' ? this.user : this.system
  }

  hash(): string {
    return this.#withMeta(this.#hash.copy()).hex()
  }

  /** As `hash`, from scratch: slow, proves the other one. */
  recomputeHash(): string {
    const hash = new StateHash()
    addTables(this.#tables, hash)
    return this.#withMeta(hash).hex()
  }

  bytes(): number {
    return tableBytes(this.#tables) + this.user.meter.bytes + this.system.meter.bytes
  }

  dirtyBytes(): number {
    return dirtyBytes(this.#tables)
  }

  /** Bytes of large chunks of blobs that no flush has taken. */
  freshLargeBytes(): number {
    return this.#tables.blobChunks.beside.freshLargeBytes
  }

  /** Bytes of blobs in memory; the others lie on disk. */
  heldBlobBytes(): number {
    return heldBytes(this.#tables)
  }

  /** What was taken last is on disk, and can be read there. */
  flushed(): void {
    tablesFlushed(this.#tables)
  }

  takeFlush(): { puts: Iterable<StatePut>; deletes: readonly Uint8Array[]; bytes: number } {
    const { puts, deletes, bytes } = takeTables(this.#tables)
    const parts: Iterable<StatePut>[] = [puts]
    const gone = [...deletes]
    let total = bytes
    for (const { keyspace, history, collector } of [this.user, this.system]) {
      for (const key of collector.take()) gone.push(key)
      const taken = history.take(keyspace.compacted, this.clusterVersion >= sparsePointersSince)
      parts.push(taken.puts)
      total += taken.bytes
      collector.start(Math.min(keyspace.compacted, history.diskRevision))
    }
    parts.push([{ key: META_KEY, value: this.#encodeMeta() }])
    return { puts: lazily(() => allOf(parts)), deletes: gone, bytes: total }
  }

  #withMeta(hash: StateHash): StateHash {
    const logical = this.#logicalMeta().finish()
    hash.add(META_TABLE, EMPTY, logical, 0, logical.length)
    return hash
  }

  /** What every member has alike at the same index. */
  #logicalMeta(): ByteWriter {
    const to = new ByteWriter(64)
    for (const { keyspace, meter } of [this.user, this.system]) {
      const { total, base, marked } = meter.metered
      to.uint(keyspace.revision).uint(keyspace.compacted).uint(total).uint(base).uint(marked)
    }
    return to.uint(this.clusterVersion)
  }

  #encodeMeta(): Buffer {
    const to = new ByteWriter(128).byte(metaFormat(this.clusterVersion)).raw(Buffer.from(this.hash(), 'latin1'))
    to.raw(this.#logicalMeta().finish())
    return to.uint(this.user.collector.collected).uint(this.system.collector.collected).finish()
  }
}

function* allOf<T>(parts: readonly Iterable<T>[]): Generator<T> {
  for (const part of parts) yield* part
}

const metaFormat = (clusterVersion: number): number => (clusterVersion < resultRunsSince ? 1 : 2)

interface Meta {
  readonly user: SideMeta
  readonly system: SideMeta
  readonly clusterVersion: number
}

function createSide(keyspace: KeyspaceState, reader: StateReader, tables: Tables, meta: SideMeta): Side {
  keyspace.revision = meta.revision
  keyspace.compacted = meta.compacted
  return {
    keyspace,
    history: new History(keyspace.keyspace, meta.revision),
    collector: new Collector(keyspace.keyspace, reader, meta.collected),
    meter: new HistoryMeter(keyspace.keyspace, tables.historyMarks, meta.metered),
  }
}

/** Throws E_DATA_VERSION for a state of a newer keeper. */
function decodeMeta(bytes: Uint8Array): Meta {
  const from = new ByteReader(bytes)
  const format = from.byte()
  if (!META_FORMATS.includes(format)) throw new KeeperError('E_DATA_VERSION', `meta record has format ${format}`)
  from.raw(16)
  const readSide = () => ({
    revision: from.uint(),
    compacted: from.uint(),
    metered: { total: from.uint(), base: from.uint(), marked: from.uint() },
  })
  const user = readSide()
  const system = readSide()
  const clusterVersion = from.uint()
  if (clusterVersion > CLUSTER_VERSION)
    throw new KeeperError('E_DATA_VERSION', `the state has cluster version ${clusterVersion}: use a newer keeper`)
  return {
    user: { ...user, collected: from.uint() },
    system: { ...system, collected: from.uint() },
    clusterVersion,
  }
}
