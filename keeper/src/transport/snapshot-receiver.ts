import type { CancelTimer, Clock } from '../base/clock.js'
import { asKeeperError, KeeperError } from '../base/errors.js'
import { limits } from '../base/limits.js'
import type { MemberId, Message } from '../raft/types.js'
import type { Connection } from './connection.js'
import type { Frame } from './frames.js'
import { addSum, readBegin, readChunk, readEnd, takenFrame } from './snapshot-codec.js'
import type { PeerReceiver, StateRecord } from './types.js'

/**
 * One snapshot that comes in, over one connection or several. A chunk is acknowledged when whoever writes the records
 * to disk asks for more, so the sender is never further ahead than its window.
 */
export class SnapshotReceiver {
  readonly #from: MemberId
  readonly #receiver: PeerReceiver
  readonly #clock: Clock
  readonly #check: (message: Message) => void
  readonly #over: () => void
  #connection: Connection | undefined
  /** Chunks that are here but not taken by the disk. */
  #arrived: (readonly StateRecord[])[] = []
  /** Number of the chunk that has to come next, and of the last one that the disk took, plus one. */
  #next = 0
  #taken = 1
  #records = 0
  #sum = 0
  #ended = false
  #error: KeeperError | undefined
  #whole = false
  #wake: () => void = () => {}
  #cancelWait: CancelTimer = () => {}

  constructor(parts: {
    from: MemberId
    receiver: PeerReceiver
    clock: Clock
    check: (message: Message) => void
    over: () => void
  }) {
    this.#from = parts.from
    this.#receiver = parts.receiver
    this.#clock = parts.clock
    this.#check = parts.check
    this.#over = parts.over
  }

  /** The chunk that the sender has to go on with. */
  get next(): number {
    return this.#next
  }

  /** Goes on over this connection. */
  attach(connection: Connection): void {
    this.#cancelWait()
    this.#connection?.close(new KeeperError('E_CONNECTION', 'the snapshot goes on over another connection'))
    this.#connection = connection
    connection.handOver({
      onFrame: (found) => this.#take(found),
      onClosed: () => {
        if (this.#connection === connection) this.#wait()
      },
    })
    if (this.#next > 0) connection.send(takenFrame(this.#taken, this.#whole))
  }

  /** Gives it up; the sender is told so, and does not come again. */
  abort(error: KeeperError): void {
    this.#cancelWait()
    this.#error ??= error
    this.#connection?.refuse(new KeeperError('E_FENCED', error.message))
    this.#wake()
    this.#over()
  }

  #wait(): void {
    this.#connection = undefined
    this.#cancelWait = this.#clock.setTimer(limits.snapshotResumeMs, () =>
      this.abort(new KeeperError('E_CONNECTION', `the snapshot of member ${this.#from} did not go on`)),
    )
  }

  #take({ kind, body }: Frame): void {
    if (kind === 'snapshotBegin') this.#begin(body)
    else if (kind === 'snapshotChunk') this.#chunk(body)
    else if (kind === 'snapshotEnd') this.#end(body)
    else throw new KeeperError('E_FRAME_ORDER', `${kind} within a snapshot`)
  }

  #begin(body: Buffer): void {
    const { number, message } = readBegin(body)
    this.#inOrder(number)
    this.#check(message)
    this.#next = 1
    this.#sum = addSum(0, body)
    this.#receiver.receiveSnapshot(this.#from, message, this.#read()).then(
      () => {
        this.#whole = true
        this.#connection?.send(takenFrame(this.#taken, true))
        // the sender may ask again, if it does not get to hear this
        this.#clock.setTimer(limits.snapshotResumeMs, () => this.#over())
      },
      (thrown) => {
        this.#error ??= asKeeperError(thrown)
        this.#connection?.refuse(thrown)
        this.#over()
      },
    )
  }

  #chunk(body: Buffer): void {
    const { number, records } = readChunk(body)
    this.#inOrder(number)
    if (this.#arrived.length > limits.snapshotWindowChunks)
      throw new KeeperError('E_TOO_MANY', 'more chunks of a snapshot than its window allows')
    this.#next++
    this.#records += records.length
    this.#sum = addSum(this.#sum, body)
    this.#arrived.push(records)
    this.#wake()
  }

  #end(body: Buffer): void {
    const { chunks, records, sum } = readEnd(body)
    if (chunks !== this.#next || records !== this.#records || sum !== this.#sum) {
      const error = new KeeperError('E_FRAME_GARBAGE', 'the end of a snapshot does not fit what came before')
      this.#error = error
      this.#wake()
      throw error
    }
    this.#ended = true
    this.#wake()
  }

  #inOrder(number: number): void {
    if (number !== this.#next || this.#ended)
      throw new KeeperError('E_FRAME_ORDER', `chunk ${number} of a snapshot where ${this.#next} was due`)
  }

  async *#read(): AsyncGenerator<StateRecord> {
    for (;;) {
      const records = this.#arrived.shift()
      if (records) {
        yield* records
        this.#taken++
        this.#connection?.send(takenFrame(this.#taken, false))
        continue
      }
      if (this.#error) throw this.#error
      if (this.#ended) return
      await new Promise<void>((resolve) => {
        this.#wake = resolve
      })
    }
  }
}
