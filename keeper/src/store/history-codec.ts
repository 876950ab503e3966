/**
 * History on disk. Records of some consecutive revisions, each with all its events and what was before (`e`, under the
 * first of them), and pointers from the key of a replaced or deleted version to the revision that ended it (`k`). The state
 * of a key at revision R is what the first event of the key behind R found, or the newest version when there is none. An
 * event is found by its pointer or, where that was left out, by going back from a later one of the key.
 */

import { ByteReader, type ByteWriter } from '../base/codec.js'
import { KeeperError } from '../base/errors.js'
import { readList } from './codec-words.js'
import { numberBytes, readNumber, writeNumber } from './kv-codec.js'
import { keyText } from './page.js'
import type { Event, Keyspace, KeyValue } from './types.js'

const HISTORY_FORMAT = 1
/** First byte of a chunk; a record that stands alone begins with its own format. */
export const CHUNK_FORMAT = 2
const POINTED_EVERY = 16
const HISTORY = 0x65
const POINTER = 0x6b

const keyspaceByte = (keyspace: Keyspace): number => (keyspace === 'user' ? 0 : 1)

/** Key of the chunk that begins with `revision`. */
export const historyKey = (keyspace: Keyspace, revision: number): Buffer =>
  Buffer.concat([Buffer.of(HISTORY, keyspaceByte(keyspace)), numberBytes(revision)])

/** The first revision of a chunk, from its key. */
export const historyRevision = (key: Uint8Array): number => readNumber(Buffer.from(key), 2)

export const isHistory = (key: Uint8Array): boolean => key[0] === HISTORY || key[0] === POINTER

/** Order-preserving and free of prefixes: a zero byte becomes 0 255, the end is 0 0. */
function escapeKey(key: Uint8Array): Buffer {
  if (!key.includes(0)) return Buffer.concat([key, Buffer.of(0, 0)])
  const escaped: number[] = []
  for (const byte of key) escaped.push(...(byte === 0 ? [0, 0xff] : [byte]))
  return Buffer.from([...escaped, 0, 0])
}

function unescapeKey(escaped: Uint8Array): Buffer {
  const plain = Buffer.alloc(escaped.length)
  let to = 0
  for (let at = 0; at < escaped.length - 2; at++) {
    plain[to++] = escaped[at] as number
    if (escaped[at] === 0) at++
  }
  return plain.subarray(0, to)
}

const pointerPrefix = (keyspace: Keyspace): Buffer => Buffer.of(POINTER, keyspaceByte(keyspace))

/** Key of the pointer from `key` to the revision that ended one of its versions. */
export function pointerKey(keyspace: Keyspace, key: Uint8Array, revision: number): Buffer {
  if (key.includes(0)) return Buffer.concat([pointerPrefix(keyspace), escapeKey(key), numberBytes(revision)])
  const bytes = Buffer.allocUnsafe(key.length + 12)
  bytes[0] = POINTER
  bytes[1] = keyspaceByte(keyspace)
  bytes.set(key, 2)
  bytes.writeUInt16BE(0, key.length + 2)
  writeNumber(bytes, key.length + 4, revision)
  return bytes
}

/** Where the pointers of keys ≥ `key` begin; without `key`: behind all of the keyspace. */
export const pointerBound = (keyspace: Keyspace, key: Uint8Array | undefined): Buffer =>
  key ? Buffer.concat([pointerPrefix(keyspace), escapeKey(key)]) : Buffer.of(POINTER, keyspaceByte(keyspace) + 1)

export function readPointer(pointer: Uint8Array): { key: Buffer; revision: number } {
  const bytes = Buffer.from(pointer.buffer, pointer.byteOffset, pointer.length)
  const end = bytes.length - 8
  return { key: unescapeKey(bytes.subarray(2, end)), revision: readNumber(bytes, end) }
}

function writeVersion(to: ByteWriter, kv: KeyValue): void {
  to.uint(kv.createRevision).uint(kv.version)
  to.boolean(kv.lease !== 0n)
  if (kv.lease !== 0n) to.int64(kv.lease)
  to.bytes(kv.value)
}

