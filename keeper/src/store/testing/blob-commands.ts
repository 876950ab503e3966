/** For tests: what brings blobs in, and short words for what comes of it. */

import { createHash } from 'node:crypto'
import { limits } from '../../base/limits.js'
import type { CommandBody, CommandResult } from '../types.js'

export const sha256 = (bytes: Uint8Array): string => createHash('sha256').update(bytes).digest('hex')

/** Compared at once: a matcher would go through megabytes byte by byte. */
export const same = (found: Uint8Array | undefined, bytes: Buffer): boolean =>
  Buffer.compare(found ?? Buffer.alloc(0), bytes) === 0

export const code = (result: CommandResult): string => (result.ok ? 'ok' : result.code)

/** The commands that bring a blob in. */
export function chunksOf(bytes: Uint8Array, chunkBytes = limits.blobChunkBytes, hash = sha256(bytes)): CommandBody[] {
  const chunks = Math.max(1, Math.ceil(bytes.length / chunkBytes))
  return Array.from({ length: chunks }, (_, chunk) => ({
    kind: 'blobPut',
    hash,
    chunk,
    chunks,
    bytes: bytes.subarray(chunk * chunkBytes, (chunk + 1) * chunkBytes),
  }))
}
