/**
 * Commands as the bytes of an entry. The first byte is the format; what this version does not know is E_HALTED,
 * never skipped. Bytes that come out are views on the entry.
 */

import { ByteReader, ByteWriter } from '../base/codec.js'
import { KeeperError } from '../base/errors.js'
import { CLUSTER_VERSION, resultRunsSince } from './cluster-version.js'
import { natural, readCode, readList, unknown } from './codec-words.js'
import { readTxn, writeTxn } from './txn-codec.js'
import type { Command, CommandBatch, CommandBody, Keyspace, RequestId } from './types.js'

const COMMAND_FORMAT = 1

type Kind = CommandBody['kind']
type Body<K extends Kind> = Extract<CommandBody, { kind: K }>

interface BodyCodec<K extends Kind> {
  readonly write: (to: ByteWriter, body: Body<K>) => void
  readonly read: (from: ByteReader) => Body<K>
}

const writeKeyspace = (to: ByteWriter, keyspace: Keyspace) => to.byte(keyspace === 'user' ? 0 : 1)

const readKeyspace = (from: ByteReader): Keyspace => readCode(from, ['user', 'system'] as const, 'keyspace')

/** Who went on at a version that it does not know would have another state than the others from there on. */
function readVersion(from: ByteReader): number {
  const version = from.uint()
  if (version > CLUSTER_VERSION) throw unknown('cluster version', version)
  return version
}

const bodies: { readonly [K in Kind]: BodyCodec<K> } = {
  txn: {
    write: (to, body) => {
      writeKeyspace(to, body.keyspace)
      writeTxn(to, body.txn)
    },
    read: (from) => ({ kind: 'txn', keyspace: readKeyspace(from), txn: readTxn(from) }),
  },
  leaseGrant: {
    write: (to, body) => writeKeyspace(to, body.keyspace).int64(body.id).uint(natural(body.ttlSeconds)),
    read: (from) => ({
      kind: 'leaseGrant',
      keyspace: readKeyspace(from),
      id: from.int64(),
      ttlSeconds: from.uint(),
    }),
  },
  leaseRevoke: {
    write: (to, body) => writeKeyspace(to, body.keyspace).int64(body.id),
    read: (from) => ({ kind: 'leaseRevoke', keyspace: readKeyspace(from), id: from.int64() }),
  },
  compact: {
    write: (to, body) => writeKeyspace(to, body.keyspace).uint(natural(body.revision)),
    read: (from) => ({ kind: 'compact', keyspace: readKeyspace(from), revision: from.uint() }),
  },
  blobPut: {
    write: (to, body) => to.text(body.hash).uint(body.chunk).uint(body.chunks).bytes(body.bytes),
    read: (from) => ({
      kind: 'blobPut',
      hash: from.text(),
      chunk: from.uint(),
      chunks: from.uint(),
      bytes: from.bytes(),
    }),
  },
  blobCompose: {
    write: (to, body) => {
      to.text(body.hash).uint(body.pieces.length)
      for (const hash of body.pieces) to.text(hash)
    },
    read: (from) => ({ kind: 'blobCompose', hash: from.text(), pieces: readList(from, () => from.text()) }),
  },
  blobDelete: {
    write: (to, body) => {
      to.uint(body.hashes.length)
      for (const hash of body.hashes) to.text(hash)
    },
    read: (from) => ({ kind: 'blobDelete', hashes: readList(from, () => from.text()) }),
  },
  blobExecute: {
    write: (to, body) => to.text(body.hash),
    read: (from) => ({ kind: 'blobExecute', hash: from.text() }),
  },
  clusterVersion: {
    write: (to, body) => to.uint(body.version),
    read: (from) => ({ kind: 'clusterVersion', version: readVersion(from) }),
  },
}

/**
 * Codes on disk and wire: append only. The second `clusterVersion` says it from version 2 on, for keepers of before take any
 * version for theirs: one that is put back after an upgrade has to halt there.
 */
const kinds: readonly Kind[] = [
  'txn',
  'leaseGrant',
  'leaseRevoke',
  'compact',
  'blobPut',
  'blobDelete',
  'blobExecute',
  'clusterVersion',
  'clusterVersion',
  'blobCompose',
]

const codeOf = (body: CommandBody): number =>
  body.kind === 'clusterVersion' && body.version >= resultRunsSince
    ? kinds.lastIndexOf(body.kind)
    : kinds.indexOf(body.kind)

