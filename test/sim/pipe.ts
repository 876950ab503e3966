import type { KeeperError } from '../../keeper/src/base/errors.js'
import type { Random } from '../../keeper/src/base/random.js'
import type { Connection, EncodedFrame } from '../../keeper/src/push/types.js'
import type { Owner, VirtualTime } from './virtual-time.js'

export interface PipeParts {
  readonly time: VirtualTime
  readonly random: Random
  readonly arrive: (bytes: Uint8Array) => void
  /** The keeper ended the stream, after everything it sent. */
  readonly closed: () => void
}

const windowBytes = 4 * 1024

/** One stream between a process and a keeper: in order both ways, with a small window, until it breaks. */
export class Pipe implements Connection {
  readonly remote = 'sim'
  readonly #parts: PipeParts
  #broken = false
  #queued = 0
  #full = false
  #onWritable: () => void = () => {}
  /** When the newest frame of each direction arrives. */
  #outAt = 0
  #backAt = 0
  #stalledUntil = 0

  constructor(parts: PipeParts) {
    this.#parts = parts
  }

  get queuedBytes(): number {
    return this.#queued
  }

  send({ bytes }: EncodedFrame): boolean {
    if (this.#broken) return true
    const copy = Uint8Array.from(bytes)
    this.#queued += copy.length
    this.#out(() => {
      this.#queued -= copy.length
      this.#parts.arrive(copy)
      if (!this.#full || this.#queued > 0) return
      this.#full = false
      this.#onWritable()
    })
    this.#full ||= this.#queued > windowBytes
    return !this.#full
  }

  onWritable(listener: () => void): void {
    this.#onWritable = listener
  }

  end(): void {
    if (!this.#broken) this.#out(() => this.#parts.closed())
  }

  fail(_error: KeeperError): void {
    this.end()
  }

  break(): void {
    this.#broken = true
  }

  stall(forMs: number): void {
    this.#stalledUntil = this.#parts.time.now + forMs
  }

  /** The other direction. */
  back(arrive: () => void, owner: Owner | undefined): void {
    const { time, random } = this.#parts
    this.#backAt = Math.max(this.#backAt, time.now + 0.2 + random.unit() * 2)
    time.after(this.#backAt - time.now, () => this.#broken || arrive(), owner)
  }

  #out(arrive: () => void): void {
    const { time, random } = this.#parts
    this.#outAt = Math.max(this.#outAt, this.#stalledUntil, time.now + 0.2 + random.unit() * 2)
    time.after(this.#outAt - time.now, () => this.#broken || arrive())
  }
}
