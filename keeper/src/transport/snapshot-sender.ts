import { type Clock, delay, type MonotonicMs } from '../base/clock.js'
import { asKeeperError, KeeperError } from '../base/errors.js'
import { limits } from '../base/limits.js'
import type { Message } from '../raft/types.js'
import type { Connection } from './connection.js'
import { ChunkWriter, readTaken } from './snapshot-codec.js'
import type { StateRecord } from './types.js'

export interface SnapshotSenderParts {
  readonly clock: Clock
  readonly signal: AbortSignal
  /** A welcomed connection for this snapshot, and the chunk that is wanted next. */
  dial(): Promise<{ connection: Connection; next: number }>
}

/**
 * Sends one snapshot. What the receiver has not written to its disk is kept, a window's worth, so that a connection that
 * breaks costs no more than that.
 */
export class SnapshotSender {
  readonly #parts: SnapshotSenderParts
  readonly #writer = new ChunkWriter()
  /** Frames that were not acknowledged: the first has number `#first`. */
  #window: Buffer[] = []
  #first = 0
  #end: Buffer | undefined
  #connection: Connection | undefined
  #whole = false
  /** When the receiver last took something, or began to. */
  #takenAt: MonotonicMs
  /** What the receiver refused with. */
  #refusal: KeeperError | undefined
  #wake: () => void = () => {}

  constructor(parts: SnapshotSenderParts) {
    this.#parts = parts
    this.#takenAt = parts.clock.monotonic()
  }

  /** Resolves when the receiver has taken the snapshot. Rejects with what it refuses with, E_CONNECTION, E_TIMEOUT, E_STOPPED, and what `records` throws. */
  async send(message: Message, records: AsyncIterable<StateRecord>): Promise<void> {
    const { signal } = this.#parts
    const onAbort = () => this.#wake()
    signal.addEventListener('abort', onAbort)
    try {
      await this.#put(this.#writer.begin(message))
      for await (const chunk of chunksOf(records)) {
        // it may have no need of the rest
        if (this.#whole) return
        await this.#put(this.#writer.chunk(chunk))
      }
      this.#end = this.#writer.end()
      this.#connection?.send(this.#end)
      while (!this.#whole) await this.#progress()
    } finally {
      signal.removeEventListener('abort', onAbort)
      this.#connection?.close(new KeeperError('E_STOPPED', 'the snapshot is over'))
    }
  }

  async #put(bytes: Buffer): Promise<void> {
    while (!this.#whole && (this.#window.length >= limits.snapshotWindowChunks || !this.#connection))
      await this.#progress()
    this.#window.push(bytes)
    this.#connection?.send(bytes)
  }

  /** Waits for an acknowledgement, or connects anew. */
  async #progress(): Promise<void> {
    if (this.#refusal) throw this.#refusal
    if (this.#parts.signal.aborted) throw new KeeperError('E_STOPPED', 'this keeper stops')
    if (!this.#connection) return await this.#connect()
    await this.#woken()
  }

  /** A receiver that lives, but takes nothing for too long, is given up: its disk hangs, or it does. */
  async #woken(): Promise<void> {
    const { clock } = this.#parts
    const patienceMs = this.#takenAt + limits.snapshotStallMs - clock.monotonic()
    if (patienceMs <= 0)
      throw new KeeperError('E_TIMEOUT', `nothing of a snapshot taken for ${limits.snapshotStallMs} ms`)
    let cancel = () => {}
    await new Promise<void>((resolve) => {
      this.#wake = resolve
      cancel = clock.setTimer(patienceMs, resolve)
    })
    cancel()
  }

  async #connect(): Promise<void> {
    const { clock, signal } = this.#parts
    const deadline = clock.monotonic() + limits.snapshotResumeMs
    for (;;) {
      if (signal.aborted) throw new KeeperError('E_STOPPED', 'this keeper stops')
      const error = await this.#attempt()
      if (!error) return
      if (!mayPass(error)) throw error
      if (clock.monotonic() > deadline) throw error
      await delay(clock, limits.peerRedialMaxMs, signal).catch(() => {})
    }
  }

  async #attempt(): Promise<KeeperError | undefined> {
    try {
      const { connection, next } = await this.#parts.dial()
      this.#resume(connection, next)
      return undefined
    } catch (thrown) {
      return asKeeperError(thrown)
    }
  }

  #resume(connection: Connection, next: number): void {
    if (next < this.#first || next > this.#first + this.#window.length)
      throw new KeeperError('E_UNAVAILABLE', 'the receiver has forgotten the beginning of the snapshot')
    this.#connection = connection
    connection.handOver({
      onFrame: ({ kind, body }) => {
        if (kind !== 'snapshotTaken') throw new KeeperError('E_FRAME_ORDER', `${kind} as answer to a snapshot`)
        this.#acknowledged(readTaken(body))
      },
      onClosed: (error) => this.#lost(connection, error),
    })
    for (const bytes of this.#window.slice(next - this.#first)) connection.send(bytes)
    if (this.#end) connection.send(this.#end)
  }

  #acknowledged({ next, whole }: { next: number; whole: boolean }): void {
    const count = next - this.#first
    if (count < 0 || count > this.#window.length)
      throw new KeeperError('E_FRAME_GARBAGE', `chunk ${next} of a snapshot was acknowledged, but not sent`)
    this.#window.splice(0, count)
    this.#first = next
    this.#whole = whole
    this.#takenAt = this.#parts.clock.monotonic()
    this.#wake()
  }

  #lost(connection: Connection, error: KeeperError): void {
    if (this.#connection !== connection) return
    this.#connection = undefined
    if (!mayPass(error)) this.#refusal = error
    this.#wake()
  }
}

/** What the receiver says of its own accord stands; what the network does may pass. */
const mayPass = ({ code }: KeeperError): boolean => code === 'E_CONNECTION' || code === 'E_TIMEOUT'

/** Records in groups of about `snapshotChunkBytes`. */
async function* chunksOf(records: AsyncIterable<StateRecord>): AsyncGenerator<readonly StateRecord[]> {
  let chunk: StateRecord[] = []
  let bytes = 0
  for await (const record of records) {
    chunk.push(record)
    bytes += record.key.length + record.value.length
    if (bytes < limits.snapshotChunkBytes) continue
    yield chunk
    chunk = []
    bytes = 0
  }
  if (chunk.length > 0) yield chunk
}
