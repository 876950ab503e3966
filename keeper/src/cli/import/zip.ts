import { inflateRawSync } from 'node:zlib'
import { KeeperError } from '../../base/errors.js'

/** A file of an archive, or of a folder. */
export interface ArchivedFile {
  readonly path: string
  /** Throws E_INVALID_ARGUMENT where it is damaged or larger than it says. */
  read(): Buffer
}

const endMark = 0x06054b50
const centralMark = 0x02014b50
const localMark = 0x04034b50
const endBytes = 22
const commentBytesMax = 65_535
const [stored, deflated] = [0, 8]

/** The files of a ZIP archive (APPNOTE 6.3, without encryption and ZIP64), by its central directory. Throws E_INVALID_ARGUMENT. */
export function readZip(bytes: Buffer, fileBytesMax: number): ArchivedFile[] {
  try {
    return [...entries(bytes, fileBytesMax)]
  } catch (cause) {
    throw damaged('its directory cannot be read', cause)
  }
}

function* entries(bytes: Buffer, fileBytesMax: number): Iterable<ArchivedFile> {
  const end = endOf(bytes)
  const count = bytes.readUInt16LE(end + 10)
  let at = bytes.readUInt32LE(end + 16)
  for (let left = count; left > 0; left--) {
    if (bytes.readUInt32LE(at) !== centralMark) throw new RangeError(`no entry at ${at}`)
    const nameBytes = bytes.readUInt16LE(at + 28)
    const path = bytes.toString('utf8', at + 46, at + 46 + nameBytes).replaceAll('\\', '/')
    const entry = {
      method: bytes.readUInt16LE(at + 10),
      compressed: bytes.readUInt32LE(at + 20),
      size: bytes.readUInt32LE(at + 24),
      local: bytes.readUInt32LE(at + 42),
    }
    if (!path.endsWith('/')) yield { path, read: () => contentOf(bytes, path, entry, fileBytesMax) }
    at += 46 + nameBytes + bytes.readUInt16LE(at + 30) + bytes.readUInt16LE(at + 32)
  }
}

function endOf(bytes: Buffer): number {
  for (let at = bytes.length - endBytes; at >= Math.max(0, bytes.length - endBytes - commentBytesMax); at--)
    if (bytes.readUInt32LE(at) === endMark) return at
  throw new RangeError('no end of a central directory')
}

interface Entry {
  readonly method: number
  readonly compressed: number
  readonly size: number
  readonly local: number
}

function contentOf(
  bytes: Buffer,
  path: string,
  { method, compressed, size, local }: Entry,
  fileBytesMax: number,
): Buffer {
  if (size > fileBytesMax) throw damaged(`${path} has ${size} bytes, at most ${fileBytesMax} are read`)
  try {
    if (bytes.readUInt32LE(local) !== localMark) throw new RangeError(`no file at ${local}`)
    const start = local + 30 + bytes.readUInt16LE(local + 26) + bytes.readUInt16LE(local + 28)
    const raw = bytes.subarray(start, start + compressed)
    if (method === stored) return raw
    // What inflates to more than it says is a bomb.
    if (method === deflated) return inflateRawSync(raw, { maxOutputLength: Math.max(1, size) })
  } catch (cause) {
    throw damaged(`${path} cannot be read`, cause)
  }
  throw damaged(`${path} is compressed by method ${method}; there are store and deflate`)
}

const damaged = (why: string, cause?: unknown): KeeperError =>
  new KeeperError('E_INVALID_ARGUMENT', `the archive: ${why}`, {}, { cause })
