import { limits } from '../../keeper/src/base/limits.js'
import { type Random, seededRandom } from '../../keeper/src/base/random.js'
import type { CompactionPolicy } from '../../keeper/src/node/compaction.js'
import type { FlushPolicy } from '../../keeper/src/node/flusher.js'
import { allFaultKinds, type FaultKind, faultKinds } from './fault-kinds.js'

/** What one seed's world is like. */
export interface Plan {
  readonly voters: number
  /** Members that may be added while the world goes on. */
  readonly spares: number
  readonly clients: number
  readonly txnClients: number
  readonly leaseClients: number
  readonly sessions: number
  readonly watchers: number
  /** Virtual milliseconds of harm. */
  readonly chaosMs: number
  /** Harm → how often it is chosen, compared with the others. */
  readonly harm: ReadonlyMap<FaultKind, number>
  /** The pause between two strikes is at most twice that. */
  readonly calmMs: number
  /** How harm waits for the worst moments; undefined: it does not. */
  readonly ambush: AmbushPlan | undefined
  /** How the time between two leaders is made hard; undefined: it is not. */
  readonly interregnum: InterregnumPlan | undefined
  /** The pause between two reads of all registers is at most twice that. */
  readonly probeMs: number
  /** Short ones: members stand for election at the same time, and often. */
  readonly electionTimeoutTicks: number
  /** Small: each entry goes to a follower in a message of its own. */
  readonly messageBytesMax: number
  /** The pause between two changes of the members; undefined: they stay. */
  readonly churnMs: number | undefined
  /** The longest that an operator waits for a change. */
  readonly churnPatienceMs: number
  /** The share of new leaders who are asked for a change of the members as soon as they lead. */
  readonly hasteShare: number
  readonly flush: FlushPolicy
  readonly compaction: CompactionPolicy
  readonly walBytesMax: number
  /** The pause between two snapshots that are saved as files is at most twice that; undefined: none are. */
  readonly archiveMs: number | undefined
  /** So often, in the end, all members are lost and a new cluster goes on from such a file. */
  readonly restores: number
}

/** Much of a few kinds shows what a little of each would hide. */
export interface AmbushPlan {
  /** The pause before the next trap is at most twice that. */
  readonly everyMs: number
  /** Of the kinds of messages there are, so many make a trap. */
  readonly kindShare: number
  /** What a trap does. */
  readonly harm: readonly AmbushHarm[]
}

export const ambushHarm = ['power failure', 'kill', 'pause', 'split'] as const
export type AmbushHarm = (typeof ambushHarm)[number]

/** The shares of occasions that are used. */
export interface InterregnumPlan {
  /** Of candidacies: some of the others do not hear of it. */
  readonly unheard: number
  /** Of votes: who gave it is gone at once and soon back. */
  readonly voterRestarts: number
  /** Of new leaders: it is struck, or not heard any more, within its first messages. */
  readonly leaderFalls: number
  /** Of changes of the members: they come to some, and who proposed it falls or is cut off. */
  readonly changeBreaks: number
}

/** What of it concerns each member. */
export type MemberPlan = Pick<Plan, 'flush' | 'compaction' | 'walBytesMax' | 'electionTimeoutTicks' | 'messageBytesMax'>

/** Of all kinds of harm a seed has some: many at once hide what a few of them, often, would show (swarm testing). */
const harmShare = 0.45
const peacefulShare = 0.03
const rare: ReadonlySet<FaultKind> = new Set(faultKinds.disk.slice(5))

/** The world of a seed, always the same. */
export function planOf(seed: number): Plan {
  // a stream of its own: what is drawn here moves nothing elsewhere
  const random = seededRandom(seed ^ 0x5eed_0f_01)
  return {
    voters: pick(random, [3, 3, 3, 4, 5]),
    spares: 8,
    clients: pick(random, [1, 2, 3]),
    txnClients: pick(random, [1, 2, 3]),
    leaseClients: pick(random, [1, 2, 3]),
    sessions: pick(random, [1, 2, 3, 5]),
    watchers: 2,
    chaosMs: pick(random, [4_000, 6_000, 8_000, 12_000]),
    harm: harmOf(random),
    calmMs: pick(random, [150, 300, 600]),
    churnMs: pick(random, [undefined, 150, 250, 500]),
    flush: flushOf(random),
    compaction: {
      intervalMs: pick(random, [300, 600, 1_500]),
      keepRevisionsMin: pick(random, [1, 5, 30]),
    },
    walBytesMax: pick(random, [4, 16, 64]) * 1024,
    ambush: random.unit() < 0.7 ? ambushOf(random) : undefined,
    probeMs: pick(random, [10, 30, 100]),
    electionTimeoutTicks: pick(random, [10, 10, 5, 3]),
    messageBytesMax: pick(random, [limits.raftMessageBytesMax, 2_000, 1]),
    ...lateDraws(seed),
    ...archiveDraws(seed),
  }
}

