import { createHash } from 'node:crypto'
import { KeeperError } from '../base/errors.js'
import { limits } from '../base/limits.js'
import type { Command, CommandResult } from '../store/types.js'

type Propose = (command: Command) => Promise<CommandResult>

/** Chunks of one command that are under way at once. */
const chunksInFlightMax = 4
/** How often a command is put together again after the same one of somebody else used up the blob. */
const attemptsMax = 3

/**
 * Proposes a command larger than an entry (DESIGN 12): its encoding goes into the log as a blob, piece by piece; one
 * small command then executes it, in one atomic step. The blob holds the request id too, so a retry finds the first
 * result. Rejects E_TOO_LARGE, and as `propose`.
 */
export async function proposeSpilled(command: Command, encoded: Uint8Array, propose: Propose): Promise<CommandResult> {
  if (encoded.length > limits.blobBytesMax)
    throw new KeeperError('E_TOO_LARGE', `a command of ${encoded.length} bytes; ${limits.blobBytesMax} at most`)
  const { principal } = command
  const hash = createHash('sha256').update(encoded).digest('hex')
  for (let attempt = 1; ; attempt++) {
    const refused = await putChunks(encoded, hash, principal, propose)
    if (refused) return refused
    const result = await propose({ principal, body: { kind: 'blobExecute', hash } })
    if (result.ok || result.code !== 'E_NOT_FOUND' || attempt === attemptsMax) return result
  }
}

async function putChunks(
  bytes: Uint8Array,
  hash: string,
  principal: string,
  propose: Propose,
): Promise<CommandResult | undefined> {
  const chunks = Math.ceil(bytes.length / limits.blobChunkBytes)
  for (let from = 0; from < chunks; from += chunksInFlightMax) {
    const some = Array.from({ length: Math.min(chunksInFlightMax, chunks - from) }, (_, i) => from + i)
    const results = await Promise.all(
      some.map((chunk) => {
        const part = bytes.subarray(chunk * limits.blobChunkBytes, (chunk + 1) * limits.blobChunkBytes)
        return propose({ principal, body: { kind: 'blobPut', hash, chunk, chunks, bytes: part } })
      }),
    )
    const refused = results.find((result) => !result.ok)
    if (refused) return refused
  }
  return undefined
}
