import type { Runtime } from '../runtime.js'

interface Timer {
  readonly atMs: number
  readonly fire: () => void
}

/** Time that passes only when it is told to, and chance that is always the same. */
export class VirtualRuntime implements Runtime {
  /** What `unit` gives. */
  chance = 0.5
  lagMs = 0
  #nowMs = 1_000
  #timers = new Set<Timer>()
  #turn: (() => void)[] = []

  monotonicMs = () => this.#nowMs
  wallMs = () => 1_700_000_000_000 + this.#nowMs
  unit = () => this.chance
  randomBytes = (count: number) => new Uint8Array(count)
  takeLagMs = () => this.lagMs

  setTimer = (delayMs: number, fire: () => void) => {
    const timer = { atMs: this.#nowMs + delayMs, fire }
    this.#timers.add(timer)
    return () => void this.#timers.delete(timer)
  }

  defer = (run: () => void) => void this.#turn.push(run)

  /** How long until the next timer; undefined when there is none. */
  get nextTimerMs(): number | undefined {
    const next = this.#next()
    return next && next.atMs - this.#nowMs
  }

  /** Runs everything that needs no time to pass, promises included. */
  async settle(): Promise<void> {
    do {
      for (const run of this.#turn.splice(0)) run()
      await new Promise((resolve) => setImmediate(resolve))
    } while (this.#turn.length > 0)
  }

  /** Lets time pass, timer by timer. */
  async advance(ms: number): Promise<void> {
    const untilMs = this.#nowMs + ms
    await this.settle()
    for (let timer = this.#next(); timer && timer.atMs <= untilMs; timer = this.#next()) {
      this.#timers.delete(timer)
      this.#nowMs = Math.max(this.#nowMs, timer.atMs)
      timer.fire()
      await this.settle()
    }
    this.#nowMs = Math.max(this.#nowMs, untilMs)
  }

  /** A busy turn of the event loop: time passes, and no timer fires. */
  block(ms: number): void {
    this.#nowMs += ms
  }

  #next(): Timer | undefined {
    let next: Timer | undefined
    for (const timer of this.#timers) if (!next || timer.atMs < next.atMs) next = timer
    return next
  }
}
