import { KeeperError } from '../base/errors.js'
import { limits } from '../base/limits.js'
import type { Proposer } from '../node/types.js'
import type { CommandBody, CommandResult } from '../store/types.js'

/** Proposes; a refused command is thrown as its KeeperError. One larger than an entry is the proposer's to split. */
export async function proposeBody(
  proposer: Proposer,
  principal: string,
  body: CommandBody,
): Promise<Extract<CommandResult, { ok: true }>> {
  const result = await proposer.propose({ principal, body })
  if (!result.ok) throw new KeeperError(result.code, result.message)
  return result
}

/** Writes a blob in chunks; writing one that is there already changes nothing. */
export async function putBlob(proposer: Proposer, principal: string, hash: string, bytes: Uint8Array): Promise<void> {
  const chunks = Math.max(1, Math.ceil(bytes.length / limits.blobChunkBytes))
  for (let chunk = 0; chunk < chunks; chunk++) {
    const start = chunk * limits.blobChunkBytes
    const piece = bytes.subarray(start, start + limits.blobChunkBytes)
    await proposeBody(proposer, principal, { kind: 'blobPut', hash, chunk, chunks, bytes: piece })
    if (chunks > 1) await proposer.flushed?.()
  }
}

/** Proposed in one turn. */
export const BLOBS_IN_FLIGHT = 64

/** Writes many: small ones several at a time, so that they share entries, the first in the turn of the call; large ones one by one. */
export async function putBlobs(
  proposer: Proposer,
  principal: string,
  blobs: readonly { readonly hash: string; readonly bytes: Uint8Array }[],
): Promise<void> {
  const small = blobs.filter(({ bytes }) => bytes.length <= limits.blobChunkBytes)
  for (let at = 0; at < small.length; at += BLOBS_IN_FLIGHT) {
    const some = small.slice(at, at + BLOBS_IN_FLIGHT)
    await Promise.all(some.map(({ hash, bytes }) => putBlob(proposer, principal, hash, bytes)))
  }
  for (const { hash, bytes } of blobs)
    if (bytes.length > limits.blobChunkBytes) await putBlob(proposer, principal, hash, bytes)
}
