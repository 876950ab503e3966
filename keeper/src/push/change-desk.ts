/** Tells other members when rows here changed: a question is held until there is something new, or its time is over. */

import type { CancelTimer, Clock } from '../base/clock.js'
import { decodeText, encodeText } from '../base/codec.js'
import type { LedgerChange } from './types.js'

interface Held {
  readonly names: readonly string[] | undefined
  answer(): void
}

interface Changing {
  onLedgerChange(listener: (change: LedgerChange) => void): () => void
}

/** Questions of one follower come one after the other: between two of them nothing may be missed. */
const STICKY_POLLS = 3

export class ChangeDesk {
  readonly #ledger: Changing
  readonly #clock: Clock
  readonly #pollMs: number
  readonly #held = new Set<Held>()
  #version: number
  #stop: (() => void) | undefined
  #cancelIdle: CancelTimer = () => {}

  constructor(ledger: Changing, clock: Clock, pollMs: number) {
    this.#ledger = ledger
    this.#clock = clock
    this.#pollMs = pollMs
    // Never that of an earlier life of this member.
    this.#version = Math.max(1, Math.floor(clock.wall()))
  }

  /** Resolves with a version that is not the one asked with, as soon as there is one; else with the same, in a while. */
  answer(body: Uint8Array): Promise<Uint8Array> {
    const { version, names }: { version: number; names?: readonly string[] } = JSON.parse(decodeText(body))
    this.#listen()
    if (version !== this.#version) return Promise.resolve(this.#said())
    return new Promise((resolve) => {
      const answer = () => {
        cancel()
        this.#held.delete(held)
        resolve(this.#said())
      }
      const held: Held = { names, answer }
      const cancel = this.#clock.setTimer(this.#pollMs, answer)
      this.#held.add(held)
    })
  }

  close(): void {
    this.#cancelIdle()
    this.#stop?.()
    this.#stop = undefined
    for (const held of [...this.#held]) held.answer()
  }

  /** Listening costs a little with each ack: only while somebody asks. */
  #listen(): void {
    this.#cancelIdle()
    this.#cancelIdle = this.#clock.setTimer(this.#pollMs * STICKY_POLLS, () => this.close())
    if (this.#stop) return
    this.#version++
    this.#stop = this.#ledger.onLedgerChange((change) => this.#changed(change))
  }

  #changed({ all, names }: LedgerChange): void {
    this.#version++
    for (const held of [...this.#held]) {
      const isConcerned = all || !held.names || held.names.some((name) => names.has(name))
      if (isConcerned) held.answer()
    }
  }

  #said(): Uint8Array {
    return encodeText(String(this.#version))
  }
}
