import type { Random } from '../../keeper/src/base/random.js'
import type { Message } from '../../keeper/src/raft/types.js'
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
    }
  }

  #candidacy({ from, term }: Message, plan: InterregnumPlan): void {
    if (!this.#chance(`candidate ${from} ${term}`, plan.unheard)) return
    const { network, ids, random } = this.#parts
    const deaf = ids().filter((id) => id !== from && random.unit() < 0.4)
    this.#lasts('one-way cut', from, 50 + random.below(1_000), () => {
      const ends = deaf.map((id) => network().cut(from, id))
      return () => {
        for (const end of ends) end()
      }
    })
  }

  #vote({ from, to, term }: Message, plan: InterregnumPlan): void {
    if (!this.#chance(`vote ${from} ${to} ${term}`, plan.voterRestarts)) return
    this.#crash(from, this.#parts.random.unit() * 2, this.#parts.random.below(40))
  }

  #append(message: Message, plan: InterregnumPlan): void {
    const { from, term, entries } = message
    const { time, random } = this.#parts
    if (!this.#began.has(term)) this.#began.set(term, time.now)
    if (this.#chance(`leader ${term}`, plan.leaderFalls)) this.#fallsAfter.set(term, random.below(firstMessages))
    const left = this.#fallsAfter.get(term)
    if (left !== undefined) this.#fallsAfter.set(term, left - 1)
    if (left === 0) this.#falls(from)
    const change = entries.find((entry) => entry.type !== 'normal' && entry.term === term)
    if (!change || !this.#chance(`change ${change.index} ${term}`, plan.changeBreaks)) return
    // a change that is left undone is the more dangerous the sooner the next leader makes another one
    const early = time.now - (this.#began.get(term) ?? 0) < earlyMs
    if (random.unit() < (early ? 0.35 : 0.7)) this.#crash(from, 0.5 + random.unit() * 5, random.below(1_500))
    else this.#divides(from, early ? pick(random, ['one-way cut', 'one-way cut', 'split']) : 'split')
  }

  /** Cut off, stopped or dead. */
  #falls(leader: number): void {
    const { time, random, encounters, network, ids, processOf } = this.#parts
    const inMs = pick(random, [0, random.unit() * 2])
    const forMs = 100 + random.below(1_400)
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

  /**
   * When about a quorum has the change, a part of the members goes on with the leader; the others may still be heard.
   */
  #divides(leader: number, how: 'one-way cut' | 'split'): void {
    const { time, random, network, ids } = this.#parts
    time.after(how === 'split' ? 0.5 + random.unit() * 6 : 1 + random.unit() * 2, () => {
      const kept = new Set([leader, ...this.#company(leader)])
      const others = ids().filter((id) => !kept.has(id))
      this.#lasts(how, leader, 800 + random.below(1_700), () => {
        if (how === 'split') return network().divide(kept, ids())
        const ends = others.flatMap((to) => [...kept].map((from) => network().cut(from, to)))
        return () => {
          for (const end of ends) end()
        }
      })
    })
  }

  /** Who goes on with a leader: those that it does not know as voters yet, with luck a voter beside, or anybody. */
  #company(leader: number): readonly number[] {
    const { random, ids, processOf } = this.#parts
    const members = processOf(leader)?.member?.memberList() ?? []
    const voters = members.filter(({ id, voter }) => voter && id !== leader).map(({ id }) => id)
    const others = ids().filter((id) => !voters.includes(id))
    const some = ids().filter(() => random.unit() < 0.4)
    return pick(random, [others, others, [...others, pick(random, ids())], some])
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
