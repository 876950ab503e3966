/**
 * The one frame that comes as often as a push goes out: an AckBatch with one Ack of four numbers. Reading it by hand
 * spares the general decoder's objects and decimal strings; whatever looks different is left to the general decoder.
 */

/** The fields of the last ack read; one object, overwritten by each read. */
export interface PlainAck {
  storeEpoch: number
  revision: number
  /** AckState's number. */
  state: number
  atUnixMs: number
}

// Field numbers of session.proto: ClientFrame.acks = 3, AckBatch.acks = 1, Ack 1 store_epoch, 2 revision, 3 state, 5 at.
const FRAME_ACKS = (3 << 3) | 2
const BATCH_ACK = (1 << 3) | 2
const STORE_EPOCH = (1 << 3) | 0
const REVISION = (2 << 3) | 0
const STATE = (3 << 3) | 0
const AT_UNIX_MS = (5 << 3) | 0
const VARINT_BYTES_MAX = 8

const ack: PlainAck = { storeEpoch: 0, revision: 0, state: 0, atUnixMs: 0 }

/** The ack of a frame that is one plain ack and nothing else; undefined for every other frame, good or bad. */
export function readPlainAck(bytes: Uint8Array): Readonly<PlainAck> | undefined {
  const length = bytes.length
  // Both lengths of so short a frame fit in one byte each.
  if (length < 4 || length > 64 || bytes[0] !== FRAME_ACKS || bytes[1] !== length - 2) return undefined
  if (bytes[2] !== BATCH_ACK || bytes[3] !== length - 4) return undefined
  ack.storeEpoch = ack.revision = ack.state = ack.atUnixMs = 0
  let at = 4
  while (at < length) {
    const tag = bytes[at++]
    let value = 0
    let scale = 1
    let byte = 0x80
    for (let i = 0; i < VARINT_BYTES_MAX && byte >= 0x80; i++) {
      if (at >= length) return undefined
      byte = bytes[at++] as number
      value += (byte & 0x7f) * scale
      scale *= 128
    }
    if (byte >= 0x80 || value > Number.MAX_SAFE_INTEGER) return undefined
    if (tag === REVISION) ack.revision = value
    else if (tag === STATE) ack.state = value
    else if (tag === AT_UNIX_MS) ack.atUnixMs = value
    else if (tag === STORE_EPOCH) ack.storeEpoch = value
    else return undefined
  }
  return ack
}
