import { KeeperError } from '../base/errors.js'
import { wholeBytes } from '../base/large-bytes.js'
import { limits } from '../base/limits.js'
import type { Proposer } from '../node/types.js'
import { versionOf } from '../store/cluster-version.js'
import type { CommandBody, CommandResult, StoreReader } from '../store/types.js'
import { type Blob, type LoadedPiece, loadedPieces } from './pieces.js'

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

/** What brings blobs in: a member, or what does as one. */
export interface BlobProposer extends Proposer {
  readonly store: Pick<StoreReader, 'hasBlob' | 'clusterVersion'>
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

/**
 * Writes many: small ones several at a time, so that they share entries, the first in the turn of the call; large ones one by
 * one, in pieces, of which those go into the log that are not there yet. `pause` lets others have their turn.
 */
export async function putBlobs(
  proposer: BlobProposer,
  principal: string,
  blobs: readonly Blob[],
  pause: () => Promise<void>,
): Promise<void> {
  const small = blobs.filter(isSmall)
  for (let at = 0; at < small.length; at += BLOBS_IN_FLIGHT)
    await putTogether(proposer, principal, small.slice(at, at + BLOBS_IN_FLIGHT))
  for (const blob of blobs) {
    if (isSmall(blob) || proposer.store.hasBlob(blob.hash)) continue
    if (!(await composeBlob(proposer, principal, blob, pause)))
      await putBlob(proposer, principal, blob.hash, wholeBytes(blob.bytes))
  }
}

type InMemory = Blob & { readonly bytes: Uint8Array }

/** What can be made piece by piece is not. */
const isSmall = (blob: Blob): blob is InMemory =>
  blob.bytes instanceof Uint8Array && blob.bytes.length <= limits.blobChunkBytes

const putTogether = (proposer: Proposer, principal: string, blobs: readonly InMemory[]) =>
  Promise.all(blobs.map(({ hash, bytes }) => putBlob(proposer, principal, hash, bytes)))

/** Cut without a pause: some milliseconds. */
const CUT_BYTES_PER_TURN = 2 * 1024 * 1024

/** False when it has to go in chunks: a member knows no pieces, or they would be too many. */
async function composeBlob(
  proposer: BlobProposer,
  principal: string,
  { hash, bytes }: Blob,
  pause: () => Promise<void>,
): Promise<boolean> {
  if (versionOf({ kind: 'blobCompose', hash, pieces: [] }) > proposer.store.clusterVersion()) return false
  for (let attempt = 0; attempt < limits.publishAttemptsMax; attempt++) {
    const pieces = await putPieces(proposer, principal, bytes, pause)
    if (pieces.length > limits.blobPiecesMax) return false
    const result = await proposer.propose({ principal, body: { kind: 'blobCompose', hash, pieces } })
    if (result.ok) return true
    // one that was there was collected as garbage meanwhile
    if (result.code !== 'E_NOT_FOUND') throw new KeeperError(result.code, result.message)
  }
  return false
}

/** Writes those that are not there; gives the hashes of all, in order, and stops where they are too many. */
async function putPieces(
  proposer: BlobProposer,
  principal: string,
  bytes: Blob['bytes'],
  pause: () => Promise<void>,
): Promise<readonly string[]> {
  const hashes: string[] = []
  let [missing, missingBytes, cutBytes]: [LoadedPiece[], number, number] = [[], 0, 0]
  const put = async () => {
    const some = missing
    missing = []
    missingBytes = 0
    if (some.length > 0)
      await putTogether(
        proposer,
        principal,
        some.map(({ hash, load }) => ({ hash, bytes: load() })),
      )
    await proposer.flushed?.()
  }
  for (const piece of loadedPieces(bytes)) {
    if (hashes.push(piece.hash) > limits.blobPiecesMax) break
    if (missingBytes + piece.length > limits.blobChunkBytes) await put()
    if (!proposer.store.hasBlob(piece.hash)) {
      missing.push(piece)
      missingBytes += piece.length
    }
    cutBytes += piece.length
    if (cutBytes < CUT_BYTES_PER_TURN) continue
    cutBytes = 0
    await pause()
  }
  if (missing.length > 0) await put()
  return hashes
}
