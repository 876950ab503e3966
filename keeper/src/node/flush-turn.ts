import type { ConfState, Entry, MemberId } from '../raft/types.js'

/** Where in the log everybody begins to count anew, besides at each new term: who came later counts with the others from there. */
const COUNTED_ENTRIES = 8_192

/**
 * When it is this member's turn to flush. All apply the same bytes, and would take up the work of a flush at the same entry;
 * nobody is left then to commit meanwhile. So the places at which they do are dealt out over the log: each counts its
 * bytes from the same entries on, and has lines of its own among them, `everyBytes` apart. What is not counted alike (after a
 * restart, until the next term or so many entries) costs no more than that two flush at once.
 */
export class FlushTurn {
  readonly #everyBytes: number
  /** This member's share of the distance between two lines: 0 ≤ share < 1. */
  readonly #share: () => number
  #counted = 0
  #term = 0

  constructor(everyBytes: number, share: () => number) {
    this.#everyBytes = everyBytes
    this.#share = share
  }

  /** Is one of its lines in this entry of so many bytes? */
  applied({ index, term }: Entry, bytes: number): boolean {
    if (term !== this.#term || index % COUNTED_ENTRIES === 0) this.#counted = 0
    this.#term = term
    const before = this.#line()
    this.#counted += bytes
    return this.#line() > before
  }

  #line(): number {
    return Math.floor(this.#counted / this.#everyBytes + this.#share())
  }
}

/** The members' shares are as far apart as can be. */
export function shareOf(id: MemberId, { voters, learners, votersOutgoing, learnersNext }: ConfState): number {
  const all = [...new Set([...voters, ...learners, ...votersOutgoing, ...learnersNext])].sort((a, b) => a - b)
  return Math.max(0, all.indexOf(id)) / Math.max(1, all.length)
}