/** Of a third stream, for the same reason. */
function archiveDraws(seed: number): Pick<Plan, 'archiveMs' | 'restores'> {
  const random = seededRandom(seed ^ 0x5eed_0f_03)
  if (random.unit() < 0.75) return { archiveMs: undefined, restores: 0 }
  return { archiveMs: pick(random, [100, 400, 1_500]), restores: pick(random, [0, 1, 1, 2]) }
}

type LatePlan = Pick<Plan, 'interregnum' | 'hasteShare' | 'churnPatienceMs'> & Partial<Plan>

/** Of a stream of its own again: what came to the plan later leaves the rest of it as it was. */
function lateDraws(seed: number): LatePlan {
  const random = seededRandom(seed ^ 0x5eed_0f_02)
  const share = () => pick(random, [0, 0.15, 0.5, 0.9])
  const falls = { unheard: share(), voterRestarts: share(), leaderFalls: share(), changeBreaks: 0 }
  const kind = random.unit()
  if (kind < 0.6) return { interregnum: undefined, hasteShare: pick(random, [0, 0.3]), churnPatienceMs: 4_000 }
  if (kind < 0.7) return { interregnum: falls, hasteShare: 0, churnPatienceMs: 4_000 }
  return kind < 0.8 ? quickTurns(random, falls) : halfChanges(random)
}

/** One leader after the other, each with a log that hardly anybody has: what Raft's figure 8 is made of. */
function quickTurns(random: Random, falls: InterregnumPlan): LatePlan {
  return {
    interregnum: { ...falls, unheard: 0, voterRestarts: pick(random, [0, 0, 0.15]), leaderFalls: 0.97 },
    ...{ hasteShare: 0, churnPatienceMs: 4_000, churnMs: undefined },
    voters: pick(random, [3, 3, 3, 5]),
    chaosMs: pick(random, [8_000, 12_000]),
    electionTimeoutTicks: pick(random, [3, 3, 5]),
    messageBytesMax: pick(random, [1, 1, limits.raftMessageBytesMax]),
    ...calmedHarm(random),
  }
}

/** Everybody wants other members, and hardly anybody sees it through. */
function halfChanges(random: Random): LatePlan {
  const changeBreaks = pick(random, [0.5, 0.9])
  return {
    interregnum: { unheard: 0, voterRestarts: 0, leaderFalls: pick(random, [0, 0, 0.15]), changeBreaks },
    ...{ hasteShare: 0.9, churnPatienceMs: 600, churnMs: pick(random, [50, 150]) },
    ...{ voters: 3, spares: 20 },
    ...calmedHarm(random),
  }
}

/** A course of several steps comes to its end only where nothing else interferes all the time. */
function calmedHarm(random: Random): Partial<Plan> {
  return random.unit() < 0.5 ? {} : { harm: new Map(), ambush: undefined }
}

function harmOf(random: Random): Map<FaultKind, number> {
  const harm = new Map<FaultKind, number>()
  if (random.unit() < peacefulShare) return harm
  for (const kind of allFaultKinds) {
    const chosen = random.unit() < harmShare
    // what only shows at the next start, and only on one disk at a time, has to be tried more often
    const weight = (1 + random.below(8)) * (rare.has(kind) ? 4 : 1)
    if (chosen) harm.set(kind, weight)
  }
  return harm
}

function ambushOf(random: Random): AmbushPlan {
  const harm = ambushHarm.filter(() => random.unit() < 0.6)
  return {
    everyMs: pick(random, [30, 150, 300]),
    kindShare: pick(random, [0.15, 0.4, 1]),
    harm: harm.length > 0 ? harm : ambushHarm,
  }
}

/** From snapshots all the time (hardly any log is kept) to hardly ever. */
function flushOf(random: Random): FlushPolicy {
  const large = { stateBytes: 1024 * 1024, valueBytes: 512 * 1024, restBytes: 1024 * 1024, restMs: 3_000 }
  const storm = { ...large, entries: 6, tailEntries: 1, intervalMs: 300, logBytes: 4 * 1024, tailBytes: 1024 }
  const brisk = {
    ...large,
    entries: 25,
    tailEntries: 12,
    intervalMs: 1_000,
    logBytes: 16 * 1024,
    tailBytes: 8 * 1024,
  }
  const calm = {
    ...large,
    entries: 80,
    tailEntries: 60,
    intervalMs: 2_000,
    logBytes: 64 * 1024,
    tailBytes: 32 * 1024,
  }
  return pick(random, [storm, storm, brisk, calm])
}

export function pick<T>(random: Random, from: readonly T[]): T {
  return from[random.below(from.length)] as T
}
