import {
  decodeClientFrame,
  decodeConfigChange,
  decodePush,
  decodeServerFrame,
  decodeStatus,
  encodeClientFrame,
  encodeConfigChange,
  encodePush,
  encodeServerFrame,
  encodeStatus,
} from './gen/codecs.js'
import type { ClientFrame, ClientFrame__Output } from './gen/keeper/v1/ClientFrame.js'
import type { ConfigChange, ConfigChange__Output } from './gen/keeper/v1/ConfigChange.js'
import type { Push, Push__Output } from './gen/keeper/v1/Push.js'
import type { ServerFrame, ServerFrame__Output } from './gen/keeper/v1/ServerFrame.js'
import type { Status, Status__Output } from './gen/keeper/v1/Status.js'

/** Turns messages into bytes and back; `decode` throws on what is no such message. Bytes read are views of what they came in. */
export interface Codec<Input, Output> {
  encode(message: Input): Buffer
  decode(bytes: Uint8Array): Output
}

export const clientFrame: Codec<ClientFrame, ClientFrame__Output> = {
  encode: encodeClientFrame,
  decode: decodeClientFrame,
}
export const serverFrame: Codec<ServerFrame, ServerFrame__Output> = {
  encode: encodeServerFrame,
  decode: decodeServerFrame,
}
export const configChange: Codec<ConfigChange, ConfigChange__Output> = {
  encode: encodeConfigChange,
  decode: decodeConfigChange,
}
export const push: Codec<Push, Push__Output> = { encode: encodePush, decode: decodePush }
export const status: Codec<Status, Status__Output> = { encode: encodeStatus, decode: decodeStatus }

// Field numbers of session.proto: ServerFrame.push = 2; Push.store_epoch = 1, .revision = 2, .changes = 3;
// ConfigChange.value = 4; ServerFrame.chunk = 3; PushChunk.total_bytes = 1, .offset = 2, .bytes = 3.
const SERVER_FRAME_PUSH = (2 << 3) | 2
const SERVER_FRAME_CHUNK = (3 << 3) | 2
const PUSH_STORE_EPOCH = (1 << 3) | 0
const PUSH_REVISION = (2 << 3) | 0
const PUSH_CHANGES = (3 << 3) | 2
const CHANGE_VALUE = (4 << 3) | 2
const CHUNK_TOTAL_BYTES = (1 << 3) | 0
const CHUNK_OFFSET = (2 << 3) | 0
const CHUNK_BYTES = (3 << 3) | 2

function varint(value: number): number[] {
  const bytes: number[] = []
  let rest = value
  while (rest >= 0x80) {
    bytes.push((rest % 128) | 0x80)
    rest = Math.floor(rest / 128)
  }
  bytes.push(rest)
  return bytes
}

/** A message as views of what it is made of, in order: what is large in it is not copied, or not even there yet. */
export type Parts = readonly (Uint8Array | LoadedPart)[]

/** Bytes that are loaded when they are sent. */
export interface LoadedPart {
  readonly length: number
  /** Those from `from` to `to`, as views of what they lie in. */
  read(from: number, to: number): readonly Uint8Array[]
}

/** The same bytes that `configChange.encode` would give. */
export function partsOfChange({
  value,
  ...rest
}: Omit<ConfigChange, 'value'> & { readonly value: Uint8Array | LoadedPart }): Parts {
  if (value.length === 0) return [configChange.encode(rest)]
  // behind the value stand the fields of higher numbers
  const { committedUnixMs = 0, secret = false, ...head } = rest
  const begin = Buffer.from([CHANGE_VALUE, ...varint(value.length)])
  return [configChange.encode(head), begin, value, configChange.encode({ committedUnixMs, secret })]
}

/** A Push of changes that were encoded once, without the ServerFrame around it. */
export function partsOfPush(storeEpoch: number, revision: number, changes: readonly Parts[]): Parts {
  const head = Buffer.from([
    ...(storeEpoch > 0 ? [PUSH_STORE_EPOCH, ...varint(storeEpoch)] : []),
    ...(revision > 0 ? [PUSH_REVISION, ...varint(revision)] : []),
  ])
  return [head, ...changes.flatMap((parts) => [Buffer.from([PUSH_CHANGES, ...varint(lengthOf(parts))]), ...parts])]
}

/** All of them in one buffer. */
export const joinParts = (parts: Parts): Buffer => Buffer.concat(viewsOf(parts, 0, lengthOf(parts)))

/** The ServerFrame of a Push: the values' bytes are copied, never serialized again. The same bytes that `serverFrame.encode` would give. */
export const joinPush = (push: Parts): Buffer =>
  joinParts([Buffer.from([SERVER_FRAME_PUSH, ...varint(lengthOf(push))]), ...push])

/**
 * The ServerFrame with a PushChunk: the bytes of a serialized Push from `offset` on, at most `most`, as views of the parts that
 * they lie in, and before them what says so.
 */
export function partsOfChunk(
  push: Parts,
  offset: number,
  most: number,
): [head: Buffer, ...rest: readonly Uint8Array[]] {
  const totalBytes = lengthOf(push)
  const pieces = viewsOf(push, offset, Math.min(totalBytes, offset + most))
  const bytes = lengthOf(pieces)
  const inner = [
    ...[CHUNK_TOTAL_BYTES, ...varint(totalBytes)],
    ...(offset > 0 ? [CHUNK_OFFSET, ...varint(offset)] : []),
    ...[CHUNK_BYTES, ...varint(bytes)],
  ]
  return [Buffer.from([SERVER_FRAME_CHUNK, ...varint(inner.length + bytes), ...inner]), ...pieces]
}

function viewsOf(parts: Parts, from: number, to: number): readonly Uint8Array[] {
  const found: Uint8Array[] = []
  let start = 0
  for (const part of parts) {
    const [begin, end] = [Math.max(from - start, 0), Math.min(to - start, part.length)]
    if (begin < end && part instanceof Uint8Array) found.push(part.subarray(begin, end))
    else if (begin < end) found.push(...(part as LoadedPart).read(begin, end))
    start += part.length
  }
  return found
}

export const lengthOf = (parts: Parts): number => parts.reduce((sum, { length }) => sum + length, 0)
