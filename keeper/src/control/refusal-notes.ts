import type { CancelTimer, Clock } from '../base/clock.js'
import { limits } from '../base/limits.js'
import type { Member } from '../node/types.js'
import type { TimelineEntry } from '../store/records.js'
import { few } from './owners.js'
import { proposeBody } from './propose.js'
import { Writes } from './writes.js'

/** A process' word on a config that it was sent. */
export interface ProcessRefusal {
  readonly namespace: string
  readonly name: string
  readonly revision: number
  /** It took nothing of the push, or a callback failed on the new value. */
  readonly state: 'rejected' | 'failed'
  readonly instance: string
  readonly of: string
  readonly reason: string
}

export interface RefusalNotesOptions {
  readonly member: Member
  readonly clock: Clock
  /** Between two writes; default one second. */
  readonly intervalMs?: number
}

/** Kept while nobody leads; more than that is counted only. */
const FACTS_MAX = 1_000

/**
 * Puts what processes refuse into the timeline: acks are no records, but that a value was refused should be found in
 * the morning. Those of one revision are one line, and there are so many lines a second at most, whatever they send.
 */
export class RefusalNotes {
  readonly #options: RefusalNotesOptions
  #facts: ProcessRefusal[] = []
  #more = 0
  #cancel: CancelTimer | undefined
  #closed = false

  constructor(options: RefusalNotesOptions) {
    this.#options = options
  }

  note(fact: ProcessRefusal): void {
    if (this.#facts.length < FACTS_MAX) this.#facts.push(fact)
    else this.#more++
    this.#later()
  }

  /** What was noted and not written is lost: the ledger has it still. */
  close(): void {
    this.#closed = true
    this.#cancel?.()
  }

  #later(): void {
    const { clock, intervalMs = 1_000 } = this.#options
    if (this.#closed) return
    this.#cancel ??= clock.setTimer(intervalMs, () => {
      this.#cancel = undefined
      void this.#write()
    })
  }

  async #write(): Promise<void> {
    const facts = this.#facts
    const more = this.#more
    this.#facts = []
    this.#more = 0
    try {
      for (const [namespace, some] of byNamespace(facts)) await this.#tell(namespace, some, more)
    } catch {
      // Nobody leads, or it is not known whether it was written: they are told a little later, at worst twice.
      this.#facts = [...facts, ...this.#facts].slice(0, FACTS_MAX)
      this.#later()
    }
  }

  async #tell(namespace: string, facts: readonly ProcessRefusal[], more: number): Promise<void> {
    const { member, clock } = this.#options
    const writes = new Writes()
    const entries = linesOf(facts)
    const shown = entries.slice(0, limits.rejectionsPerSecond)
    const left = entries.length - shown.length + more
    const rest =
      left > 0 ? [{ kind: 'process-rejected' as const, text: `and ${left} more refusals: keeper ledger` }] : []
    writes.tell(namespace, clock.wall(), ...shown, ...rest)
    const txn = { compares: [], success: writes.puts, failure: [] }
    await proposeBody(member, 'system', { kind: 'txn', keyspace: 'system', txn })
  }
}

function byNamespace(facts: readonly ProcessRefusal[]): Map<string, ProcessRefusal[]> {
  const all = new Map<string, ProcessRefusal[]>()
  for (const fact of facts) all.set(fact.namespace, [...(all.get(fact.namespace) ?? []), fact])
  return all
}

function linesOf(facts: readonly ProcessRefusal[]): TimelineEntry[] {
  const groups = new Map<string, ProcessRefusal[]>()
  for (const fact of facts) {
    const key = `${fact.name} ${fact.revision} ${fact.state}`
    groups.set(key, [...(groups.get(key) ?? []), fact])
  }
  return [...groups.values()].map(lineOf)
}

function lineOf(facts: readonly ProcessRefusal[]): TimelineEntry {
  const { name, revision, state, reason = '' } = facts[0] ?? { name: '', revision: 0, state: 'rejected' }
  const instances = [...new Set(facts.map(({ instance }) => instance))]
  const verb = state === 'rejected' ? 'rejected' : 'failed on'
  const text = `${few(instances)} ${verb} ${name} r${revision}${reason === '' ? '' : `: ${reason}`}`
  return { kind: `process-${state}`, text, names: [name, ...instances], reason }
}