function readVersion(from: ByteReader, key: Uint8Array, modRevision: number): KeyValue {
  const createRevision = from.uint()
  const version = from.uint()
  const lease = from.boolean() ? from.int64() : 0n
  return { key, value: from.bytes(), createRevision, modRevision, version, lease }
}

/** Appends the record of one revision. */
export function writeHistory(to: ByteWriter, events: readonly Event[]): void {
  to.byte(HISTORY_FORMAT).uint(events.length)
  for (const event of events) {
    to.byte((event.type === 'put' ? 1 : 0) | (event.prevKv ? 2 : 0)).bytes(event.kv.key)
    if (event.type === 'put') writeVersion(to, event.kv)
    if (event.prevKv) writeVersion(to.uint(event.prevKv.modRevision), event.prevKv)
  }
}

/** The records of a chunk, views on it, one for each revision. Throws E_CORRUPT. */
export function readChunk(chunk: Uint8Array): Buffer[] {
  const from = new ByteReader(chunk)
  const format = from.byte()
  if (format === HISTORY_FORMAT) return [Buffer.from(chunk.buffer, chunk.byteOffset, chunk.length)]
  if (format !== CHUNK_FORMAT) throw new KeeperError('E_DATA_VERSION', `history has format ${format}`)
  const records: Buffer[] = []
  while (from.remaining > 0) records.push(from.raw(from.uint32()))
  return records
}

/** Keys of which the events of a record ended a version: views on it. */
export const endedKeys = (record: Uint8Array): Buffer[] => onceEach(keysEnded(record, false))

/**
 * Those of them that need a pointer, when a version can be found from the next version's own record: one that was deleted
 * has no next one, and every so many are pointed to all the same, so that nobody has far to go.
 */
export const pointedKeys = (record: Uint8Array): Buffer[] => onceEach(keysEnded(record, true))

/** Of two transactions within one, the second may delete what the first put. */
function onceEach(keys: Buffer[]): Buffer[] {
  if (keys.length < 2) return keys
  return [...new Map(keys.map((key) => [keyText(key), key])).values()]
}

/** Do any of a revision's events end a version that needs a pointer? */
export const anyPointed = (events: readonly Event[]): boolean =>
  events.some(({ type, prevKv }) => prevKv !== undefined && (type === 'delete' || prevKv.version % POINTED_EVERY === 0))

function keysEnded(record: Uint8Array, sparse: boolean): Buffer[] {
  const from = new ByteReader(record)
  const keys: Buffer[] = []
  from.byte()
  for (let left = from.uint(); left > 0; left--) {
    const flags = from.byte()
    const key = from.bytes()
    if (flags & 1) skipVersion(from)
    if (!(flags & 2)) continue
    from.uint()
    const version = skipVersion(from)
    if (!sparse || !(flags & 1) || version % POINTED_EVERY === 0) keys.push(key)
  }
  return keys
}

/** Gives the version's number. */
function skipVersion(from: ByteReader): number {
  from.uint()
  const version = from.uint()
  if (from.boolean()) from.skip(8)
  from.skip(from.uint())
  return version
}

/** Views on `record`. Throws E_DATA_VERSION, E_CORRUPT. */
export function readHistory(keyspace: Keyspace, revision: number, record: Uint8Array): Event[] {
  const from = new ByteReader(record)
  const format = from.byte()
  if (format !== HISTORY_FORMAT) throw new KeeperError('E_DATA_VERSION', `history has format ${format}`)
  return readList(from, () => readEvent(from, keyspace, revision))
}

function readEvent(from: ByteReader, keyspace: Keyspace, revision: number): Event {
  const flags = from.byte()
  const key = from.bytes()
  const type = flags & 1 ? 'put' : 'delete'
  const kv: KeyValue =
    type === 'put'
      ? readVersion(from, key, revision)
      : { key, value: Buffer.alloc(0), createRevision: 0, modRevision: revision, version: 0, lease: 0n }
  if (!(flags & 2)) return { keyspace, type, kv }
  const before = from.uint()
  return { keyspace, type, kv, prevKv: readVersion(from, key, before) }
}