function writeCommand<K extends Kind>(to: ByteWriter, command: Command, body: Body<K>): void {
  const id = command.requestId
  to.boolean(id !== undefined)
  if (id) to.int64(BigInt.asIntN(64, id.session)).uint(id.sequence).uint(id.lowWater)
  to.text(command.principal).byte(codeOf(body))
  const codec: BodyCodec<K> = bodies[body.kind as K]
  codec.write(to, body)
}

const readRequestId = (from: ByteReader): RequestId => ({
  session: from.int64(),
  sequence: from.uint(),
  lowWater: from.uint(),
})

function readCommand(from: ByteReader): Command {
  const requestId = from.boolean() ? readRequestId(from) : undefined
  const principal = from.text()
  const kind = readCode(from, kinds, 'command kind')
  const body = bodies[kind].read(from)
  return requestId ? { requestId, principal, body } : { principal, body }
}

function expectFormat(from: ByteReader): void {
  const format = from.byte()
  if (format !== COMMAND_FORMAT) throw unknown('format', format)
}

function expectEnd(from: ByteReader): void {
  if (from.remaining > 0) throw new KeeperError('E_CORRUPT', `${from.remaining} bytes behind the last command`)
}

/** One command alone: what a blob for `blobExecute` holds. Throws E_TOO_LARGE for transactions nested too deeply. */
export function encodeCommand(command: Command): Buffer {
  const to = new ByteWriter(sizeHint(command.body)).byte(COMMAND_FORMAT)
  writeCommand(to, command, command.body)
  return to.finish()
}

/** Room that is enough for a small write, so that the writer need not grow. */
function sizeHint(body: CommandBody): number {
  let bytes = 128
  if (body.kind === 'txn')
    for (const operation of body.txn.success)
      if (operation.kind === 'put') bytes += operation.key.length + operation.value.length + 32
  return bytes
}

/** Throws E_HALTED for an unknown format or kind, E_CORRUPT for what is no command. */
export function decodeCommand(bytes: Uint8Array): Command {
  const from = new ByteReader(bytes)
  expectFormat(from)
  const command = readCommand(from)
  expectEnd(from)
  return command
}

/** Some commands as bytes that can stand in any batch. */
export interface EncodedCommands {
  readonly count: number
  readonly bytes: Uint8Array
}

/** Commands for `joinBatch`. Throws as `encodeCommand`. */
export function encodeForBatch(commands: readonly Command[]): EncodedCommands {
  const to = new ByteWriter(commands.reduce((sum, { body }) => sum + sizeHint(body), 0))
  for (const command of commands) writeCommand(to, command, command.body)
  return { count: commands.length, bytes: to.finish() }
}

/** What `encodeCommand` gave, for `joinBatch`. */
export const inBatch = (encoded: Uint8Array): EncodedCommands => ({ count: 1, bytes: encoded.subarray(1) })

/** The data of one entry. Whether it fits `entryBytesMax` is for the caller to see. */
export function joinBatch(stamps: Pick<CommandBatch, 'wallMs' | 'seed'>, parts: readonly EncodedCommands[]): Buffer {
  const [count, bytes] = parts.reduce(([sum, size], part) => [sum + part.count, size + part.bytes.length], [0, 0])
  const to = new ByteWriter(bytes + 32).byte(COMMAND_FORMAT).uint(natural(stamps.wallMs))
  to.int64(BigInt.asIntN(64, stamps.seed)).uint(count)
  for (const part of parts) to.raw(part.bytes)
  return to.finish()
}

/** As `joinBatch`, of commands that nobody encoded yet. Throws as `encodeCommand`. */
export const encodeBatch = ({ commands, ...stamps }: CommandBatch): Buffer =>
  joinBatch(stamps, [encodeForBatch(commands)])

/** The commands of a batch, without its stamps; each is looked at as `decodeBatch` does, and throws what that throws. */
export function openBatch(bytes: Uint8Array): EncodedCommands {
  const from = new ByteReader(bytes)
  expectFormat(from)
  from.uint()
  from.int64()
  const count = from.uint()
  const begin = bytes.length - from.remaining
  for (let left = count; left > 0; left--) readCommand(from)
  expectEnd(from)
  return { count, bytes: bytes.subarray(begin) }
}

/** Throws as `decodeCommand`. */
export function decodeBatch(bytes: Uint8Array): CommandBatch {
  const from = new ByteReader(bytes)
  expectFormat(from)
  const wallMs = from.uint()
  const seed = from.int64()
  const commands = readList(from, () => readCommand(from))
  expectEnd(from)
  return { wallMs, seed, commands }
}
