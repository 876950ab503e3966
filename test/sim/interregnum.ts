import type { Random } from '../../keeper/src/base/random.js'
import { decodeConfChange } from '../../keeper/src/raft/conf-change-codec.js'
import type { Entry, Message } from '../../keeper/src/raft/types.js'
import type { Parcel } from '../../keeper/src/transport/local-network.js'
import type { Encounters } from './encounters.js'
import type { SimNetwork } from './network.js'
import type { SimProcess } from './process.js'
import { type InterregnumPlan, pick } from './swarm.js'
import type { Trace } from './trace.js'
import type { VirtualTime } from './virtual-time.js'

export interface InterregnumParts {
  readonly time: VirtualTime
  readonly random: Random
  readonly trace: Trace
  readonly encounters: Encounters
  readonly plan: InterregnumPlan | undefined
  readonly network: () => SimNetwork
  readonly ids: () => readonly number[]
  readonly processOf: (id: number) => SimProcess | undefined
}

/** Messages of a new leader among which the one is that it falls at. */
const firstMessages = 8
/** When it falls: nobody hears of it, or just one has something of what it sends, or at any of the first messages. */
const moments = ['first words', 'first words', 'first answer', 'first answer', 'soon'] as const
/** A leader is new for so long. */
const earlyMs = 60

/**
 * Harm between one leader and the next, again and again: candidates whom some do not hear, voters who are gone and back
 * before the count is over, leaders who fall within their first messages, changes of the members that their leader does
 * not see through. Each is rare by itself; what shows only when several meet (Raft figure 8) needs them to be common.
 */
export class Interregnum {
  readonly #parts: InterregnumParts
  /** Candidacies, votes and changes that were met already: each is sent more than once. */
  readonly #met = new Set<string>()
  /** Term → when its leader was heard of first. */
  readonly #began = new Map<number, number>()
  /** Term → so many messages of its leader until it falls. */
  readonly #fallsAfter = new Map<number, number>()
  /** Term → what happens as soon as a voter says that it has the leader's log so far. */
  readonly #awaited = new Map<number, { readonly index: number; readonly act: () => void }>()
  #over = false

  constructor(parts: InterregnumParts) {
    this.#parts = parts
  }

  end(): void {
    this.#over = true
  }

