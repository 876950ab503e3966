import {
  decodeClientFrame,
  decodeConfigChange,
  decodeServerFrame,
  decodeStatus,
  encodeClientFrame,
  encodeConfigChange,
  encodeServerFrame,
  encodeStatus,
} from './gen/codecs.js'
import type { ClientFrame, ClientFrame__Output } from './gen/keeper/v1/ClientFrame.js'
import type { ConfigChange, ConfigChange__Output } from './gen/keeper/v1/ConfigChange.js'
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
export const status: Codec<Status, Status__Output> = { encode: encodeStatus, decode: decodeStatus }

// Field numbers of session.proto: ServerFrame.push = 2; Push.store_epoch = 1, .revision = 2, .changes = 3.
const SERVER_FRAME_PUSH = (2 << 3) | 2
const PUSH_STORE_EPOCH = (1 << 3) | 0
const PUSH_REVISION = (2 << 3) | 0
const PUSH_CHANGES = (3 << 3) | 2

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

/**
 * A ServerFrame with a Push, joined from changes that were encoded once (`configChange.encode`): the value's bytes
 * are copied, never serialized again. The same bytes that `serverFrame.encode` would give.
 */
export function joinPush(storeEpoch: number, revision: number, changes: readonly Uint8Array[]): Buffer {
  const head = Buffer.from([
    ...(storeEpoch > 0 ? [PUSH_STORE_EPOCH, ...varint(storeEpoch)] : []),
    ...(revision > 0 ? [PUSH_REVISION, ...varint(revision)] : []),
  ])
  const parts = changes.flatMap((change) => [Buffer.from([PUSH_CHANGES, ...varint(change.length)]), change])
  const length = parts.reduce((sum, part) => sum + part.length, head.length)
  return Buffer.concat([Buffer.from([SERVER_FRAME_PUSH, ...varint(length)]), head, ...parts])
}
