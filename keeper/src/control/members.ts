import { type Clock, delay } from '../base/clock.js'
import { decodeText, encodeText } from '../base/codec.js'
import { asKeeperError, KeeperError } from '../base/errors.js'
import { limits } from '../base/limits.js'
import type { Logger } from '../base/logger.js'
import type { Random } from '../base/random.js'
import type { Member } from '../node/types.js'
import { foundingRecord, readMember, readMembers, writeMember } from './member-book.js'
import { MemberChanges } from './member-changes.js'
import { answerJoin } from './member-join.js'
import type {
  FoundingMember,
  JoinAnswer,
  JoinRequest,
  MemberAddition,
  MembersAnswer,
  MembersRequest,
  MemberView,
  OwnDescription,
} from './member-types.js'
import { proposeBody } from './propose.js'

export interface MembersOptions {
  readonly member: Member
  readonly clock: Clock
  readonly random: Random
  readonly logger: Logger
  /** As it is now; looked at again and again. */
  readonly own: () => OwnDescription
  /** The configuration with which the log begins. */
  readonly founders: readonly FoundingMember[]
  /** Looks at how the members were started, after each round. */
  readonly compare?: () => void
  /** Between two looks at what is to be done; default limits.membersIntervalMs. */
  readonly intervalMs?: number
}

const topic = 'members'

/**
 * Who the keepers of this cluster are: changes go to the leader, wherever they are asked for. Beside that each member
 * keeps its own record current, and the leader finishes what was begun and raises the cluster's version.
 */
export class Members {
  readonly #options: MembersOptions
  readonly #changes: MemberChanges
  readonly #stop = new AbortController()
  #stopAnswering: () => void = () => {}
  #running: Promise<void> = Promise.resolve()
  #complaint = ''
  #pause: Promise<void> | undefined

  constructor(options: MembersOptions) {
    this.#options = options
    this.#changes = new MemberChanges(options)
  }

