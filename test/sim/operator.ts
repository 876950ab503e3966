import { KeeperError } from '../../keeper/src/base/errors.js'
import type { Random } from '../../keeper/src/base/random.js'
import type { JoinAnswer, MemberView } from '../../keeper/src/control/member-types.js'
import type { Members } from '../../keeper/src/control/members.js'
import { CLUSTER_VERSION } from '../../keeper/src/store/cluster-version.js'
import type { Encounters } from './encounters.js'
import type { SimProcess } from './process.js'
import { pick } from './swarm.js'
import type { Trace } from './trace.js'
import type { VirtualTime } from './virtual-time.js'

export interface OperatorParts {
  readonly time: VirtualTime
  readonly random: Random
  readonly trace: Trace
  readonly encounters: Encounters
  readonly processes: readonly SimProcess[]
  /** A new machine for the member that answer is about; undefined when there are no more. */
  readonly recruit: (name: string, answer: JoinAnswer) => SimProcess | undefined
  readonly patienceMs: number
  readonly over: () => boolean
}

const joinAttempts = 20

/** Gives the commands `keeper member add|promote|remove` and `keeper leader transfer`, at any keeper, and starts who joins. */
export class Operator {
  readonly #parts: OperatorParts
  #names = 0

  constructor(parts: OperatorParts) {
    this.#parts = parts
  }

  async add(): Promise<void> {
    const { random } = this.#parts
    const name = `m${++this.#names}`
    await this.#command(`add ${name}`, (members) =>
      members.add({ name, peer: `${name}:7401`, learner: random.unit() < 0.3 }),
    )
    // whether the answer came or not: it may have happened
    await this.#join(name)
  }

  async promote(): Promise<void> {
    const learner = this.#views().find(({ voter, joined }) => !voter && joined)
    if (learner) await this.#command(`promote ${learner.name}`, (members) => members.promote(learner.name))
  }

  /** True when it is known to have happened. */
  async remove({ name }: MemberView): Promise<boolean> {
    const force = this.#parts.random.unit() < 0.2
    return await this.#command(`remove ${name}`, (members) => members.remove(name, force))
  }

  async transfer(): Promise<void> {
    const { random } = this.#parts
    const voters = this.#views().filter(({ voter }) => voter)
    const name = random.unit() < 0.5 ? '' : (pick(random, voters)?.name ?? '')
    await this.#command(`transfer ${name}`, (members) => members.transfer(name))
  }

  /** As somebody's keeper has them. */
  #views(): readonly MemberView[] {
    return this.#anyone()?.known() ?? []
  }

  #anyone(): Members | undefined {
    const { random, processes } = this.#parts
    const asked = processes.flatMap(({ members }) => members ?? [])
    return asked[random.below(Math.max(1, asked.length))]
  }

  async #command(what: string, act: (members: Members) => Promise<unknown>): Promise<boolean> {
    const { time, trace, encounters } = this.#parts
    const members = this.#anyone()
    if (!members) return false
    const from = time.now
    trace.note(`operator: ${what}`)
    const done = await this.#patiently(
      act(members).then(() => true, unlessDefect),
      false,
    )
    if (done) encounters.happened('membership change', from)
    trace.note(`operator: ${what} ${done ? 'done' : 'not known to be done'}`)
    return done
  }

  /** As `keeper serve --join`: asks again and again who it is. */
  async #join(name: string): Promise<void> {
    const { time, recruit, over } = this.#parts
    for (let attempt = 0; attempt < joinAttempts && !over(); attempt++) {
      const asked = this.#anyone()?.join({ name, folder: `folder-${name}`, format: CLUSTER_VERSION })
      const answer = asked && (await this.#patiently(asked.catch(unlessDefect), false))
      if (answer) {
        recruit(name, answer)?.start()
        return
      }
      await time.sleep(100)
    }
  }

  /** Whoever was asked may be dead by now. */
  #patiently<T>(outcome: Promise<T>, otherwise: T): Promise<T> {
    return Promise.race([outcome, this.#parts.time.sleep(this.#parts.patienceMs).then(() => otherwise)])
  }
}

export function unlessDefect(error: unknown): false {
  if (error instanceof KeeperError && error.code !== 'E_INTERNAL') return false
  throw error
}
