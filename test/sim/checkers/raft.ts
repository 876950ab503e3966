import { crc32 } from '../../../keeper/src/base/checksum.js'
import type { Entry, MemberId } from '../../../keeper/src/raft/types.js'
import type { AppliedEntry, Event } from '../../../keeper/src/store/types.js'
import type { Parcel } from '../../../keeper/src/transport/local-network.js'
import { Violation } from '../trace.js'

interface SeenEntry {
  readonly sum: number
  readonly termBefore: number | undefined
}

interface Applied {
  readonly term: number
  readonly stateHash: string
  readonly summary: string
  /** No leader of a later term may lack this entry. */
  readonly committedByTerm: number
}

/** Raft's own promises (Raft figure 3), seen from outside: from the wire, from elections, from what is applied. */
export class RaftChecker {
  readonly #leaderOf = new Map<number, MemberId>()
  /** `index/term` → what that entry is, everywhere. */
  readonly #entries = new Map<string, SeenEntry>()
  readonly #applied = new Map<number, Applied>()
  /** Events in log order, as first applied. */
  readonly events: { readonly index: number; readonly events: readonly Event[] }[] = []
  #appliedMax = 0
  elections = 0

  /** Everything begins with this state, the same on each member: what a new cluster was restored to. */
  begins(id: MemberId, index: number, term: number, stateHash: string): void {
    const known = this.#applied.get(index)
    if (known) this.#sameState(id, index, stateHash, known)
    else if (this.#appliedMax > 0)
      throw new Violation('state machine', `member ${id} begins at ${index}, others at ${this.#appliedMax}`)
    else {
      this.#appliedMax = index
      this.#applied.set(index, { term, stateHash, summary: '', committedByTerm: term })
    }
  }

  get appliedMax(): number {
    return this.#appliedMax
  }

  /** Election safety: one leader in a term, at most. */
  leads(id: MemberId, term: number): void {
    const other = this.#leaderOf.get(term)
    if (other !== undefined && other !== id)
      throw new Violation('election safety', `members ${other} and ${id} both lead in term ${term}`)
    if (other === undefined) this.elections++
    this.#leaderOf.set(term, id)
  }

  /** Log matching and leader completeness, from what leaders send. */
  sent({ from, messages }: Parcel): void {
    for (const one of messages) {
      if (one.kind !== 'raft' || one.message.type !== 'MsgApp') continue
      const { term, logTerm, entries } = one.message
      this.leads(from, term)
      let termBefore: number | undefined = logTerm
      for (const entry of entries) {
        this.#matches(entry, termBefore)
        this.#complete(from, term, entry)
        termBefore = entry.term
      }
    }
  }

  /**
   * State machine safety: the same entry, the same results, the same state at each index on every member. True for the
   * first that applied it.
   */
  applied(id: MemberId, entry: AppliedEntry, stateHash: string, currentTerm: number): boolean {
    const { index, term } = entry
    const summary = JSON.stringify([entry.wallMs, entry.results, entry.events], plain)
    const known = this.#applied.get(index)
    if (!known) {
      if (index !== this.#appliedMax + 1)
        throw new Violation('state machine', `member ${id} applied ${index}, first of all, after ${this.#appliedMax}`)
      this.#appliedMax = index
      this.#applied.set(index, { term, stateHash, summary, committedByTerm: Math.max(currentTerm, term) })
      this.events.push({ index, events: entry.events })
      return true
    }
    if (known.term !== term)
      throw new Violation(
        'state machine',
        `member ${id} applied ${index} of term ${term}, others of term ${known.term}`,
      )
    if (known.summary !== summary)
      throw new Violation(
        'state machine',
        `member ${id} got other results at ${index}: ${summary} not ${known.summary}`,
      )
    this.#sameState(id, index, stateHash, known)
    return false
  }

  /** A member's state as it stands: after a restart, or a snapshot. */
  stands(id: MemberId, index: number, stateHash: string): void {
    const known = this.#applied.get(index)
    if (known) this.#sameState(id, index, stateHash, known)
    else if (index > 0) throw new Violation('state machine', `member ${id} stands at ${index}, which nobody applied`)
  }

  #sameState(id: MemberId, index: number, stateHash: string, known: Applied): void {
    if (known.stateHash !== stateHash)
      throw new Violation('state hash', `member ${id} has ${stateHash} at ${index}, others ${known.stateHash}`)
  }

  #matches(entry: Entry, termBefore: number | undefined): void {
    const key = `${entry.index}/${entry.term}`
    const sum = crc32(entry.data)
    const seen = this.#entries.get(key)
    if (!seen) this.#entries.set(key, { sum, termBefore })
    else if (seen.sum !== sum || seen.termBefore !== termBefore)
      throw new Violation('log matching', `entry ${entry.index} of term ${entry.term} is not the same everywhere`)
  }

  #complete(leader: MemberId, term: number, entry: Entry): void {
    const committed = this.#applied.get(entry.index)
    if (!committed || term <= committed.committedByTerm || committed.term === entry.term) return
    throw new Violation(
      'leader completeness',
      `member ${leader} leads in term ${term} without the committed entry ${entry.index} of term ${committed.term}`,
    )
  }
}

/** bigints and bytes as text. */
export const plain = (_key: string, value: unknown): unknown => {
  if (typeof value === 'bigint') return `${value}n`
  if (value instanceof Uint8Array) return Buffer.from(value).toString('latin1')
  if (isJsonBuffer(value)) return Buffer.from(value.data).toString('latin1')
  return value
}

/** Buffer.toJSON comes before a replacer sees it. */
const isJsonBuffer = (value: unknown): value is { data: number[] } =>
  typeof value === 'object' && value !== null && 'type' in value && value.type === 'Buffer' && 'data' in value
