import { decodeText, encodeText } from '../../keeper/src/base/codec.js'
import { KeeperError } from '../../keeper/src/base/errors.js'
import type { Member } from '../../keeper/src/node/types.js'
import type { Command } from '../../keeper/src/store/types.js'
import { anyOf, askOnce, type ClientParts, insist } from './asking.js'
import type { Operation } from './checkers/registers.js'
import { putOf } from './put-of.js'
import { Violation } from './trace.js'

const keys = 6
export const registers: readonly string[] = Array.from({ length: keys }, (_, at) => `k${at}`)

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
    const { number } = this.#parts
    const value = `c${number}.blind${++this.#sequence}`
    const body = {
      kind: 'txn',
      keyspace: 'user',
      txn: { compares: [], success: [putOf('blind', value)], failure: [] },
    } as const
    this.doing = 'a blind write'
    const outcome = await askOnce(this.#parts, anyOf(this.#parts), (member) =>
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

  #insist<T>(what: string, ask: (member: Member) => Promise<T>, begins?: () => void): Promise<T> {
    this.doing = what
    return insist(this.#parts, ask, begins)
  }
}
