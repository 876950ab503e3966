import { decodeText, encodeText } from '../../keeper/src/base/codec.js'
import { KeeperError } from '../../keeper/src/base/errors.js'
import type { Member } from '../../keeper/src/node/types.js'
import type {
  Command,
  CommandResult,
  Compare,
  KeyValue,
  Operation,
  OperationResult,
  RangeRequest,
} from '../../keeper/src/store/types.js'
import { anyOf, askOnce, type ClientParts, insist } from './asking.js'
import type { Call } from './checkers/linearizability.js'
import type { SerializableRead } from './checkers/serializable.js'
import {
  type GroupState,
  groupKeys,
  type TxnAct,
  type TxnCompare,
  type TxnOp,
  type TxnOutcome,
} from './checkers/transactions.js'
import { putOf } from './put-of.js'
import { pick } from './swarm.js'
import { Violation } from './trace.js'

const groups = ['g0', 'g1', 'g2'] as const
/** Operations without a known outcome that one client may leave behind: each of them may have happened at any time. */
const unknownMax = 3
/** Client numbers are sessions of requests, too; those of the register clients begin at 1. */
const sessionBase = 5_000n

type Draft = Omit<TxnOp, 'outcome'>

const keyName = (group: string, key: number): string => `${group}/${key}`

const rangeOf = (group: string): RangeRequest => ({
  key: encodeText(`${group}/`),
  rangeEnd: encodeText(`${group}0`),
  limit: 0,
  revision: 0,
  keysOnly: false,
  countOnly: false,
})

/** One that makes transactions on groups of keys, and reads them: linearizably, within transactions, or as it comes. */
export class TxnClient {
  readonly calls: Call<TxnOp>[] = []
  readonly serializable: SerializableRead[] = []
  doing = 'nothing yet'
  readonly #parts: ClientParts
  #sequence = 0
  #unknown = 0
  /** What it saw last: compares are made of it, so that some hold. */
  readonly #seen = new Map<string, GroupState>()

  constructor(parts: ClientParts) {
    this.#parts = parts
  }

