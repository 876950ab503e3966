import type { Random } from '../../keeper/src/base/random.js'
import type { Parcel } from '../../keeper/src/transport/local-network.js'
import type { PeerMessage } from '../../keeper/src/transport/types.js'
import type { Encounters } from './encounters.js'
import type { SimProcess } from './process.js'
import { pick } from './swarm.js'
import type { Trace } from './trace.js'
import type { VirtualTime } from './virtual-time.js'

export interface AmbushParts {
  readonly time: VirtualTime
  readonly random: Random
  readonly trace: Trace
  readonly encounters: Encounters
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
    const { time, random } = this.#parts
    while (!this.#over) {
      await time.sleep(20 + random.below(600))
      if (this.#trap || this.#kinds.length === 0) continue
      this.#trap = { kind: pick(random, this.#kinds), left: random.below(4) }
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
      if (!this.#known.has(kind)) {
        this.#known.add(kind)
        this.#kinds.push(kind)
      }
      if (this.#trap?.kind === kind && --this.#trap.left < 0) this.#spring(kind, parcel)
    }
  }

  #spring(kind: string, { from, to }: Parcel): void {
    const { time, random, trace, encounters } = this.#parts
    this.#trap = undefined
    const victim = this.#parts.processOf(random.unit() < 0.5 ? from : to)
    if (!victim) return
    const inMs = pick(random, [0, random.unit() * 4, random.unit() * 4, random.below(60)])
    const downMs = pick(random, [0, random.below(20), random.below(200), random.below(2_000)])
    const how = pick(random, ['power failure', 'power failure', 'kill', 'pause'] as const)
    trace.note(`${kind} ${from}>${to}: n${victim.id} meets ${how} in ${inMs.toFixed(1)} ms for ${downMs} ms`)
    time.after(inMs, () => {
      if (this.#over || !victim.running) return
      encounters.struck(how, downMs)
      if (how === 'pause') return victim.pause(downMs)
      victim.crash(how === 'kill' ? 'kill' : 'power')
      time.after(downMs, () => victim.departed || victim.start())
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
