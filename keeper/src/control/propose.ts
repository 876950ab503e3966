import { createHash } from 'node:crypto'
import { KeeperError } from '../base/errors.js'
import { limits } from '../base/limits.js'
import type { Proposer } from '../node/types.js'
import { encodeCommand } from '../store/command-codec.js'
import type { Command, CommandBody, CommandResult, Txn } from '../store/types.js'

/** Room in an entry for its head and the commands that share it. */
const ENTRY_SLACK_BYTES = 64 * 1024

/** Proposes; a refused command is thrown as its KeeperError. */
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
  }
}

/** A transaction of the system keyspace as one atomic step, also when it is larger than an entry. */
export async function proposeTxn(
  proposer: Proposer,
  principal: string,
  txn: Txn,
): Promise<Extract<CommandResult, { ok: true }>> {
  const command: Command = { principal, body: { kind: 'txn', keyspace: 'system', txn } }
  const bytes = encodeCommand(command)
  if (bytes.length <= limits.entryBytesMax - ENTRY_SLACK_BYTES) return proposeBody(proposer, principal, command.body)
  const hash = createHash('sha256').update(bytes).digest('hex')
  await putBlob(proposer, principal, hash, bytes)
  return proposeBody(proposer, principal, { kind: 'blobExecute', hash })
}
