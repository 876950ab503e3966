/** ZooKeeper's wire, the part that reads; names and numbers as in its zookeeper.jute. */

export const OpCode = { exists: 3, getData: 4, ping: 11, getChildren2: 12, auth: 100, closeSession: -11 } as const
export const Xid = { notification: -1, ping: -2, auth: -4 } as const
export const ErrorCode = { noNode: -101, noAuth: -102 } as const

/** Integers have four bytes; strings and buffers their length before them. */
export const int = (value: number): Buffer => {
  const bytes = Buffer.allocUnsafe(4)
  bytes.writeInt32BE(value)
  return bytes
}
export const sized = (bytes: Buffer): Buffer => Buffer.concat([int(bytes.length), bytes])
export const text = (value: string): Buffer => sized(Buffer.from(value))

/** The path of a request that sets no watch. */
export const unwatched = (path: string): Buffer => Buffer.concat([text(path), Buffer.of(0)])

export const connectRequest = (timeoutMs: number): Buffer =>
  sized(
    Buffer.concat([int(0), Buffer.alloc(8), int(timeoutMs), Buffer.alloc(8), sized(Buffer.alloc(16)), Buffer.of(0)]),
  )

/** What is said of a node beside its data. */
export interface Stat {
  /** Belongs to a session, and goes with it. */
  readonly isEphemeral: boolean
  readonly children: number
}

/** Reads an answer's body field by field. Throws RangeError past its end. */
export class Reader {
  readonly #bytes: Buffer
  #at: number

  constructor(bytes: Buffer, at = 0) {
    this.#bytes = bytes
    this.#at = at
  }

  int(): number {
    const value = this.#bytes.readInt32BE(this.#at)
    this.#at += 4
    return value
  }

  /** Empty where the length is −1, too. */
  buffer(): Buffer {
    const length = Math.max(0, this.int())
    if (this.#at + length > this.#bytes.length) throw new RangeError('a buffer that ends behind its answer')
    const bytes = this.#bytes.subarray(this.#at, this.#at + length)
    this.#at += length
    return bytes
  }

  /** Names as bytes: they need not be UTF-8. */
  buffers(): Buffer[] {
    return Array.from({ length: Math.max(0, this.int()) }, () => this.buffer())
  }

  /** czxid, mzxid, ctime, mtime (8 each), version, cversion, aversion (4 each), ephemeralOwner (8), dataLength, numChildren (4 each), pzxid (8). */
  stat(): Stat {
    const owner = this.#bytes.readBigInt64BE(this.#at + 44)
    const children = this.#bytes.readInt32BE(this.#at + 56)
    return { isEphemeral: owner !== 0n, children }
  }
}