  async run(): Promise<void> {
    const { time, random, over } = this.#parts
    while (!over()) {
      const group = pick(random, groups)
      const chance = random.unit()
      if (chance < 0.25) await this.#read(group)
      else if (chance < 0.35) this.#readAsItComes(group)
      else if (chance < 0.5 && this.#unknown < unknownMax) await this.#tryOnce(this.#draft(group))
      else await this.#transact(this.#draft(group))
      await time.sleep(random.below(60))
    }
    this.doing = 'nothing any more'
  }

  #draft(group: string): Draft {
    const { random, number } = this.#parts
    const value = `t${number}.${++this.#sequence}`
    const key = random.below(groupKeys)
    const other = (key + 1 + random.below(groupKeys - 1)) % groupKeys
    const put: TxnAct = { kind: 'put', key, value }
    const change = pick<TxnAct>(random, [put, put, { kind: 'delete', key }])
    const both: TxnAct = { kind: 'put', key: other, value: `${value}b` }
    const base = { client: number, group }
    return pick<Draft>(random, [
      { ...base, compares: [], success: [change], failure: [] },
      { ...base, compares: [], success: [{ kind: 'read' }, change, both], failure: [] },
      { ...base, compares: [this.#compare(group, other)], success: [change, both], failure: [{ kind: 'read' }] },
      { ...base, compares: [this.#compare(group, key)], success: [change, { kind: 'read' }], failure: [both] },
    ])
  }

  #compare(group: string, key: number): TxnCompare {
    const [value = '', version = 0] = this.#seen.get(group)?.[key]?.split('#') ?? []
    if (this.#parts.random.unit() < 0.5 || value === '') return { target: 'version', key, operand: Number(version) }
    return { target: 'value', key, operand: value }
  }

  /** Until it has an answer: the request has an id, so it happens once. */
  async #transact(draft: Draft): Promise<void> {
    const sequence = this.#sequence
    const requestId = { session: sessionBase + BigInt(this.#parts.number), sequence, lowWater: sequence }
    const calledAt = this.#parts.time.now
    this.doing = `transaction ${sequence}`
    const command = { ...commandOf(draft), requestId }
    this.#record(draft, outcomeOf(await insist(this.#parts, (member) => member.propose(command))), calledAt)
  }

  /** Without an id, and only once: it may happen or not. */
  async #tryOnce(draft: Draft): Promise<void> {
    const calledAt = this.#parts.time.now
    this.doing = 'a transaction that it tries once'
    const answer = await askOnce(this.#parts, anyOf(this.#parts), (member) =>
      member.propose(commandOf(draft)).catch((error) => {
        if (error instanceof KeeperError && error.code === 'E_PROPOSAL_DROPPED') return 'dropped' as const
        throw error
      }),
    )
    if (answer === 'none') {
      this.#unknown++
      this.calls.push({ op: { ...draft, outcome: 'unknown' }, calledAt, returnedAt: Number.POSITIVE_INFINITY })
    } else if (answer.value !== 'dropped') this.#record(draft, outcomeOf(answer.value), calledAt)
  }

  async #read(group: string): Promise<void> {
    let calledAt = this.#parts.time.now
    this.doing = `read of ${group}`
    const read = async (member: Member) => {
      await member.linearizableRead()
      return stateOf(member.store.range('user', rangeOf(group)).kvs)
    }
    const begins = () => {
      calledAt = this.#parts.time.now
    }
    const draft: Draft = { client: this.#parts.number, group, compares: [], success: [{ kind: 'read' }], failure: [] }
    this.#record(draft, { succeeded: true, reads: [await insist(this.#parts, read, begins)] }, calledAt)
  }

  /** What one member has, however old. */
  #readAsItComes(group: string): void {
    const { store } = anyOf(this.#parts).member ?? {}
    if (!store) return
    const { kvs, revision } = store.range('user', rangeOf(group))
    const cells = new Map(kvs.map((kv) => [decodeText(kv.key), decodeText(kv.value)]))
    const keys = Array.from({ length: groupKeys }, (_, key) => keyName(group, key))
    this.serializable.push({ revision, values: keys.map((key): [string, string | undefined] => [key, cells.get(key)]) })
  }

  #record(draft: Draft, outcome: TxnOutcome, calledAt: number): void {
    const { number, time, trace } = this.#parts
    const last = outcome.reads.at(-1)
    if (last) this.#seen.set(draft.group, last)
    trace.note(`t${number} ${draft.group} ${outcome.succeeded} ${outcome.reads.join(' ')}`)
    this.calls.push({ op: { ...draft, outcome }, calledAt, returnedAt: time.now })
  }
}

function commandOf({ client, group, compares, success, failure }: Draft): Command {
  const acts = (all: readonly TxnAct[]) => all.map((act) => operationOf(group, act))
  const txn = {
    compares: compares.map((compare) => compareOf(group, compare)),
    success: acts(success),
    failure: acts(failure),
  }
  return { principal: `txn${client}`, body: { kind: 'txn', keyspace: 'user', txn } }
}

function compareOf(group: string, compare: TxnCompare): Compare {
  const key = encodeText(keyName(group, compare.key))
  if (compare.target === 'version') return { target: 'version', key, comparison: 'equal', operand: compare.operand }
  return { target: 'value', key, comparison: 'equal', operand: encodeText(compare.operand) }
}

function operationOf(group: string, act: TxnAct): Operation {
  if (act.kind === 'read') return { kind: 'range', range: rangeOf(group) }
  const name = keyName(group, act.key)
  return act.kind === 'put' ? putOf(name, act.value) : { kind: 'delete', key: encodeText(name), prevKv: false }
}

function outcomeOf(result: CommandResult): TxnOutcome {
  if (!result.ok) throw new Violation('client', `a transaction was refused: ${result.code} ${result.message}`)
  const reads = result.results.flatMap((one: OperationResult) =>
    one.kind === 'range' ? [stateOf(one.result.kvs)] : [],
  )
  return { succeeded: result.succeeded, reads }
}

function stateOf(kvs: readonly KeyValue[]): GroupState {
  const state = Array.from({ length: groupKeys }, () => '')
  for (const { key, value, version } of kvs) {
    const name = decodeText(key)
    state[Number(name.slice(name.indexOf('/') + 1))] = `${decodeText(value)}#${version}`
  }
  return state
}
