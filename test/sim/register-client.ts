import { decodeText, encodeText } from '../../keeper/src/base/codec.js'
import { KeeperError } from '../../keeper/src/base/errors.js'
import type { Random } from '../../keeper/src/base/random.js'
import type { Member } from '../../keeper/src/node/types.js'
import type { Command } from '../../keeper/src/store/types.js'
import type { Operation } from './checkers/registers.js'
import type { SimProcess } from './process.js'
import { putOf } from './put-of.js'
import { type Trace, Violation } from './trace.js'
import type { VirtualTime } from './virtual-time.js'

export interface ClientParts {
  readonly number: number
  readonly time: VirtualTime
  readonly random: Random
  readonly trace: Trace
  readonly processes: readonly SimProcess[]
  /** When to begin nothing new. */
  readonly over: () => boolean
}

const keys = 6
const patienceMs = 3_000
/** A halted member says why; another member may answer. */
const memberFaults: ReadonlySet<string> = new Set([
  'E_DISK',
  'E_LOST_TAIL',
  'E_CORRUPT',
  'E_HALTED',
  'E_INTERNAL',
  'E_MEMBER_REMOVED',
])

/** One that reads and writes registers, one operation after another, and asks again until it has an answer. */
export class RegisterClient {
  readonly operations: Operation[] = []
  /** Blind writes that were said to be dropped: none of them may ever show. */
  readonly dropped: string[] = []
  readonly #parts: ClientParts
  #sequence = 0
  /** What it is about, for whoever waits for its end. */
  doing = 'nothing yet'

  constructor(parts: ClientParts) {
    this.#parts = parts
  }

  async run(): Promise<void> {
    const { time, random, over } = this.#parts
    while (!over()) {
      const key = `k${random.below(keys)}`
      const chance = random.unit()
      if (chance < 0.1) await this.#writeBlindly()
      else if (chance < 0.55) await this.#write(key)
      else await this.#read(key)
      await time.sleep(random.below(60))
    }
    this.doing = 'nothing any more'
  }

  async #write(key: string): Promise<void> {
    const { number, random } = this.#parts
    const sequence = ++this.#sequence
    // some are larger than an entry, so that they are spilled
    const padding = random.unit() < 0.002 ? 'x'.repeat(1_100_000) : ''
    const value = `c${number}.${sequence}${padding}`
    const command: Command = {
      principal: `client${number}`,
      requestId: { session: BigInt(number), sequence, lowWater: sequence },
      body: { kind: 'txn', keyspace: 'user', txn: { compares: [], success: [putOf(key, value)], failure: [] } },
    }
    const calledAt = this.#parts.time.now
    const result = await this.#insist(`write ${key} ${sequence}`, (member) => member.propose(command))
    if (!result.ok) throw new Violation('client', `a write was refused: ${result.code} ${result.message}`)
    this.#record({ kind: 'write', key, value, revision: result.revision, calledAt })
  }

  /** A write without an id, asked for once: it may happen or not, but not twice, and not after it was said to be dropped. */
  async #writeBlindly(): Promise<void> {
    const { number, processes, random } = this.#parts
    const value = `c${number}.blind${++this.#sequence}`
    const body = {
      kind: 'txn',
      keyspace: 'user',
      txn: { compares: [], success: [putOf('blind', value)], failure: [] },
    } as const
    this.doing = 'a blind write'
    const process = processes[random.below(processes.length)] as SimProcess
    const outcome = await this.#call(process, (member) =>
      member.propose({ principal: `client${number}`, body }).then(
        () => 'done' as const,
        (error) =>
          error instanceof KeeperError && error.code === 'E_PROPOSAL_DROPPED' ? 'dropped' : Promise.reject(error),
      ),
    )
    if (outcome !== 'none' && outcome.value === 'dropped') this.dropped.push(value)
  }

  async #read(key: string): Promise<void> {
    let calledAt = this.#parts.time.now
    const found = await this.#insist(
      `read ${key}`,
      async (member) => {
        await member.linearizableRead()
        const kv = member.store.get('user', encodeText(key))
        return { value: kv && decodeText(kv.value), revision: kv?.modRevision ?? 0 }
      },
      () => {
        calledAt = this.#parts.time.now
      },
    )
    this.#record({ kind: 'read', key, ...found, calledAt })
  }

  #record(operation: Omit<Operation, 'client' | 'returnedAt'>): void {
    const { number, time, trace } = this.#parts
    trace.note(`c${number} ${operation.kind} ${operation.key} r${operation.revision} ${operation.value?.slice(0, 20)}`)
    this.operations.push({ ...operation, client: number, returnedAt: time.now })
  }

  /** Asks one member after another until one answers. */
  async #insist<T>(what: string, ask: (member: Member) => Promise<T>, begins: () => void = () => {}): Promise<T> {
    const { time, random, processes } = this.#parts
    for (;;) {
      this.doing = what
      begins()
      const process = processes[random.below(processes.length)] as SimProcess
      const answer = await this.#call(process, ask)
      if (answer !== 'none') return answer.value
      await time.sleep(20 + random.below(200))
    }
  }

  #call<T>(process: SimProcess, ask: (member: Member) => Promise<T>): Promise<{ value: T } | 'none'> {
    const { time, random } = this.#parts
    const { owner } = process
    return new Promise((resolve, reject) => {
      time.after(patienceMs, () => resolve('none'))
      const answer = (value: { value: T } | 'none') => time.after(random.unit() * 2, () => resolve(value), owner)
      const refuse = (error: unknown) => {
        if (!(error instanceof KeeperError)) return reject(error)
        if (!error.kind.retry && !memberFaults.has(error.code)) return reject(error)
        answer('none')
      }
      time.after(
        random.unit() * 2,
        () => {
          if (process.member) ask(process.member).then((value) => answer({ value }), refuse)
          else resolve('none')
        },
        owner,
      )
    })
  }
}
