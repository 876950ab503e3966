/**
 * A snapshot as a file, apart from any data folder:
 *
 *     magic (8 bytes) · block…
 *     block: kind (1 byte) · length (4 bytes LE) · body · CRC-32 of kind, length and body, going on from the block before
 *
 * One header, records, one end. Each sum goes on from the last, so that a block that is missing, twice or out of order
 * does not fit.
 */

import { crc32 } from '../base/checksum.js'
import { ByteReader, ByteWriter, decodeText, encodeText } from '../base/codec.js'
import { KeeperError } from '../base/errors.js'
import { limits } from '../base/limits.js'

export const SNAPSHOT_FORMAT = 1
const magic = Buffer.from('KEEPSNAP', 'latin1')
const blockKinds = { header: 1, records: 2, end: 3 } as const
const headBytes = 5

/** What a snapshot says of itself before its records. */
export interface SnapshotHeader {
  readonly format: number
  readonly clusterId: string
  readonly storeEpoch: number
  readonly memberName: string
  readonly index: number
  readonly term: number
  /** Revisions of the two keyspaces. */
  readonly userRevision: number
  readonly systemRevision: number
  readonly records: number
  readonly wallMs: number
  /** Of the program that wrote it. */
  readonly version: string
}

interface StateRecord {
  readonly key: Uint8Array
  readonly value: Uint8Array
}

/** The file in pieces, each with how many records have gone into the file with it. */
export async function* encodeSnapshot(
  header: SnapshotHeader,
  records: AsyncIterable<StateRecord>,
): AsyncGenerator<{ bytes: Buffer; records: number }> {
  const sealer = new Sealer()
  yield { bytes: Buffer.concat([magic, sealer.seal('header', encodeText(JSON.stringify(header)))]), records: 0 }
  let count = 0
  let block = new ByteWriter()
  for await (const { key, value } of records) {
    block.bytes(key).bytes(value)
    count++
    if (block.length < limits.snapshotChunkBytes) continue
    yield { bytes: sealer.seal('records', block.finish()), records: count }
    block = new ByteWriter()
  }
  if (block.length > 0) yield { bytes: sealer.seal('records', block.finish()), records: count }
  yield { bytes: sealer.seal('end', encodeText(JSON.stringify({ records: count }))), records: count }
}

/** Reads a file. Rejects E_BAD_SNAPSHOT, E_DATA_VERSION; `records` does so where the damage is. To be iterated once. */
export async function decodeSnapshot(
  pieces: AsyncIterable<Uint8Array>,
): Promise<{ header: SnapshotHeader; records: AsyncIterable<StateRecord> }> {
  const blocks = readBlocks(pieces)
  const first = await blocks.next()
  if (first.done || first.value.kind !== blockKinds.header) throw bad('it does not begin with a header')
  const header = JSON.parse(decodeText(first.value.body)) as SnapshotHeader
  if (header.format > SNAPSHOT_FORMAT)
    throw new KeeperError('E_DATA_VERSION', `snapshot format ${header.format}, this keeper knows ${SNAPSHOT_FORMAT}`)
  return { header, records: readRecords(blocks) }
}

interface Block {
  readonly kind: number
  readonly body: Buffer
}

async function* readRecords(blocks: AsyncGenerator<Block>): AsyncGenerator<StateRecord> {
  let count = 0
  let ended = false
  for await (const { kind, body } of blocks) {
    if (ended) throw bad('something stands behind its end')
    if (kind === blockKinds.end) {
      const { records } = JSON.parse(decodeText(body)) as { records: number }
      if (records !== count) throw bad(`it has ${count} records, and should have ${records}`)
      ended = true
      continue
    }
    if (kind !== blockKinds.records) throw bad(`block of kind ${kind}`)
    const reader = new ByteReader(body)
    for (; reader.remaining > 0; count++) yield { key: reader.bytes(), value: reader.bytes() }
  }
  if (!ended) throw bad('its end is missing')
}

/** The blocks, each with its sum checked. */
async function* readBlocks(pieces: AsyncIterable<Uint8Array>): AsyncGenerator<Block> {
  let held = Buffer.alloc(0)
  let begun = false
  let sum = 0
  for await (const piece of pieces) {
    held = Buffer.concat([held, piece])
    if (!begun) {
      if (held.length < magic.length) continue
      if (!held.subarray(0, magic.length).equals(magic)) throw bad('it is no snapshot of a keeper')
      held = held.subarray(magic.length)
      begun = true
    }
    for (;;) {
      if (held.length < headBytes) break
      const length = held.readUInt32LE(1)
      if (length > limits.snapshotBlockBytesMax) throw bad(`a block of ${length} bytes`)
      const end = headBytes + length
      if (held.length < end + 4) break
      sum = crc32(held.subarray(0, end), sum)
      if (held.readUInt32LE(end) !== sum) throw bad('a checksum does not fit')
      yield { kind: held[0] ?? 0, body: held.subarray(headBytes, end) }
      held = held.subarray(end + 4)
    }
  }
  if (!begun || held.length > 0) throw bad('it is cut off')
}

class Sealer {
  #sum = 0

  seal(kind: keyof typeof blockKinds, body: Uint8Array): Buffer {
    const block = Buffer.allocUnsafe(headBytes + body.length + 4)
    block[0] = blockKinds[kind]
    block.writeUInt32LE(body.length, 1)
    block.set(body, headBytes)
    this.#sum = crc32(block.subarray(0, headBytes + body.length), this.#sum)
    block.writeUInt32LE(this.#sum, headBytes + body.length)
    return block
  }
}

const bad = (why: string) => new KeeperError('E_BAD_SNAPSHOT', `the file is no whole snapshot: ${why}`)
