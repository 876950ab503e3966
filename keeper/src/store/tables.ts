/** The tables that hold all that must survive, and their records in a flush. Table numbers are on disk: append only. */

import { KeeperError } from '../base/errors.js'
import type { FlushPut } from './history.js'
import { numberBytes, readNumber } from './kv-codec.js'
import { type Page, readPage } from './page.js'
import { type Journal, PagedMap } from './paged-map.js'
import type { StateHash } from './state-hash.js'

const numbers = {
  userKv: 1,
  userLeases: 2,
  userLeaseKeys: 3,
  systemKv: 4,
  systemLeases: 5,
  systemLeaseKeys: 6,
  dedupSessions: 7,
  dedupOrder: 8,
  dedupResults: 9,
  blobs: 10,
  blobChunks: 11,
  historyMarks: 12,
} as const

export type TableName = keyof typeof numbers
export type Tables = { readonly [name in TableName]: PagedMap }

const names = Object.keys(numbers) as TableName[]
const PAGE = 0x70
const VALUE = 0x62

export const createTables = (hash: StateHash, journal: Journal): Tables =>
  Object.fromEntries(names.map((name) => [name, new PagedMap(numbers[name], hash, journal)])) as Tables

/** Logical bytes of all tables. */
export const tableBytes = (tables: Tables): number => names.reduce((sum, name) => sum + tables[name].bytes, 0)

export function addTables(tables: Tables, hash: StateHash): void {
  for (const name of names) tables[name].addTo(hash)
}

const recordKey = (kind: number, table: number, id: number): Buffer =>
  Buffer.concat([Buffer.of(kind, table), numberBytes(id)])

/** What a flush writes of all tables: as it is now, whatever is changed before it is asked for. */
export interface TakenTables {
  readonly puts: Iterable<FlushPut>
  readonly deletes: readonly Uint8Array[]
  readonly bytes: number
}

export function takeTables(tables: Tables): TakenTables {
  const taken: { key: [kind: number, table: number, id: number]; value: Buffer }[] = []
  const deletes: Uint8Array[] = []
  let bytes = 0
  for (const name of names) {
    const { table } = tables[name]
    const { pages, freedPages, values, freedValues } = tables[name].takeChanges()
    for (const page of pages) taken.push({ key: [PAGE, table, page.id], value: page.bytes.subarray(0, page.used) })
    for (const [id, value] of values) taken.push({ key: [VALUE, table, id], value })
    for (const id of freedPages) deletes.push(recordKey(PAGE, table, id))
    for (const id of freedValues) deletes.push(recordKey(VALUE, table, id))
  }
  for (const { value } of taken) bytes += value.length
  const puts = {
    *[Symbol.iterator]() {
      for (const { key, value } of taken) yield { key: recordKey(...key), value }
    },
  }
  return { puts, deletes, bytes }
}

/** Gathers the records of a flush, in any order, and fills empty tables with them. */
export class TableLoader {
  readonly #pages = new Map<number, Page[]>()
  readonly #values = new Map<number, Map<number, Buffer>>()

  /** Is it a table's record? Throws E_DATA_VERSION, E_CORRUPT. */
  add(key: Uint8Array, value: Uint8Array): boolean {
    if (key[0] !== PAGE && key[0] !== VALUE) return false
    const table = key[1] as number
    if (!names.some((name) => numbers[name] === table))
      throw new KeeperError('E_DATA_VERSION', `unknown table ${table}`)
    const id = readNumber(Buffer.from(key), 2)
    if (key[0] === PAGE) listOf(this.#pages, table, () => []).push(readPage(id, value))
    else listOf(this.#values, table, () => new Map<number, Buffer>()).set(id, Buffer.from(value))
    return true
  }

  fill(tables: Tables): void {
    for (const name of names) {
      const table = numbers[name]
      tables[name].restore(this.#pages.get(table) ?? [], this.#values.get(table) ?? new Map())
    }
  }

  get empty(): boolean {
    return this.#pages.size === 0 && this.#values.size === 0
  }
}

function listOf<T>(map: Map<number, T>, key: number, make: () => T): T {
  const found = map.get(key)
  if (found !== undefined) return found
  const made = make()
  map.set(key, made)
  return made
}
