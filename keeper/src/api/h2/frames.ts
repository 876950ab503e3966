/** HTTP/2 frames as bytes: RFC 9113, sections 4, 6 and 7. */

export const PREFACE = Buffer.from('PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n', 'latin1')
export const FRAME_HEADER_BYTES = 9
/** The least that every peer takes, and the most that we take (SETTINGS_MAX_FRAME_SIZE is left at its default). */
export const FRAME_PAYLOAD_MAX = 16_384
export const WINDOW_DEFAULT = 65_535
export const WINDOW_MAX = 0x7fff_ffff
export const HEADER_TABLE_DEFAULT = 4_096

export const FrameType = {
  data: 0,
  headers: 1,
  priority: 2,
  reset: 3,
  settings: 4,
  pushPromise: 5,
  ping: 6,
  goaway: 7,
  windowUpdate: 8,
  continuation: 9,
} as const

export const Flag = { endStream: 0x1, ack: 0x1, endHeaders: 0x4, padded: 0x8, priority: 0x20 } as const

export const Setting = {
  headerTableSize: 1,
  enablePush: 2,
  maxConcurrentStreams: 3,
  initialWindowSize: 4,
  maxFrameSize: 5,
} as const

export const ErrorCode = {
  none: 0,
  protocol: 1,
  internal: 2,
  flowControl: 3,
  settingsTimeout: 4,
  streamClosed: 5,
  frameSize: 6,
  refusedStream: 7,
  cancel: 8,
  compression: 9,
  enhanceYourCalm: 11,
} as const

export type ErrorCode = (typeof ErrorCode)[keyof typeof ErrorCode]

/** The peer broke the protocol, or a limit: the connection ends with GOAWAY of `code`. */
export class ConnectionError extends Error {
  override readonly name = 'ConnectionError'
  readonly code: ErrorCode

  constructor(code: ErrorCode, message: string) {
    super(message)
    this.code = code
  }
}

export function writeFrameHeader(
  to: Buffer,
  at: number,
  length: number,
  type: number,
  flags: number,
  id: number,
): void {
  to.writeUIntBE(length, at, 3)
  to[at + 3] = type
  to[at + 4] = flags
  to.writeUInt32BE(id, at + 5)
}

export function frame(type: number, flags: number, id: number, payload: Uint8Array): Buffer {
  const bytes = Buffer.allocUnsafe(FRAME_HEADER_BYTES + payload.length)
  writeFrameHeader(bytes, 0, payload.length, type, flags, id)
  bytes.set(payload, FRAME_HEADER_BYTES)
  return bytes
}

export function settingsFrame(settings: readonly (readonly [id: number, value: number])[]): Buffer {
  const payload = Buffer.alloc(settings.length * 6)
  for (const [at, [id, value]] of settings.entries()) {
    payload.writeUInt16BE(id, at * 6)
    payload.writeUInt32BE(value, at * 6 + 2)
  }
  return frame(FrameType.settings, 0, 0, payload)
}

export const settingsAck = frame(FrameType.settings, Flag.ack, 0, Buffer.alloc(0))

export const pingFrame = (flags: number, payload: Uint8Array): Buffer => frame(FrameType.ping, flags, 0, payload)

function words(...values: number[]): Buffer {
  const bytes = Buffer.allocUnsafe(values.length * 4)
  for (const [at, value] of values.entries()) bytes.writeUInt32BE(value, at * 4)
  return bytes
}

export const windowUpdateFrame = (id: number, increment: number): Buffer =>
  frame(FrameType.windowUpdate, 0, id, words(increment))

export const resetFrame = (id: number, code: ErrorCode): Buffer => frame(FrameType.reset, 0, id, words(code))

export const goawayFrame = (lastId: number, code: ErrorCode): Buffer =>
  frame(FrameType.goaway, 0, 0, words(lastId, code))

/**
 * Where the content of a DATA or HEADERS payload lies once padding and the deprecated priority are taken off. Throws
 * ConnectionError when they are longer than the frame.
 */
export function contentRange(bytes: Buffer, start: number, end: number, flags: number, type: number) {
  const padded = (flags & Flag.padded) !== 0
  const priority = type === FrameType.headers && (flags & Flag.priority) !== 0
  const from = start + (padded ? 1 : 0) + (priority ? 5 : 0)
  if (from > end) throw new ConnectionError(ErrorCode.frameSize, 'a frame shorter than its own fields')
  const to = end - (padded ? (bytes[start] ?? 0) : 0)
  if (from > to) throw new ConnectionError(ErrorCode.protocol, 'padding longer than its frame')
  return { from, to }
}
