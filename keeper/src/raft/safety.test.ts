import { describe, expect, test } from 'vitest'
import { type Random, seededRandom } from '../base/random.js'
import { checkPeerMessage } from './check-message.js'
import { confState, TestMember } from './testing/cluster.js'
import type { ConfChange, Entry, Message } from './types.js'

/**
 * Random schedules on an evil network: messages lost, doubled, delayed and reordered, members crashed between any
 * two Readys, logs compacted, members swapped. After each step the properties of Raft figure 3 hold.
 */
class Chaos {
  readonly members: TestMember[]
  readonly random: Random
  network: Message[] = []
  /** Term → who led it. */
  readonly #leaders = new Map<number, number>()
  /** What was committed anywhere, by index. */
  readonly #committed = new Map<number, string>()
  proposals = 0

  constructor(seed: number, preVote: boolean) {
    this.random = seededRandom(seed)
    const random = (below: number) => this.random.below(below)
    const options = {
      random,
      preVote,
      checkQuorum: preVote,
      stepDownOnRemoval: true,
      inflightMessagesMax: 4,
      messageBytesMax: 60,
    }
    this.members = [1, 2, 3, 4, 5].map((id) => new TestMember(id, confState([1, 2, 3, 4, 5]), options))
  }

  step(): void {
    const member = this.members[this.random.below(5)] as TestMember
    const act = this.random.below(100)
    if (act < 40) this.#deliver()
    else if (act < 65) this.#processReady(member)
    else if (act < 88) member.tick()
    else if (act < 95) member.propose(`p${this.proposals++}`)
    else if (act < 97) member.restart()
    else if (act < 98) member.raw.proposeConfChange(this.#someChange())
    else if (act < 99) this.#compact(member)
    else this.network = this.network.filter(() => this.random.below(2) === 0)
  }

  /** The network is well from here on: everybody settles. Removed members are switched off: they would stand for election forever (thesis §4.2.3). */
  calm(): void {
    for (let rest = 400; rest > 0; rest--) {
      for (const member of this.#present()) {
        member.tick()
        while (member.raw.hasReady()) this.#processReady(member)
      }
      const round = this.network
      this.network = []
      for (const message of round) this.members[message.to - 1]?.raw.step(message)
    }
  }

  /** The members of the newest configuration that anyone has applied. */
  #present(): TestMember[] {
    const statuses = this.members.map(({ raw }) => raw.status()).sort((a, b) => b.applied - a.applied)
    const { voters = [], votersOutgoing = [], learners = [] } = statuses[0]?.config ?? {}
    return this.members.filter(({ id }) => [...voters, ...votersOutgoing, ...learners].includes(id))
  }

  get committed(): number {
    return this.#committed.size
  }

  #deliver(): void {
    const at = this.random.below(this.network.length)
    const message = this.network[at]
    if (!message) return
    // one in twenty is delivered and stays under way
    if (this.random.below(20) > 0) this.network.splice(at, 1)
    checkPeerMessage(message)
    this.members[message.to - 1]?.raw.step(message)
    this.#checkLeaders()
  }

  #processReady(member: TestMember): void {
    if (!member.raw.hasReady()) return
    const before = member.applied.length
    this.network.push(...member.processReady())
    for (const entry of member.applied.slice(before)) this.#checkCommitted(entry)
    this.#checkLeaders()
  }

  #compact(member: TestMember): void {
    const { applied, config } = member.raw.status()
    if (applied <= member.storage.snapshot().index || applied < member.storage.firstIndex()) return
    member.storage.createSnapshot(applied, config, new Uint8Array())
    member.storage.compact(applied)
  }

  #someChange(): ConfChange {
    const id = 4 + this.random.below(2)
    const type = (['addNode', 'removeNode', 'addLearnerNode'] as const)[this.random.below(3)] ?? 'addNode'
    const transition = this.random.below(2) === 0 ? 'auto' : 'jointImplicit'
    return { transition, changes: [{ type, id }] }
  }

  /** Election safety: at most one leader per term. */
  #checkLeaders(): void {
    for (const { id, raw } of this.members) {
      const { role, term } = raw.status()
      if (role !== 'leader') continue
      expect(this.#leaders.get(term) ?? id).toBe(id)
      this.#leaders.set(term, id)
    }
  }

  /** State machine safety and leader completeness: what was committed at an index stays. */
  #checkCommitted({ index, term, data }: Entry): void {
    const what = `${term} ${Buffer.from(data).toString()}`
    expect(this.#committed.get(index) ?? what).toBe(what)
    this.#committed.set(index, what)
  }

  /** Log matching: logs that share an entry share all before it. */
  checkLogs(): void {
    for (const a of this.members)
      for (const b of this.members) {
        const last = Math.min(a.storage.lastIndex(), b.storage.lastIndex())
        const first = Math.max(a.storage.firstIndex(), b.storage.firstIndex())
        let same = false
        for (let index = last; index >= first; index--) {
          const equal = a.storage.term(index) === b.storage.term(index)
          expect(equal || !same).toBe(true)
          same = equal
        }
      }
  }
}

describe('safety (Raft figure 3)', () => {
  const seeds = Array.from({ length: 30 }, (_, at) => at + 1)
  test.each(seeds)('seed %i', (seed) => {
    const chaos = new Chaos(seed, seed % 2 === 0)
    for (let rest = 3_000; rest > 0; rest--) chaos.step()
    chaos.checkLogs()
    chaos.calm()
    chaos.checkLogs()
    const before = chaos.committed
    const leaders = chaos.members.filter(({ raw }) => raw.status().role === 'leader')
    expect(leaders.length).toBeGreaterThan(0)
    for (const member of leaders) member.propose('last')
    chaos.calm()
    // liveness once the network is well
    expect(chaos.committed).toBeGreaterThan(before)
  })
})
