import { crc32 } from '../base/checksum.js'
import { ByteWriter } from '../base/codec.js'
import { KeeperError } from '../base/errors.js'

/**
 * Every record on disk, in both databases and in the mark file:
 *
 *     format version (1 byte) · body · CRC-32 of key, version and body (4 bytes, little-endian)
 *
 * The key is in the sum, so that a record found under another's key is noticed too. Version byte and trailing sum stay
 * where they are in every format to come: the sum is checked first, and only a sound record may claim a newer version.
 */
export const RECORD_VERSION = 1
const OVERHEAD = 5

/** A sound record: its body (a view) and its checksum. */
export interface Unsealed {
  readonly body: Buffer
  readonly sum: number
}

/** The record of `body` under `key`, and its checksum. */
export function seal(key: Uint8Array, body: Uint8Array): { record: Buffer; sum: number } {
  const record = Buffer.allocUnsafe(body.length + OVERHEAD)
  record[0] = RECORD_VERSION
  record.set(body, 1)
  const sum = crc32(record.subarray(0, body.length + 1), crc32(key))
  record.writeUInt32LE(sum, body.length + 1)
  return { record, sum }
}

/** As `seal`, behind what `written` holds: as good as what it gives. */
export function sealInto(written: ByteWriter, key: Uint8Array, body: Uint8Array): { record: Buffer; sum: number } {
  const from = written.length
  const sum = crc32(written.byte(RECORD_VERSION).raw(body).finish(from), crc32(key))
  return { record: written.uint32(sum).finish(from), sum }
}

/** A record whose body is still to be written, of about so many bytes: one copy less than `seal`. */
export const beginRecord = (bodyBytes: number): ByteWriter => new ByteWriter(bodyBytes + OVERHEAD).byte(RECORD_VERSION)

/** The record that `beginRecord` began. */
export function endRecord(key: Uint8Array, written: ByteWriter): { record: Buffer; sum: number } {
  const sum = crc32(written.finish(), crc32(key))
  return { record: written.uint32(sum).finish(), sum }
}

/** Throws E_CORRUPT when the sum does not fit, E_DATA_VERSION for a sound record of a newer format. */
export function unseal(key: Uint8Array, record: Uint8Array): Unsealed {
  const bytes = asBuffer(record)
  const end = bytes.length - 4
  if (end < 1) throw new KeeperError('E_CORRUPT', `record ${hex(key)} has ${bytes.length} bytes`)
  const sum = bytes.readUInt32LE(end)
  if (crc32(bytes.subarray(0, end), crc32(key)) !== sum)
    throw new KeeperError('E_CORRUPT', `checksum of record ${hex(key)} does not fit`)
  const version = bytes[0] ?? 0
  if (version > RECORD_VERSION)
    throw new KeeperError('E_DATA_VERSION', `record format ${version}, this keeper knows ${RECORD_VERSION}`)
  return { body: bytes.subarray(1, end), sum }
}

export const asBuffer = (bytes: Uint8Array): Buffer =>
  Buffer.isBuffer(bytes) ? bytes : Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length)

const hex = (key: Uint8Array): string => asBuffer(key).toString('hex')
