import type { Random } from '../../keeper/src/base/random.js'
import type { Parcel } from '../../keeper/src/transport/local-network.js'
import type { PeerMessage } from '../../keeper/src/transport/types.js'
import type { Encounters } from './encounters.js'
import type { SimNetwork } from './network.js'
import type { SimProcess } from './process.js'
import { type AmbushHarm, type AmbushPlan, pick } from './swarm.js'
import type { Trace } from './trace.js'
import type { VirtualTime } from './virtual-time.js'

export interface AmbushParts {
  readonly time: VirtualTime
  readonly random: Random
  readonly trace: Trace
  readonly encounters: Encounters
  readonly plan: AmbushPlan | undefined
  readonly network: () => SimNetwork
  readonly ids: () => readonly number[]
  readonly processOf: (id: number) => SimProcess | undefined
}

/** Waits for its moment: the next message of some kind, but for a few. */
interface Trap {
  readonly kind: string
  left: number
}

/**
 * Harm at the worst moment. A nemesis that strikes at any time hardly ever hits the milliseconds between a vote and its
 * answer, or between a leader's first entry and its commit; this one waits for a message, as often for one of a rare
 * kind as for one of a common kind, and strikes who sent or who gets it while that is at work on it. A crashed process
 * is there again soon, when what was under way still is.
 */
export class Ambush {
  readonly #parts: AmbushParts
  readonly #kinds: string[] = []
  readonly #known = new Set<string>()
  #trap: Trap | undefined
  #over = false

  constructor(parts: AmbushParts) {
    this.#parts = parts
  }

  async run(): Promise<void> {
    const { time, random, plan } = this.#parts
    while (plan && !this.#over) {
      await time.sleep(random.below(2 * plan.everyMs))
      if (this.#trap || this.#kinds.length === 0) continue
      this.#trap = { kind: pick(random, this.#kinds), left: random.below(3) }
    }
  }

  end(): void {
    this.#over = true
    this.#trap = undefined
  }

  sent(parcel: Parcel): void {
    if (this.#over) return
    for (const message of parcel.messages) {
      const kind = kindOf(message)
      this.#meet(kind)
      if (this.#trap?.kind === kind && --this.#trap.left < 0) this.#spring(kind, parcel)
    }
  }

  #meet(kind: string): void {
    const { plan, random } = this.#parts
    if (!plan || this.#known.has(kind)) return
    this.#known.add(kind)
    if (random.unit() < plan.kindShare) this.#kinds.push(kind)
  }

  #spring(kind: string, { from, to }: Parcel): void {
    const { time, random, trace, plan, processOf } = this.#parts
    this.#trap = undefined
    const victim = processOf(random.unit() < 0.5 ? from : to)
    if (!victim || !plan) return
    const inMs = pick(random, [0, random.unit() * 4, random.unit() * 4, random.below(60)])
    const downMs = pick(random, [0, random.below(20), random.below(200), random.below(2_000)])
    const how = pick(random, plan.harm)
    trace.note(`${kind} ${from}>${to}: n${victim.id} meets ${how} in ${inMs.toFixed(1)} ms for ${downMs} ms`)
    time.after(inMs, () => {
      if (!this.#over && victim.running) this.#strike(victim, how, downMs)
    })
  }

  #strike(victim: SimProcess, how: AmbushHarm, downMs: number): void {
    const { time, random, encounters, network } = this.#parts
    if (how === 'split') {
      this.#split(victim, 200 + downMs)
      return
    }
    encounters.struck(how, downMs)
    if (how === 'pause') {
      victim.pause(downMs)
      return
    }
    // what is on the way finds it there again, as with a machine that is quicker than the network
    if (random.unit() < 0.5) network().hold(victim.id, time.now + downMs + random.below(40))
    victim.crash(how === 'kill' ? 'kill' : 'power')
    time.after(downMs, () => victim.departed || victim.start())
  }

  /** The victim with some others on one side, the rest on the other. */
  #split(victim: SimProcess, forMs: number): void {
    const { time, random, encounters, network, ids } = this.#parts
    const here = new Set(ids().filter((id) => id === victim.id || random.unit() < 0.4))
    const end = network().divide(here, ids())
    const over = encounters.struck('split', forMs)
    time.after(forMs, () => {
      end()
      over()
    })
  }
}

/** What may make a difference to whoever is struck while it handles it. */
function kindOf(message: PeerMessage): string {
  if (message.kind !== 'raft') return message.kind
  const { type, reject, entries, context } = message.message
  const changes = entries.some((entry) => entry.type !== 'normal')
  const what = changes ? ' of a change' : entries.length > 0 ? ' of entries' : context ? ' with context' : ''
  return `${type}${what}${reject ? ' refused' : ''}`
}
