import { KeeperError } from '../../keeper/src/base/errors.js'
import type { Random } from '../../keeper/src/base/random.js'
import type { JoinAnswer, MemberView } from '../../keeper/src/control/member-types.js'
import type { Member, MemberEntry } from '../../keeper/src/node/types.js'
import type { ConfChange, ConfChangeSingle } from '../../keeper/src/raft/types.js'
import { encodeRecord, type MemberRecord, recordKey } from '../../keeper/src/store/records.js'
import type { Encounters } from './encounters.js'
import { Operator, unlessDefect } from './operator.js'
import type { SimProcess } from './process.js'
import { putOf } from './put-of.js'
import { pick } from './swarm.js'
import type { Trace } from './trace.js'
import type { VirtualTime } from './virtual-time.js'

export interface ChurnParts {
  readonly time: VirtualTime
  readonly random: Random
  readonly trace: Trace
  readonly encounters: Encounters
  readonly processes: readonly SimProcess[]
  /** A new machine with an empty disk, not started; undefined when there are no more. */
  readonly recruit: () => SimProcess | undefined
  /** The same for a member that was added under that name. */
  readonly recruitFor: (name: string, answer: JoinAnswer) => SimProcess | undefined
  /** The machine is taken away for good. */
  readonly retire: (process: SimProcess) => void
  readonly churnMs: number | undefined
  readonly hasteShare: number
  /** The longest that an operator waits for a change. */
  readonly patienceMs: number
  readonly over: () => boolean
  readonly fail: (error: unknown) => void
}

type Action = (scene: { leader: Member; members: readonly MemberEntry[] }) => Promise<unknown> | undefined

interface Chance {
  /** Fewer voters are there afterwards, or others. */
  readonly risky: boolean
  readonly act: Action
}

/** An operator keeps at least so many voters, so that one may lose its disk. */
const votersMin = 3
const membersMax = 7

/** Members come, are promoted, hand over, are replaced and go: one change after the other, as an operator makes them. */
export class Churn {
  readonly #parts: ChurnParts
  readonly #chances: readonly Chance[]
  readonly #operator: Operator
  /** What somebody asks a new leader for who does not know what else is under way. */
  readonly #hasty: readonly Action[]
  /** Some day they may turn out to be voters no more. */
  readonly #demoted = new Set<number>()
  #acting = 0
  #risky = 0
  #ended = false
  changes = 0

