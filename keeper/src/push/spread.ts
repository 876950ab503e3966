/**
 * A change set that processes take up one after the other: each has a moment of its own within the window, by its
 * name, so that thousands do not open new connections in the same millisecond. The window begins when a member applies
 * the change set; a later change, or a process that comes anew, does not wait for it.
 */

import type { CancelTimer, Clock, MonotonicMs } from '../base/clock.js'
import type { Session } from './session.js'

export interface Spread {
  readonly startedAt: MonotonicMs
  readonly ms: number
}

/** Where in a window a process has its turn: a number in [0, 1), the same at every member (FNV-1a, well mixed). */
export function shareOf(name: string): number {
  let hash = 0x811c9dc5
  for (let at = 0; at < name.length; at++) hash = Math.imul(hash ^ name.charCodeAt(at), 0x01000193)
  hash = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b)
  hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae35)
  return ((hash ^ (hash >>> 16)) >>> 0) / 2 ** 32
}

/** Timers of less are not worth their cost. */
const TICK_MS = 10

interface Turn {
  readonly session: Session
  readonly dueAt: MonotonicMs
}

/** Sessions that wait for their turn, behind one timer. */
export class TurnQueue {
  readonly #clock: Clock
  readonly #call: (session: Session) => void
  /** The next turn is the last. */
  #turns: Turn[] = []
  #sorted = true
  #armedFor = Number.POSITIVE_INFINITY
  #cancel: CancelTimer = () => {}

  constructor(clock: Clock, call: (session: Session) => void) {
    this.#clock = clock
    this.#call = call
  }

  add(session: Session, dueAt: MonotonicMs): void {
    this.#turns.push({ session, dueAt })
    this.#sorted = false
    if (dueAt < this.#armedFor) this.#arm(dueAt)
  }

  close(): void {
    this.#cancel()
    this.#turns = []
  }

  #arm(dueAt: number): void {
    this.#cancel()
    this.#armedFor = dueAt
    this.#cancel = this.#clock.setTimer(Math.max(TICK_MS, dueAt - this.#clock.monotonic()), () => this.#fire())
  }

  #fire(): void {
    this.#armedFor = Number.POSITIVE_INFINITY
    if (!this.#sorted) this.#turns.sort((a, b) => b.dueAt - a.dueAt)
    this.#sorted = true
    const now = this.#clock.monotonic()
    const called: Session[] = []
    for (let turn = this.#turns.at(-1); turn && turn.dueAt <= now; turn = this.#turns.at(-1)) {
      called.push(turn.session)
      this.#turns.pop()
    }
    const next = this.#turns.at(-1)
    if (next) this.#arm(next.dueAt)
    for (const session of called) this.#call(session)
  }
}
