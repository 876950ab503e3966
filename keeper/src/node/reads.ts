import { ByteReader, ByteWriter } from '../base/codec.js'
import { KeeperError } from '../base/errors.js'
import type { ReadState } from '../raft/types.js'

interface Reader {
  resolve(): void
  reject(error: KeeperError): void
}

interface Round {
  /** Number of its first question; a repeated one has a number of its own. */
  readonly firstQuestion: number
  readonly readers: readonly Reader[]
  ticks: number
  /** In which term the leader was asked, and when; no term while there was none to ask. */
  askedTerm: number | undefined
  askedAtTick: number
}

interface Confirmed {
  readonly index: number
  readonly readers: readonly Reader[]
  readonly untilTick: number
}

/** How many ticks until a round that brought no answer is asked again, until it is given up, and until a confirmed one is. */
export interface ReadPatience {
  readonly retryTicks: number
  readonly failTicks: number
  /** For what was confirmed to be applied here. */
  readonly applyTicks: number
}

/**
 * Linearizable reads (Raft thesis §6.4): all that ask in one turn of the event loop share one round; while a round is
 * under way the next gathers.
 */
export class ReadRounds {
  readonly #ask: (context: Uint8Array) => boolean
  readonly #term: () => number
  readonly #patience: ReadPatience
  /** Tells this incarnation's rounds from those of the one before. */
  readonly #incarnation: Uint8Array
  #gathering: Reader[] = []
  #round: Round | undefined
  /** In the order in which they were confirmed. */
  #confirmed: Confirmed[] = []
  #ticks = 0
  #applied: number
  #questions = 0

  constructor(options: {
    /** Asks the core; false if there is no leader to ask. */
    ask: (context: Uint8Array) => boolean
    /** The present one: whoever was asked in an earlier term will not answer any more. */
    term: () => number
    patience: ReadPatience
    incarnation: Uint8Array
    applied: number
  }) {
    this.#ask = options.ask
    this.#term = options.term
    this.#patience = options.patience
    this.#incarnation = options.incarnation
    this.#applied = options.applied
  }

  get waiting(): boolean {
    return this.#gathering.length > 0
  }

  /** Ticks for which the leader of this term has not answered the round under way. */
  get unansweredTicks(): number {
    return this.#round ? this.#round.ticks - this.#round.askedAtTick : 0
  }

  /** Resolves when a quorum confirmed an index after this call and it is applied here. Rejects E_UNAVAILABLE when either takes too long. */
  read(signal?: AbortSignal): Promise<void> {
    return new Promise((resolve, reject) => {
      if (signal?.aborted) return reject(signal.reason)
      const onAbort = () => reject(signal?.reason)
      const done = () => signal?.removeEventListener('abort', onAbort)
      signal?.addEventListener('abort', onAbort, { once: true })
      this.#gathering.push({
        resolve: () => {
          done()
          resolve()
        },
        reject: (error) => {
          done()
          reject(error)
        },
      })
    })
  }

  /** Starts the next round if there is need and none under way; asks again where there was no leader, or is another one. */
  start(): void {
    if (!this.#round && this.#gathering.length > 0) {
      const fresh = { ticks: 0, askedTerm: undefined, askedAtTick: 0 }
      this.#round = { ...fresh, firstQuestion: this.#questions + 1, readers: this.#gathering }
      this.#gathering = []
    }
    if (this.#round && this.#round.askedTerm !== this.#term()) this.#askNext(this.#round)
  }

  answered(state: ReadState): void {
    const round = this.#round
    const question = this.#questionOf(state.context)
    if (!round || question === undefined || question < round.firstQuestion) return
    this.#round = undefined
    const untilTick = this.#ticks + this.#patience.applyTicks
    this.#confirmed.push({ index: state.index, readers: round.readers, untilTick })
    this.applied(this.#applied)
  }

  applied(index: number): void {
    this.#applied = index
    if (this.#confirmed.length === 0) return
    const ready = this.#confirmed.filter((confirmed) => confirmed.index <= index)
    this.#confirmed = this.#confirmed.filter((confirmed) => confirmed.index > index)
    for (const { readers } of ready) for (const reader of readers) reader.resolve()
  }

  /** Asks again; gives up a round that no quorum answers, and what was confirmed but is not applied here in time. */
  tick(): void {
    this.#ticks++
    this.#giveUpLate()
    const round = this.#round
    if (!round) return
    round.ticks++
    if (round.ticks >= this.#patience.failTicks) {
      this.#round = undefined
      rejectReaders(round.readers, new KeeperError('E_UNAVAILABLE', 'no quorum confirmed the read in time'))
    } else if (round.ticks % this.#patience.retryTicks === 0) this.#askNext(round)
  }

  #giveUpLate(): void {
    const late = this.#confirmed.filter(({ untilTick }) => untilTick <= this.#ticks)
    if (late.length === 0) return
    this.#confirmed = this.#confirmed.filter(({ untilTick }) => untilTick > this.#ticks)
    for (const { index, readers } of late) rejectReaders(readers, behind(index, this.#applied))
  }

  rejectAll(error: KeeperError): void {
    const readers = [this.#gathering, this.#round?.readers ?? [], ...this.#confirmed.map((one) => one.readers)].flat()
    this.#gathering = []
    this.#round = undefined
    this.#confirmed = []
    rejectReaders(readers, error)
  }

  #askNext(round: Round): void {
    const context = new ByteWriter(24).bytes(this.#incarnation)
    context.uint(++this.#questions)
    const term = this.#term()
    const isKnown = this.#ask(Uint8Array.from(context.finish()))
    if (isKnown && round.askedTerm !== term) round.askedAtTick = round.ticks
    round.askedTerm = isKnown ? term : undefined
  }

  #questionOf(context: Uint8Array): number | undefined {
    const reader = new ByteReader(context)
    return reader.bytes().equals(this.#incarnation) ? reader.uint() : undefined
  }
}

/** Another member may well serve it: whoever asks may go there. */
const behind = (index: number, applied: number): KeeperError =>
  new KeeperError(
    'E_UNAVAILABLE',
    `this keeper is behind: it has applied entry ${applied}, and the read waits for entry ${index}`,
    { applied, index },
  )

const rejectReaders = (readers: readonly Reader[], error: KeeperError) => {
  for (const reader of readers) reader.reject(error)
}