  sent({ messages }: Parcel): void {
    const { plan } = this.#parts
    if (!plan || this.#over) return
    for (const one of messages) {
      if (one.kind !== 'raft') continue
      const { message } = one
      if (message.type === 'MsgVote') this.#candidacy(message, plan)
      else if (message.type === 'MsgVoteResp' && !message.reject) this.#vote(message, plan)
      else if (message.type === 'MsgApp') this.#append(message, plan)
      else if (message.type === 'MsgAppResp' && !message.reject) this.#answer(message)
    }
  }

  #candidacy({ from, term }: Message, plan: InterregnumPlan): void {
    if (!this.#chance(`candidate ${from} ${term}`, plan.unheard)) return
    const { ids, random } = this.#parts
    const deaf = ids().filter((id) => id !== from && random.unit() < 0.4)
    this.#lasts('one-way cut', from, 50 + random.below(1_000), () => this.#cuts([from], deaf))
  }

  #vote({ from, to, term }: Message, plan: InterregnumPlan): void {
    if (!this.#chance(`vote ${from} ${to} ${term}`, plan.voterRestarts)) return
    this.#crash(from, this.#parts.random.unit() * 2, this.#parts.random.below(40))
  }

  #append({ from, term, entries }: Message, plan: InterregnumPlan): void {
    const { time } = this.#parts
    if (!this.#began.has(term)) this.#began.set(term, time.now)
    if (this.#chance(`leader ${term}`, plan.leaderFalls)) this.#doom(from, term)
    const left = this.#fallsAfter.get(term)
    if (left !== undefined) this.#fallsAfter.set(term, left - 1)
    if (left === 0) this.#falls(from)
    const change = entries.find((entry) => entry.type !== 'normal' && entry.term === term)
    if (change && this.#chance(`change ${change.index} ${term}`, plan.changeBreaks)) this.#break(from, change)
  }

  #answer({ from, to, term, index }: Message): void {
    const awaited = this.#awaited.get(term)
    if (!awaited || index < awaited.index || !this.#votersBeside(to).includes(from)) return
    this.#awaited.delete(term)
    awaited.act()
  }

  /** Leaders that fall in quick turns, each with a log that hardly anybody has. */
  #doom(leader: number, term: number): void {
    const { random } = this.#parts
    const moment = pick(random, moments)
    if (moment === 'first words') this.#unheard(leader, 100 + random.below(500))
    else if (moment === 'soon') this.#fallsAfter.set(term, random.below(firstMessages))
    else this.#awaited.set(term, { index: 1, act: () => this.#unheard(leader, 300 + random.below(900)) })
  }

  /** It hears the others and they do not hear it. */
  #unheard(leader: number, forMs: number): void {
    this.#lasts('one-way cut', leader, forMs, () => this.#cuts([leader], this.#others(new Set([leader]))))
  }

  /** A change that is left undone is the more dangerous the sooner the next leader makes another one. */
  #break(leader: number, { index, term, data }: Entry): void {
    const { time, random } = this.#parts
    const soon = time.now - (this.#began.get(term) ?? 0) < earlyMs
    // and so is one that makes two majorities
    const early = soon || decodeConfChange(data).changes.length > 1
    const act = () => this.#divides(leader, 'one-way cut')
    if (early && random.unit() < 0.6) this.#awaited.set(term, { index, act })
    else if (random.unit() < (early ? 0.5 : 0.7)) this.#crash(leader, 0.5 + random.unit() * 5, random.below(700))
    else {
      const how = early ? pick(random, ['one-way cut', 'split'] as const) : 'split'
      const inMs = how === 'split' ? 0.5 + random.unit() * 6 : 1 + random.unit() * 2
      time.after(inMs, () => this.#divides(leader, how))
    }
  }

  /** Cut off, stopped or dead. */
  #falls(leader: number): void {
    const { time, random, encounters, network, ids, processOf } = this.#parts
    const inMs = pick(random, [0, random.unit() * 2])
    const forMs = 100 + random.below(900)
    const how = pick(random, ['isolation', 'isolation', 'pause', 'crash'] as const)
    if (how === 'crash') this.#crash(leader, inMs, forMs)
    else if (how === 'pause')
      time.after(inMs, () => {
        encounters.struck('pause', forMs)
        processOf(leader)?.pause(forMs)
      })
    else
      time.after(inMs, () => this.#lasts('isolation', leader, forMs, () => network().divide(new Set([leader]), ids())))
  }

  /** When about a quorum has the change, a part of the members goes on with the leader; the others may still be heard. */
  #divides(leader: number, how: 'one-way cut' | 'split'): void {
    const { random, network, ids } = this.#parts
    const kept = new Set([leader, ...this.#company(leader)])
    const begin = () => (how === 'split' ? network().divide(kept, ids()) : this.#cuts([...kept], this.#others(kept)))
    this.#lasts(how, leader, 800 + random.below(1_700), begin)
  }

  /** Who goes on with a leader: those that it does not know as voters yet, with luck a voter beside, or anybody. */
  #company(leader: number): readonly number[] {
    const { random, ids } = this.#parts
    const voters = this.#votersBeside(leader)
    const others = ids().filter((id) => !voters.includes(id))
    const some = ids().filter(() => random.unit() < 0.4)
    return pick(random, [others, others, others, [...others, pick(random, ids())], some])
  }

  /** As the leader has them. */
  #votersBeside(leader: number): readonly number[] {
    const members = this.#parts.processOf(leader)?.member?.memberList() ?? []
    return members.filter(({ id, voter }) => voter && id !== leader).map(({ id }) => id)
  }

  #others(than: ReadonlySet<number>): readonly number[] {
    return this.#parts.ids().filter((id) => !than.has(id))
  }

  /** Nothing goes from these to those any more; the answer ends it. */
  #cuts(from: readonly number[], to: readonly number[]): () => void {
    const ends = from.flatMap((one) => to.map((other) => this.#parts.network().cut(one, other)))
    return () => {
      for (const end of ends) end()
    }
  }

  #crash(id: number, inMs: number, downMs: number): void {
    const { time, random, trace, encounters, network, processOf } = this.#parts
    time.after(inMs, () => {
      const victim = processOf(id)
      if (this.#over || !victim?.running) return
      const how = pick(random, ['kill', 'power failure'] as const)
      trace.note(`between leaders: n${id} meets ${how} for ${downMs} ms`)
      encounters.struck(how, downMs)
      if (random.unit() < 0.5) network().hold(id, time.now + downMs + random.below(40))
      victim.crash(how === 'kill' ? 'kill' : 'power')
      time.after(downMs, () => victim.departed || victim.start())
    })
  }

  #lasts(kind: 'isolation' | 'split' | 'one-way cut', id: number, forMs: number, begin: () => () => void): void {
    const { time, trace, encounters } = this.#parts
    if (this.#over) return
    trace.note(`between leaders: n${id} meets ${kind} for ${forMs} ms`)
    const end = begin()
    const over = encounters.struck(kind, forMs)
    time.after(forMs, () => {
      end()
      over()
    })
  }

  /** True for a share of those that were not met yet. */
  #chance(what: string, share: number): boolean {
    if (this.#met.has(what)) return false
    this.#met.add(what)
    return this.#parts.random.unit() < share
  }
}