  constructor(parts: ChurnParts) {
    this.#parts = parts
    this.#operator = new Operator({ ...parts, recruit: parts.recruitFor })
    const risky = true
    const safe = false
    this.#chances = [
      { risky: safe, act: (scene) => this.#add(scene) },
      { risky: safe, act: (scene) => this.#promote(scene) },
      { risky: safe, act: (scene) => this.#promote(scene) },
      { risky: safe, act: (scene) => this.#removeLearner(scene) },
      { risky: safe, act: (scene) => this.#handOver(scene) },
      { risky, act: (scene) => this.#removeVoter(scene) },
      { risky, act: (scene) => this.#replace(scene) },
      { risky, act: (scene) => this.#demote(scene) },
      { risky: safe, act: ({ members }) => (members.length < membersMax ? this.#operator.add() : undefined) },
      { risky: safe, act: () => this.#operator.promote() },
      { risky: safe, act: () => this.#operator.transfer() },
      { risky, act: (scene) => this.#removeByName(scene) },
    ]
    this.#hasty = [
      (scene) => this.#addVoter(scene),
      (scene) => this.#promote(scene),
      // another one may be on its way out
      (scene) => (this.#mayRemove(scene.members) ? this.#removeVoter(scene) : this.#addVoter(scene)),
    ]
  }

  /** A change that takes a voter is under way: nobody should lose a disk now. */
  get busy(): boolean {
    return this.#risky > 0
  }

  get done(): boolean {
    return this.#ended && this.#acting === 0
  }

  async run(): Promise<void> {
    const { time, random, churnMs, over } = this.#parts
    while (churnMs !== undefined && !over()) {
      await time.sleep(random.below(2 * churnMs))
      if (!over()) await this.#act()
    }
    this.#ended = true
  }

  /** A leader was elected: somebody wants a change of it at once, whatever its predecessor left undone. */
  crowned(leader: Member): void {
    const { random, churnMs, hasteShare, over, fail } = this.#parts
    if (churnMs === undefined || over() || random.unit() >= hasteShare) return
    const acting = pick(random, this.#hasty)({ leader, members: leader.memberList() })
    if (acting) this.#count(acting, true).catch(fail)
  }

  get lastingVoters(): number {
    return this.#lasting(this.members())
  }

  /** The configuration as whoever applied most has it. */
  members(): readonly MemberEntry[] {
    const applied = (process: SimProcess) => process.member?.status().appliedIndex ?? -1
    const [first] = [...this.#parts.processes].sort((a, b) => applied(b) - applied(a))
    return first?.member?.memberList() ?? []
  }

  /** What the members' records want and the configuration has not, when nothing hinders it any more. */
  unfinished(): string | undefined {
    const views = this.#leaderProcess()?.members?.known() ?? []
    const left = views.find(({ id, wanted, voter, takesPart }) => {
      if (wanted === 'removed') return takesPart
      return wanted === 'voter' && !voter && this.#processOf(id) !== undefined
    })
    return left && `${left.name} is to be ${left.wanted}`
  }

  /** Takes away what is no member. */
  settle(): void {
    const members = new Set(this.members().map(({ id }) => id))
    if (members.size === 0) return
    for (const process of [...this.#parts.processes]) if (!members.has(process.id)) this.#parts.retire(process)
  }

  async #act(): Promise<void> {
    const leader = this.#leader()
    if (!leader) return
    const { risky, act } = this.#chosen(leader)
    if (risky && this.#anyDamaged()) return
    const acting = act({ leader, members: leader.memberList() })
    if (!acting) return
    await this.#count(acting, risky)
  }

  /** Where new members come in haste, old ones go, or two changes would be a smaller and smaller part of all. */
  #chosen(leader: Member): Chance {
    const { random, hasteShare } = this.#parts
    if (hasteShare > 0.5 && random.unit() < 0.6 && this.#spareVoters(leader.memberList()) > 0)
      return { risky: true, act: (scene) => this.#removeVoter(scene) }
    if (hasteShare > 0.5 && random.unit() < 0.3) return { risky: true, act: (scene) => this.#replace(scene) }
    return pick(random, this.#chances)
  }

  async #count(acting: Promise<unknown>, risky: boolean): Promise<void> {
    this.#acting++
    if (risky) this.#risky++
    try {
      await acting
    } finally {
      this.#acting--
      if (risky) this.#risky--
    }
  }

  #leader(): Member | undefined {
    return this.#leaderProcess()?.member
  }

  #leaderProcess(): SimProcess | undefined {
    const leading = this.#parts.processes.filter(({ member, running }) => running && member?.status().role === 'leader')
    return leading.sort((a, b) => (b.member?.status().term ?? 0) - (a.member?.status().term ?? 0))[0]
  }

  #add({ leader, members }: Parameters<Action>[0]): Promise<unknown> | undefined {
    if (members.length >= membersMax) return undefined
    const recruit = this.#parts.recruit()
    if (!recruit) return undefined
    if (this.#parts.random.unit() < 0.5) recruit.start()
    return this.#change(leader, 'auto', { type: 'addLearnerNode', id: recruit.id })
  }

  /** With an empty disk, as nobody should. */
  #addVoter({ leader, members }: Parameters<Action>[0]): Promise<unknown> | undefined {
    if (members.length >= membersMax) return undefined
    const recruit = this.#recruited()
    return recruit && this.#change(leader, 'auto', { type: 'addNode', id: recruit.id })
  }

  #promote({ leader, members }: Parameters<Action>[0]): Promise<unknown> | undefined {
    const learner = members.find(({ id, voter, lag = 1e9 }) => !voter && lag < 50 && this.#processOf(id)?.sound)
    if (!learner) return undefined
    this.#demoted.delete(learner.id)
    return this.#change(leader, 'auto', { type: 'addNode', id: learner.id })
  }

  #removeByName({ members }: Parameters<Action>[0]): Promise<unknown> | undefined {
    const { random, processes } = this.#parts
    const views = pick(random, processes).members?.known() ?? []
    const spare = this.#spareVoters(members)
    const candidates = views.filter(({ voter, wanted }) => wanted !== 'removed' && (!voter || spare > 0))
    const leaving = pick(random, candidates)
    return leaving && this.#dismissByName(leaving)
  }

  async #dismissByName(view: MemberView): Promise<void> {
    const leaving = this.#processOf(view.id)
    if (leaving) leaving.dismissed = true
    if ((await this.#operator.remove(view)) && leaving) await this.#retireOnce(leaving)
  }

  #removeLearner({ leader, members }: Parameters<Action>[0]): Promise<unknown> | undefined {
    const learner = members.find(({ voter }) => !voter)
    // the first is promoted, the rest may go
    if (!learner || members.length < votersMin + 2) return undefined
    return this.#dismiss(leader, learner.id, 'auto', [])
  }

  #removeVoter({ leader, members }: Parameters<Action>[0]): Promise<unknown> | undefined {
    if (this.#spareVoters(members) <= 0) return undefined
    const voter = pick(
      this.#parts.random,
      members.filter((member) => member.voter),
    )
    return this.#dismiss(leader, voter.id, 'auto', [])
  }

  /** One comes as another goes: that takes joint consensus. */
  #replace({ leader, members }: Parameters<Action>[0]): Promise<unknown> | undefined {
    const leaving = pick(
      this.#parts.random,
      members.filter(({ voter, leads }) => voter && !leads),
    )
    const learner = members.find(({ id, voter }) => !voter && this.#processOf(id)?.sound)
    const comingId = learner?.id ?? this.#recruited()?.id
    if (comingId === undefined) return undefined
    const transition = pick(this.#parts.random, ['jointImplicit', 'jointExplicit'] as const)
    return this.#dismiss(leader, leaving.id, transition, [{ type: 'addNode', id: comingId }])
  }

  #demote({ leader, members }: Parameters<Action>[0]): Promise<unknown> | undefined {
    if (this.#spareVoters(members) <= 0) return undefined
    const voter = pick(
      this.#parts.random,
      members.filter((member) => member.voter),
    )
    this.#demoted.add(voter.id)
    return this.#change(leader, 'auto', { type: 'addLearnerNode', id: voter.id })
  }

  #handOver({ leader, members }: Parameters<Action>[0]): Promise<unknown> | undefined {
    const { id } = pick(
      this.#parts.random,
      members.filter(({ voter }) => voter),
    )
    this.#parts.trace.note(`leadership is to go to n${id}`)
    return this.#patiently(leader.transferLeadership(id).then(() => true, unlessDefect))
  }

  async #dismiss(
    leader: Member,
    id: number,
    transition: ConfChange['transition'],
    others: readonly ConfChangeSingle[],
  ): Promise<void> {
    const leaving = this.#processOf(id)
    if (leaving) leaving.dismissed = true
    await this.#patiently(leader.propose(dismissal(id, leaving?.name ?? `n${id}`)).then(() => true, unlessDefect))
    const gone = await this.#change(leader, transition, ...others, { type: 'removeNode', id })
    if (transition === 'jointExplicit') await this.#leaveJoint()
    if (gone && leaving) await this.#retireOnce(leaving)
  }

  async #retireOnce(leaving: SimProcess): Promise<void> {
    const { time, random, retire } = this.#parts
    // its vote may still be needed to leave the joint configuration
    while (this.members().some(({ id }) => id === leaving.id)) await time.sleep(50)
    time.after(random.below(2_500), () => retire(leaving))
  }

  /** True when it is known to have happened. */
  async #change(
    leader: Member,
    transition: ConfChange['transition'],
    ...changes: ConfChangeSingle[]
  ): Promise<boolean> {
    const { time, trace, encounters, processes } = this.#parts
    const from = time.now
    trace.note(`members: ${transition} ${changes.map(({ type, id }) => `${type} n${id}`).join(', ')}`)
    const happened = await this.#patiently(
      leader.changeMembership({ transition, changes }).then(() => true, unlessDefect),
    )
    if (happened) {
      encounters.happened('membership change', from)
      this.changes++
      trace.note('members: done')
    }
    for (const process of processes) if (changes.some(({ id }) => id === process.id)) process.start()
    return happened
  }

  /** On and on until nothing is joint any more: whoever leads then knows. */
  async #leaveJoint(): Promise<void> {
    const { time } = this.#parts
    for (let left = false; !left; ) {
      await time.sleep(100)
      const leader = this.#leader()
      if (!leader) continue
      left = await this.#patiently(
        leader.changeMembership({ transition: 'auto', changes: [] }).then(
          () => true,
          // the core strikes out what makes no sense
          (error) => error instanceof KeeperError && ['E_INVALID_ARGUMENT', 'E_CONFLICT'].includes(error.code),
        ),
      )
    }
  }

  /** Whoever was asked may be dead by now. */
  #patiently(outcome: Promise<boolean>): Promise<boolean> {
    return Promise.race([outcome, this.#parts.time.sleep(this.#parts.patienceMs).then(() => false)])
  }

  #recruited(): SimProcess | undefined {
    const recruit = this.#parts.recruit()
    recruit?.start()
    return recruit
  }

  #spareVoters(members: readonly MemberEntry[]): number {
    return this.#lasting(members) - votersMin
  }

  #mayRemove(members: readonly MemberEntry[]): boolean {
    return this.#spareVoters(members) > 1 && !this.#anyDamaged()
  }

  /** Voters of which nobody said that they should be none. */
  #lasting(members: readonly MemberEntry[]): number {
    const asked = (id: number) => this.#demoted.has(id) || this.#processOf(id)?.dismissed
    return members.filter(({ id, voter }) => voter && !asked(id)).length
  }

  #processOf(id: number): SimProcess | undefined {
    return this.#parts.processes.find((process) => process.id === id)
  }

  #anyDamaged(): boolean {
    return this.#parts.processes.some(({ damaged }) => damaged)
  }
}

function dismissal(id: number, name: string) {
  const record: MemberRecord = {
    ...{ v: 1, id, name, folder: '', peer: '', clients: [], version: '', format: 0, features: 0 },
    wanted: 'removed',
  }
  const put = putOf(recordKey('default', 'member', String(id)), encodeRecord('member', record))
  return {
    principal: 'ops',
    body: { kind: 'txn', keyspace: 'system', txn: { compares: [], success: [put], failure: [] } },
  } as const
}
