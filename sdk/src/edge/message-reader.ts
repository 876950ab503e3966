/** Flag and length in front of each message. */
export const PREFIX_BYTES = 5

/** Messages out of the bytes of a gRPC call, as they come: any number in a chunk, or one over many. */
export class MessageReader {
  readonly #bytesMax: number
  /** The begin of a message whose end has not come. */
  #held: Buffer[] = []
  #heldBytes = 0
  /** So many must be held before there is anything to see. */
  #wanted = PREFIX_BYTES

  constructor(bytesMax: number) {
    this.#bytesMax = bytesMax
  }

  /** Calls `each` with every message that ends in this chunk: a view. Throws MessageFault. */
  take(chunk: Buffer, each: (message: Buffer) => void): void {
    if (this.#heldBytes + chunk.length < this.#wanted) {
      this.#hold(chunk)
      return
    }
    let rest = this.#heldBytes === 0 ? chunk : this.#joined(chunk)
    while (rest.length >= PREFIX_BYTES) {
      const end = PREFIX_BYTES + this.#lengthOf(rest)
      if (rest.length < end) {
        this.#wanted = end
        break
      }
      each(rest.subarray(PREFIX_BYTES, end))
      rest = rest.subarray(end)
    }
    if (rest.length > 0) this.#hold(rest)
  }

  #hold(chunk: Buffer): void {
    this.#held.push(chunk)
    this.#heldBytes += chunk.length
  }

  #joined(chunk: Buffer): Buffer {
    const whole = Buffer.concat([...this.#held, chunk])
    this.#held = []
    this.#heldBytes = 0
    this.#wanted = PREFIX_BYTES
    return whole
  }

  #lengthOf(bytes: Buffer): number {
    if (bytes[0] !== 0) throw new MessageFault('garbage', 'a compressed message, though none was asked for')
    const length = bytes.readUInt32BE(1)
    if (length > this.#bytesMax)
      throw new MessageFault('tooLarge', `a message of ${length} bytes, limit ${this.#bytesMax}`)
    return length
  }
}

/** What comes is not what was agreed on. */
export class MessageFault extends Error {
  readonly kind: 'garbage' | 'tooLarge'

  constructor(kind: 'garbage' | 'tooLarge', message: string, options?: ErrorOptions) {
    super(message, options)
    this.kind = kind
  }
}

/** A message with its prefix. */
export function prefixed(message: Uint8Array): Buffer {
  const framed = Buffer.allocUnsafe(PREFIX_BYTES + message.length)
  framed[0] = 0
  framed.writeUInt32BE(message.length, 1)
  framed.set(message, PREFIX_BYTES)
  return framed
}
