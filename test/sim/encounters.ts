import { allFaultKinds, type FaultKind } from './fault-kinds.js'

/** What a fault may meet. */
export const occasions = ['election', 'snapshot', 'membership change', 'compaction'] as const
export type Occasion = (typeof occasions)[number]

/** A fault and an occasion meet when the one is over for less than this when the other begins, in virtual milliseconds. */
export const windowMs = 500

interface Span {
  readonly from: number
  readonly until: number
}

export type Meetings = Readonly<Record<FaultKind, Readonly<Record<Occasion | 'strikes', number>>>>

/** Which harm was done when, what happened meanwhile, and how often the two met: once per strike and kind of occasion. */
export class Encounters {
  readonly #now: () => number
  readonly #strikes: { readonly kind: FaultKind; readonly span: { from: number; until: number } }[] = []
  readonly #happened: Record<Occasion, Span[]> = {
    election: [],
    snapshot: [],
    'membership change': [],
    compaction: [],
  }

  constructor(now: () => number) {
    this.#now = now
  }

  get strikes(): number {
    return this.#strikes.length
  }

  /** Harm was done that lasts `forMs`; the answer ends it before. */
  struck(kind: FaultKind, forMs = 0): () => void {
    const span = { from: this.#now(), until: this.#now() + forMs }
    this.#strikes.push({ kind, span })
    return () => {
      span.until = Math.min(span.until, this.#now())
    }
  }

  /** Something happened that began at `from`. */
  happened(occasion: Occasion, from = this.#now()): void {
    this.#happened[occasion].push({ from, until: this.#now() })
  }

  meetings(): Meetings {
    const meetings = noMeetings()
    for (const { kind, span } of this.#strikes) {
      const counts = meetings[kind]
      counts.strikes++
      for (const occasion of occasions) if (this.#happened[occasion].some((one) => meet(one, span))) counts[occasion]++
    }
    return meetings
  }
}

const meet = (a: Span, b: Span): boolean => a.from <= b.until + windowMs && b.from <= a.until + windowMs

type Counts = Record<FaultKind, Record<Occasion | 'strikes', number>>

export function noMeetings(): Counts {
  const none = () => ({ strikes: 0, election: 0, snapshot: 0, 'membership change': 0, compaction: 0 })
  return Object.fromEntries(allFaultKinds.map((kind) => [kind, none()])) as Counts
}

export function addMeetings(total: Counts, more: Meetings): void {
  for (const kind of allFaultKinds)
    for (const column of ['strikes', ...occasions] as const) total[kind][column] += more[kind][column]
}

/** A table for people; what is below `goal` is marked. */
export function meetingsTable(meetings: Meetings, goal: number): string {
  const columns = ['strikes', ...occasions] as const
  const header = `| fault | ${columns.join(' | ')} |\n|---|${columns.map(() => '---:|').join('')}`
  const cell = (count: number) => (count < goal ? `${count} !` : String(count))
  const rows = allFaultKinds.map(
    (kind) => `| ${kind} | ${columns.map((one) => cell(meetings[kind][one])).join(' | ')} |`,
  )
  return [header, ...rows].join('\n')
}
