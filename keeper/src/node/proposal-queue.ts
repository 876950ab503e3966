import type { Clock } from '../base/clock.js'
import { KeeperError } from '../base/errors.js'
import { limits } from '../base/limits.js'
import type { Random } from '../base/random.js'
import { type EncodedCommands, joinBatch } from '../store/command-codec.js'
import type { EntryPlace } from '../transport/types.js'

/** Commands that stay together: one of this member's own, or what a follower sent in one message. */
export interface Bundle {
  readonly commands: EncodedCommands
  /** Sent by a follower: of no use unless this member leads. */
  readonly foreign: boolean
  /** The leader appended them. */
  placed(place: EntryPlace): void
  /** They were not taken and never will be. */
  refuse(error: KeeperError): void
}

/** Room for format, stamps and count in front of an entry's commands. */
const batchHeaderBytes = 64
/** The most that the commands of one entry may take. */
export const commandsBytesMax = limits.entryBytesMax - batchHeaderBytes

export interface Group {
  readonly bundles: readonly Bundle[]
  /** Commands in them. */
  readonly count: number
}

export const groupOf = (bundles: readonly Bundle[]): Group => ({
  bundles,
  count: bundles.reduce((sum, { commands }) => sum + commands.count, 0),
})

/**
 * Proposals on their way to the log, in order. What gathers while an append is under way becomes one entry, cut at
 * `entryBytesMax`.
 */
export class ProposalQueue {
  #waiting: { readonly bundle: Bundle; ticksLeft: number }[] = []
  readonly #patienceTicks: number
  #commands = 0

  /** A proposal is given up after `patienceTicks` ticks without a leader to take it. */
  constructor(patienceTicks: number) {
    this.#patienceTicks = patienceTicks
  }

  /** Commands that wait. */
  get count(): number {
    return this.#commands
  }

  add(bundle: Bundle): void {
    this.#commands += bundle.commands.count
    this.#waiting.push({ bundle, ticksLeft: this.#patienceTicks })
  }

  /** The bundles of the next entry, still in the queue; undefined when it is empty. */
  peek(): Group | undefined {
    const first = this.#waiting[0]
    if (!first) return undefined
    const bundles: Bundle[] = []
    let bytes = 0
    for (const { bundle } of this.#waiting) {
      bytes += bundle.commands.bytes.length
      if (bundles.length > 0 && bytes > commandsBytesMax) break
      bundles.push(bundle)
    }
    return groupOf(bundles)
  }

  /** Takes out what `peek` gave. */
  remove(group: Group): void {
    this.#waiting = this.#waiting.slice(group.bundles.length)
    this.#commands -= group.count
  }

  /** To be called each tick while nobody takes proposals. */
  tick(): void {
    const patient = this.#waiting.filter((waiting) => --waiting.ticksLeft > 0)
    if (patient.length === this.#waiting.length) return
    const given = this.#waiting.filter((waiting) => waiting.ticksLeft <= 0)
    this.#waiting = patient
    for (const { bundle } of given) {
      this.#commands -= bundle.commands.count
      bundle.refuse(new KeeperError('E_PROPOSAL_DROPPED', 'no leader took the proposal in time'))
    }
  }

  rejectAll(error: KeeperError): void {
    const waiting = this.#waiting
    this.#waiting = []
    this.#commands = 0
    for (const { bundle } of waiting) bundle.refuse(error)
  }
}

/** The data of an entry: commands with the leader's stamps, so that apply needs neither clock nor chance (DESIGN 5). */
export function stampBatch({ bundles }: Group, clock: Clock, random: Random): Uint8Array {
  const seed = Buffer.from(random.bytes(8)).readBigInt64LE()
  const wallMs = Math.max(0, Math.floor(clock.wall()))
  return joinBatch(
    { wallMs, seed },
    bundles.map(({ commands }) => commands),
  )
}

/** Tells each bundle of an appended group where it stands. */
export function placeGroup(group: Group, index: number, term: number): void {
  let offset = 0
  for (const bundle of group.bundles) {
    bundle.placed({ index, term, offset })
    offset += bundle.commands.count
  }
}