  start(): void {
    const answer = async (body: Uint8Array) => encode(await this.#serve(decode<MembersRequest>(body)))
    this.#stopAnswering = this.#options.member.onAsk(topic, answer)
    this.#running = this.#keepUp()
  }

  async close(): Promise<void> {
    this.#stopAnswering()
    this.#stop.abort(new KeeperError('E_STOPPED', 'this keeper stops'))
    await this.#running
  }

  /** As the leader sees them. Rejects E_UNAVAILABLE when there is none for so long. */
  async list(patienceMs: number = limits.membersPatienceMs): Promise<readonly MemberView[]> {
    return (await this.#ask({ op: 'list' }, patienceMs)).members
  }

  /** As this member sees them, whoever leads. */
  known(): readonly MemberView[] {
    return this.#changes.list()
  }

  /** Adds a member, as a learner first. Rejects E_MEMBER_EXISTS, E_QUORUM_AT_RISK, E_BAD_NAME. */
  add(addition: MemberAddition): Promise<MembersAnswer> {
    return this.#ask({ op: 'add', ...addition })
  }

  /** Makes a learner a voter now. Rejects E_NOT_FOUND, E_MEMBER_LAGS, E_QUORUM_AT_RISK. */
  promote(name: string): Promise<MembersAnswer> {
    return this.#ask({ op: 'promote', name })
  }

  /** Takes a member out; one that leads hands over first. Rejects E_NOT_FOUND, E_QUORUM_AT_RISK. */
  remove(name: string, force: boolean): Promise<MembersAnswer> {
    return this.#ask({ op: 'remove', name, force })
  }

  /** Hands leadership to a member, or to the most up to date one for an empty name. */
  transfer(name: string): Promise<MembersAnswer> {
    return this.#ask({ op: 'transfer', name })
  }

  /** What somebody who comes with --join has to know. Rejects E_MEMBER_UNKNOWN, E_MEMBER_DUPLICATE, E_UNSUPPORTED. */
  async join(request: JoinRequest): Promise<JoinAnswer> {
    const { member, founders } = this.#options
    return await answerJoin(request, { member, founders, members: await this.list() })
  }

  /** Finds the leader, and asks again when it turns out that another one leads. */
  async #ask(request: MembersRequest, patienceMs: number = limits.membersPatienceMs): Promise<MembersAnswer> {
    const { member, clock } = this.#options
    const until = clock.monotonic() + patienceMs
    for (;;) {
      try {
        const { leader, identity } = member.status()
        if (leader === identity.memberId) return await this.#serve(request)
        if (leader !== 0) {
          const answer = await member.ask(leader, topic, encode(request), { timeoutMs: patienceMs })
          return decode<MembersAnswer>(answer)
        }
        if (clock.monotonic() > until) throw new KeeperError('E_UNAVAILABLE', 'there is no leader')
      } catch (thrown) {
        // only this one says that nothing happened
        if (asKeeperError(thrown).code !== 'E_NOT_LEADER' || clock.monotonic() > until) throw thrown
      }
      await this.#retryPause()
    }
  }

  /** One for all who wait: they may be many while there is no leader. Rejects E_STOPPED when the keeper stops. */
  #retryPause(): Promise<void> {
    this.#pause ??= delay(this.#options.clock, limits.membersRetryMs, this.#stop.signal).finally(() => {
      this.#pause = undefined
    })
    return this.#pause
  }

  async #serve(request: MembersRequest): Promise<MembersAnswer> {
    const id = await this.#perform(request)
    return { id, members: this.#changes.list() }
  }

  async #perform(request: MembersRequest): Promise<number> {
    const changes = this.#changes
    switch (request.op) {
      case 'list':
        if (this.#options.member.status().role !== 'leader')
          throw new KeeperError('E_NOT_LEADER', 'this member does not lead')
        return 0
      case 'add':
        return await changes.add(request)
      case 'promote':
        return await changes.promote(request.name)
      case 'remove':
        return await changes.remove(request.name, request.force)
      case 'transfer':
        return await changes.transfer(request.name)
    }
  }

  // -- what is done without being asked

  async #keepUp(): Promise<void> {
    const { clock, intervalMs = limits.membersIntervalMs } = this.#options
    while (!this.#stop.signal.aborted) {
      await this.#round().then(
        () => {
          this.#complaint = ''
        },
        (thrown) => this.#complain(asKeeperError(thrown)),
      )
      await delay(clock, intervalMs, this.#stop.signal).catch(() => {})
    }
  }

  async #round(): Promise<void> {
    const { leader, role, condition } = this.#options.member.status()
    if (leader === 0 || condition !== 'clean') return
    await this.#announce()
    this.#options.compare?.()
    if (role !== 'leader') return
    await this.#changes.reconcile()
    await this.#raiseVersion()
  }

  /** Keeps the own record current. */
  async #announce(): Promise<void> {
    const { member, own, founders } = this.#options
    const { identity } = member.status()
    const id = identity.memberId
    if (!member.memberList().some((entry) => entry.id === id)) return
    const read = readMember(member.store, id)
    const said = own()
    const before = read?.record ?? founders.map(foundingRecord).find((one) => one.id === id)
    const peer = said.peer || (before?.peer ?? '')
    const record = { ...foundingRecord({ ...said, id }), ...before, ...said, peer }
    if (record.wanted === 'removed' || (read && JSON.stringify(read.record) === JSON.stringify(record))) return
    await writeMember(member, record, read)
  }

  async #raiseVersion(): Promise<void> {
    const { member, logger } = this.#options
    const formats = new Map(readMembers(member.store).map(({ id, format }) => [id, format]))
    const least = Math.min(...member.memberList().map(({ id }) => formats.get(id) ?? 0))
    if (least <= member.store.clusterVersion()) return
    await proposeBody(member, 'system', { kind: 'clusterVersion', version: least })
    logger.info({ version: least }, 'every member understands more: the cluster has a new version')
  }

  /** Once for each new trouble: the next round may help. */
  #complain({ code, message, kind }: KeeperError): void {
    if (this.#complaint === code || kind.retry) return
    this.#complaint = code
    this.#options.logger.warn({ code }, `members: ${message}`)
  }
}

const encode = (value: MembersRequest | MembersAnswer): Uint8Array => encodeText(JSON.stringify(value))
const decode = <T>(bytes: Uint8Array): T => JSON.parse(decodeText(bytes)) as T
