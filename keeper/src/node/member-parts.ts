import type { KeeperError } from '../base/errors.js'
import { limits } from '../base/limits.js'
import type { Logger } from '../base/logger.js'
import { NONE } from '../raft/types.js'
import type { Command, CommandResult, Keyspace } from '../store/types.js'
import type { Engine } from './boot.js'
import { CommitNews } from './commit-news.js'
import { Compactor } from './compactor.js'
import { Departure } from './departure.js'
import { EarlyElection } from './early-election.js'
import { Ending } from './ending.js'
import { Farewell } from './farewell.js'
import { shareOf } from './flush-turn.js'
import { Flusher } from './flusher.js'
import { Growth, spaceTopic } from './growth.js'
import { type Lessor, newLessor } from './lessor.js'
import { loopHost } from './loop-host.js'
import { Membership } from './membership.js'
import type { MemberOptions, Settings } from './options.js'
import { Peers } from './peers.js'
import { Questions } from './questions.js'
import { ReadRounds } from './reads.js'
import { ReadyLoop } from './ready-loop.js'
import { Recovery } from './recovery.js'
import { Renewals } from './renewals.js'
import { Standing } from './standing.js'
import { StatePort } from './state-port.js'
import { Traffic } from './traffic.js'

/** What the parts of a member need of it. */
export interface PartsHost {
  readonly logger: Logger
  /** Why nothing is taken any more; undefined when all is well. */
  closed(): KeeperError | undefined
  halted(): boolean
  /** The member can go on no longer. */
  fault(error: unknown): void
  leadershipChanged(leading: boolean, term: number): void
  campaign(): void
  /** A command of the keeper itself. */
  propose(body: Command['body']): Promise<CommandResult>
  /** Resolves when a quorum confirmed that whoever leads led after the call. */
  confirm(): Promise<void>
}

/** The parts of a running member: each knows its neighbours only through what it is given here. */
export interface MemberParts {
  readonly state: StatePort
  readonly flusher: Flusher
  readonly traffic: Traffic
  readonly reads: ReadRounds
  readonly standing: Standing
  readonly ending: Ending
  readonly lessor: Lessor
  readonly renewals: Renewals
  readonly compactor: Compactor
  readonly growth: Growth
  readonly questions: Questions
  readonly earlyElection: EarlyElection
  readonly commitNews: CommitNews
  readonly recovery: Recovery
  readonly membership: Membership
  readonly peers: Peers
  readonly loop: ReadyLoop
}

