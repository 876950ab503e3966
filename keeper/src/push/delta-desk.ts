/**
 * Differences between large values, made once for each pair of them, in slices: so that a value of megabytes that
 * changed all over holds up no session, no heartbeat and no entry of the log.
 */

import type { Clock } from '../base/clock.js'
import { largeWorkDone } from '../base/garbage.js'
import type { BlobPiece } from '../store/types.js'
import { deltaSteps } from './delta.js'
import type { Target } from './target.js'

export interface DeltaDeskOptions {
  readonly clock: Clock
  /** How long it works without letting others have their turn. */
  readonly sliceMs: number
  /** Values of fewer bytes are always sent whole. */
  readonly valueBytesMin: number
  /** From so many values a new one may be told as a difference. */
  readonly basesMax: number
  /** What the canonical JSON of a hash is made of; none if the store has no such blob. */
  pieces(hash: string): readonly BlobPiece[]
  /** Bytes of a piece; undefined if the store has no such blob. */
  blob(hash: string): Uint8Array | undefined
  /** How long it is; 0 for none. */
  blobBytes(hash: string): number
  /** Some that `from` had no answer for have one now. */
  onReady(): void
}

interface Job {
  readonly target: Target
  readonly baseHash: string
  readonly steps: Generator<undefined, Target>
}

export class DeltaDesk {
  readonly #options: DeltaDeskOptions
  /** By target and hash of the base: the target told as a difference, or as it is where that is not much more. */
  #made = new Map<Target, Map<string, Target>>()
  /** The first is under way. */
  #jobs: Job[] = []
  #isArmed = false
  #spentMs = 0

  constructor(options: DeltaDeskOptions) {
    this.#options = options
  }

  /** What a process that runs with the value of `baseHash` is sent; undefined while that is being made. */
  from(baseHash: string, target: Target): Target | undefined {
    const bases = this.#made.get(target) ?? new Map<string, Target>()
    const made = bases.get(baseHash)
    if (made) return made
    const jobs = this.#jobs.filter((job) => job.target === target)
    if (jobs.some((job) => job.baseHash === baseHash)) return undefined
    const { basesMax, valueBytesMin, blobBytes } = this.#options
    if (bases.size + jobs.length >= basesMax || blobBytes(target.hash) < valueBytesMin) return target
    return this.#begin({ target, baseHash, steps: this.#steps(baseHash, target) })
  }

  /** Forgets what was made, and gives up what is being made for configs of these names; for all of them without. */
  clear(names?: ReadonlySet<string>): void {
    this.#made = new Map()
    this.#jobs = names ? this.#jobs.filter(({ target }) => !names.has(target.name)) : []
    this.#spentMs = 0
  }

  /** Most are made at once: a few lines that changed take less than a slice. */
  #begin(job: Job): Target | undefined {
    this.#jobs.push(job)
    if (this.#jobs.length > 1 || this.#spentMs >= this.#options.sliceMs || !this.#workOn(job)) this.#arm()
    return this.#made.get(job.target)?.get(job.baseHash)
  }

  #arm(): void {
    if (this.#isArmed) return
    this.#isArmed = true
    this.#options.clock.setTimer(0, () => this.#slice())
  }

  #slice(): void {
    this.#isArmed = false
    this.#spentMs = 0
    let isReady = false
    for (let job = this.#jobs[0]; job && this.#workOn(job); job = this.#jobs[0]) isReady = true
    if (this.#jobs.length > 0) this.#arm()
    if (isReady) this.#options.onReady()
  }

  /** Works until the slice is over; true when the job is done. */
  #workOn(job: Job): boolean {
    const { clock, sliceMs } = this.#options
    const since = clock.monotonic() - this.#spentMs
    while (this.#spentMs < sliceMs) {
      const made = stepOf(job)
      this.#spentMs = clock.monotonic() - since
      if (made) return this.#finish(job, made)
    }
    return false
  }

  #finish(job: Job, made: Target): true {
    this.#jobs = this.#jobs.filter((other) => other !== job)
    largeWorkDone()
    const bases = this.#made.get(job.target) ?? new Map<string, Target>()
    this.#made.set(job.target, bases.set(job.baseHash, made))
    return true
  }

  *#steps(baseHash: string, target: Target): Generator<undefined, Target> {
    const { pieces, blob } = this.#options
    const of = (hash: string) => ({ pieces: pieces(hash), bytesOf: (piece: BlobPiece) => blob(piece.hash) })
    const [base, next] = [of(baseHash), of(target.hash)]
    if (base.pieces.length === 0 || next.pieces.length === 0) return target
    const bytesMax = Math.floor(this.#options.blobBytes(target.hash) / 2)
    const bytes = yield* deltaSteps(base, next, bytesMax)
    return bytes ? { ...target, delta: { baseHash, bytes } } : target
  }
}

/** What the job has come to, if it has. A value that cannot be read now goes as it is: whoever sends it sees why not. */
function stepOf({ steps, target }: Job): Target | undefined {
  try {
    const { done, value } = steps.next()
    return done ? value : undefined
  } catch {
    return target
  }
}
