import { isUtf8 } from 'node:buffer'
import { limits } from '../base/limits.js'
import { compactJson } from './compact-json.js'
import type { ConfigGroup, GroupFile } from './group.js'
import { plainYaml } from './plain-yaml.js'

/**
 * The canonical JSON of a config that is one large file of plain data, out of the file's bytes: no text and no value is
 * made of it, which would be several times its size in memory. Undefined where the config has more than that file, the
 * file has a placeholder, or any of it is not surely what it seems: then it is parsed.
 */
export function plainValueOf({ bases, overlays, overlayLists, schemas }: ConfigGroup): Uint8Array | undefined {
  const [base] = bases
  return base && bases.length + overlays.length + overlayLists.length + schemas.length === 1
    ? plainBytes(base)
    : undefined
}

/** As plainValueOf, of one file. */
export function plainBytes({ file: { bytes }, format }: GroupFile, bytesMin = plainBytesMin): Uint8Array | undefined {
  if (bytes.length < bytesMin || bytes.length > limits.fileBytesMax || !isUtf8(bytes)) return undefined
  if (Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length).includes('${')) return undefined
  if (format === 'yaml') return plainYaml(bytes)
  return format === 'json' || format === 'jsonc' ? compactJson(bytes) : undefined
}

const plainBytesMin = 256 * 1024