export function assemble(options: MemberOptions, settings: Settings, engine: Engine, host: PartsHost): MemberParts {
  const { disk, clock, random, transport } = options
  const { raw, log, store, confState } = engine
  const { logger, fault, closed, halted } = host
  const { nextTurn, patienceTicks } = settings
  const electionMs = settings.electionTimeoutTicks * settings.tickMs
  const retryTicks = settings.heartbeatTicks * 5
  const nonce = Buffer.from(random.bytes(8))
  const incarnation = nonce.toString('hex')
  const applied = disk.recovered.flush.index
  const { memberId } = disk.recovered.identity

  // what is made later is reached by these
  const wake = () => loop.wake()
  const send: Peers['send'] = (to, messages) => peers.send(to, messages)
  const confirmLeading = () => standing.confirmLeading()
  const core = { raw, clock, closed, wake, confirmLeading }
  const ground = { disk, log, store, clock, logger, fault }

  const state = new StatePort({
    ...ground,
    ...core,
    transport,
    confState,
    flusher: () => flusher,
    decided: (index, refused) => membership.decided(index, refused),
    departs: (removal) => departure.begin(removal),
    lingers: (removal) => departure.linger(removal),
    left: (ids) => farewell.to(ids),
  })
  const flusher = new Flusher(
    {
      ...ground,
      policy: settings.flush,
      confState: () => state.confState,
      share: () => shareOf(memberId, state.confState),
      done: wake,
    },
    applied,
  )
  const traffic = new Traffic({
    ...core,
    ...{ store, random, applied, send, incarnation, patienceTicks },
    mayNotGrow: () => growth.refusal(),
    logFull: () => flusher.logBytes > limits.raftLogBytesMax,
  })
  const reads = new ReadRounds({
    ask: (context) => raw.readIndex(context) === 'ok',
    term: () => raw.term,
    patience: { retryTicks, failTicks: patienceTicks, applyTicks: Math.ceil(limits.readApplyMs / settings.tickMs) },
    incarnation: nonce,
    applied,
  })
  const standing = new Standing({
    alive: (id) => membership.isActive(id),
    raw,
    halted,
    changed: host.leadershipChanged,
    confirm: host.confirm,
  })
  const patience = { patienceMs: electionMs, othersPatienceMs: limits.handOverPatienceMs }
  const ending = new Ending({ ...core, ...patience, standing, halted, underWay: () => traffic.underWay })
  const departure = new Departure({
    ...{ ...core, standing, ending, fault, patienceMs: limits.departurePatienceMs },
    isBack: () => state.takesPart(raw.status().id),
  })
  const lessor = newLessor(settings, {
    ...{ store, clock, logger, confirmLeading },
    isAlive: (member) => membership.isActive(member),
    revoke: (keyspace, id) => host.propose(revocation(keyspace, id, standing.term)),
    nextTurn: () => new Promise((resolve) => nextTurn(resolve)),
  })
  const leader = () => standing.leader()
  const renewals = new Renewals({ leader, send, nextTurn }, lessor, { incarnation, retryTicks, patienceTicks })
  const propose = (keyspace: Keyspace, revision: number) => host.propose({ kind: 'compact', keyspace, revision })
  const compactor = new Compactor({ store, clock, policy: settings.compaction, propose })
  const questions = new Questions({ clock, incarnation, send })
  const growth = new Growth({
    ...{ raw, store, clock, leader, wake },
    quotaBytes: settings.quotaBytes,
    space: () => disk.space(),
    ask: (to, topic, body) => questions.ask(to, topic, body),
  })
  questions.onAsk(spaceTopic, (body, from) => growth.answer(body, from))
  const otherLeader = () => standing.otherLeader()
  const earlyElection = new EarlyElection({
    ...{ clock, random, leader: otherLeader },
    leaderLost: () => raw.leaderLost,
    asksInVain: () => raw.asksInVain,
    votesSplit: () => raw.votesSplit,
    campaign: host.campaign,
  })
  const recovery = new Recovery(
    {
      ...{ logger, send, fault, leader: otherLeader },
      lastIndex: () => log.lastIndex(),
      pledge: () => raw.pledgeToLeader(),
      markClean: async () => {
        const { term, vote, commit } = raw.status()
        await disk.append({ entries: [], hardState: { term, vote, commit } })
        await disk.setCondition('clean')
      },
    },
    { active: engine.recovering, incarnation },
  )
  const membership = new Membership({ ...core, silenceMs: 2 * electionMs, patienceTicks, heir: () => standing.heir() })
  const farewell = new Farewell({
    ...{ clock, closed, send, patienceMs: limits.departurePatienceMs },
    // one that hands over, or was removed itself, may propose nothing by which it could find out
    leads: () => raw.role === 'leader' && raw.status().leadTransferee === NONE && state.takesPart(raw.status().id),
    othersKnow: () => membership.othersKnow(),
    takesPart: (id) => state.takesPart(id),
  })
  const commitNews = new CommitNews({ clock, send: (messages) => peers.sendNow(messages) })
  const peers = new Peers({
    ...core,
    commitNews,
    ...{ store, membership, transport, recovery, renewals, state, questions, earlyElection, farewell, halted, fault },
    ...{ forwarding: traffic.forwarding, queue: traffic.queue },
    applied: () => store.appliedIndex,
  })
  const loop = new ReadyLoop(
    raw,
    loopHost({
      ...{ disk, log, flusher, state, peers, reads, fault, nextTurn },
      feed: () => {
        traffic.feed()
        reads.start()
      },
      standingChanged: () => {
        standing.note()
        membership.noteStanding()
      },
    }),
  )
  return {
    ...{ state, flusher, traffic, reads, standing, ending, lessor, renewals, compactor, questions, earlyElection },
    ...{ recovery, membership, peers, commitNews, loop, growth },
  }
}

/** By the leader of that term; a proposal may wait, and go to the next leader. */
const revocation = (keyspace: Keyspace, id: bigint, term: number): Command['body'] => ({
  ...{ kind: 'txn', keyspace },
  txn: { compares: [{ target: 'term', term }], success: [{ kind: 'leaseRevoke', id }], failure: [] },
})
