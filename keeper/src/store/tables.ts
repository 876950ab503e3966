/** The tables that hold all that must survive, and their records in a flush. Table numbers are on disk: append only. */

import { KeeperError } from '../base/errors.js'
import type { Shelf } from './beside-values.js'
import type { Journal } from './journal.js'
import { numberBytes, readNumber } from './kv-codec.js'
import { lazily } from './lazily.js'
import { asBuffer, type Page, readPage } from './page.js'
import { PagedMap } from './paged-map.js'
import type { StateHash } from './state-hash.js'
import type { StatePut, StateReader } from './types.js'

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
/** First byte of the meta record's key; see state.ts. */
export const META = 0x6d

/** Chunks of blobs lie on disk: values, files and all that they were before. */
export const createTables = (hash: StateHash, journal: Journal, reader: StateReader): Tables =>
  Object.fromEntries(
    names.map((name) => {
      const shelf = name === 'blobChunks' ? shelfOf(reader, numbers[name]) : undefined
      return [name, new PagedMap(numbers[name], hash, journal, shelf)]
    }),
  ) as Tables

function shelfOf(reader: StateReader, table: number): Shelf {
  let generation: number | undefined
  return {
    begin: () => {
      generation ??= reader.generation
    },
    read: (id) => {
      if (reader.generation !== generation)
        throw new KeeperError('E_UNAVAILABLE', 'the state is being replaced by a snapshot')
      const value = reader.getSync(recordKey(VALUE, table, id))
      if (!value) throw new KeeperError('E_CORRUPT', `table ${table} lacks value ${id}`)
      return asBuffer(value)
    },
  }
}

/** Bytes of blobs in memory. */
export const heldBytes = ({ blobChunks }: Tables): number => blobChunks.beside.heldBytes

/** What was taken last is on disk, and can be read there. */
export function tablesFlushed(tables: Tables): void {
  for (const name of names) tables[name].flushed()
}

/** Logical bytes of all tables. */
export const tableBytes = (tables: Tables): number => names.reduce((sum, name) => sum + tables[name].bytes, 0)

/** About how many bytes of them the next flush writes. */
export const dirtyBytes = (tables: Tables): number => names.reduce((sum, name) => sum + tables[name].dirtyBytes, 0)

export function addTables(tables: Tables, hash: StateHash): void {
  for (const name of names) tables[name].addTo(hash)
}

const recordKey = (kind: number, table: number, id: number): Buffer =>
  Buffer.concat([Buffer.of(kind, table), numberBytes(id)])

/** What a flush writes of all tables: as it is now, whatever is changed before it is asked for. */
export interface TakenTables {
  readonly puts: Iterable<StatePut>
  readonly deletes: readonly Uint8Array[]
  readonly bytes: number
}

export function takeTables(tables: Tables): TakenTables {
  const taken: TakenRecord[] = []
  const deletes: Uint8Array[] = []
  let bytes = 0
  for (const name of names) {
    const { table } = tables[name]
    const { pages, fresh, freedPages, values, freedValues } = tables[name].takeChanges()
    for (const [at, page] of pages.entries())
      taken.push({ key: [PAGE, table, page.id], value: page.bytes.subarray(0, page.used), fresh: fresh[at] ?? false })
    for (const [id, value] of values) taken.push({ key: [VALUE, table, id], value, fresh: true })
    for (const id of freedPages) deletes.push(recordKey(PAGE, table, id))
    for (const id of freedValues) deletes.push(recordKey(VALUE, table, id))
  }
  for (const { value } of taken) bytes += value.length
  return { puts: lazily(() => tablePuts(taken)), deletes, bytes }
}

interface TakenRecord {
  readonly key: readonly [kind: number, table: number, id: number]
  readonly value: Buffer
  readonly fresh: boolean
}

function* tablePuts(taken: readonly TakenRecord[]): Generator<StatePut> {
  for (const { key, value, fresh } of taken) yield { key: recordKey(...key), value, fresh }
}

const newestKinds = [VALUE, META, PAGE]

/** Is a store loaded from the record under this key? From all but history, which is most of a flush and stays on disk. */
export const isNewest = (key: Uint8Array): boolean => newestKinds.includes(key[0] as number)

/** The records of a flush that a store is loaded from. */
export async function* newestRecords(
  reader: StateReader,
): AsyncGenerator<{ readonly key: Uint8Array; readonly value: Uint8Array }> {
  for (const kind of newestKinds) yield* reader.iterate({ low: Uint8Array.of(kind), high: Uint8Array.of(kind + 1) })
}

/** Fills empty tables with the records of a flush as they come, in any order; the order of their keys costs least. */
export class TableLoader {
  readonly #tables: Tables
  readonly #pages = new Map<TableName, Page[]>()
  /** Pages that came before a value of theirs. */
  readonly #late = new Map<TableName, Page[]>()
  #empty = true

  constructor(tables: Tables) {
    this.#tables = tables
  }

  /** Is it a table's record? Throws E_DATA_VERSION, E_CORRUPT. */
  add(key: Uint8Array, value: Uint8Array): boolean {
    if (key[0] !== PAGE && key[0] !== VALUE) return false
    this.#empty = false
    const name = nameOf(key[1] as number)
    const id = readNumber(Buffer.from(key), 2)
    if (key[0] === PAGE) this.#addPage(name, readPage(id, value))
    else this.#tables[name].restoreValue(id, Buffer.from(value))
    return true
  }

  /** Throws E_CORRUPT when a value is missing. */
  finish(): void {
    for (const name of names) {
      const late = this.#late.get(name) ?? []
      const lacking: Page[] = []
      for (const page of late) this.#tables[name].restorePage(page, lacking)
      if (lacking.length > 0) throw new KeeperError('E_CORRUPT', `table ${name} lacks a value`)
      this.#tables[name].restored(this.#pages.get(name) ?? [])
    }
  }

  get empty(): boolean {
    return this.#empty
  }

  #addPage(name: TableName, page: Page): void {
    listOf(this.#pages, name).push(page)
    const late: Page[] = []
    this.#tables[name].restorePage(page, late)
    if (late.length > 0) listOf(this.#late, name).push(page)
  }
}

function nameOf(table: number): TableName {
  const name = names.find((one) => numbers[one] === table)
  if (name) return name
  throw new KeeperError('E_DATA_VERSION', `unknown table ${table}`)
}

function listOf(map: Map<TableName, Page[]>, name: TableName): Page[] {
  const found = map.get(name)
  if (found !== undefined) return found
  const made: Page[] = []
  map.set(name, made)
  return made
}
