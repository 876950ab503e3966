import {
  changeSimply,
  enterJoint,
  leaveJoint,
  type Membership,
  restoreMembership,
} from '../../keeper/src/raft/conf-change.js'
import type { Progress } from '../../keeper/src/raft/progress.js'
import { jointCommitted, jointVote, majorityCommitted, majorityVote } from '../../keeper/src/raft/quorum.js'
import { describeConfig, describeProgress, parseChanges } from './describe.js'
import { type Command, type Directive, valuesOf } from './transcript.js'
import { emptyConfState } from './world.js'

const idsOf = (command: Command, key: string): number[] =>
  (valuesOf(command, key) ?? []).filter((value) => value !== 'zero').map(Number)

/** The n-th value belongs to the n-th different member of both halves. */
function assign(command: Command, key: string): Map<number, string> {
  const members = [...new Set([...idsOf(command, 'cfg'), ...idsOf(command, 'cfgj')])]
  return new Map((valuesOf(command, key) ?? []).map((value, at) => [members[at] ?? 0, value]))
}

/** What the quorum of a table row decides; tables draw pictures before it, so that only the last word is compared. */
function decide(command: Command): string {
  const [incoming, outgoing] = [idsOf(command, 'cfg'), idsOf(command, 'cfgj')]
  const joint = valuesOf(command, 'cfgj') !== undefined
  if (command.name === 'committed') {
    const indexes = assign(command, 'idx')
    const acknowledged = (id: number) => Number(indexes.get(id)?.replace('_', '0') ?? 0)
    const alone = majorityCommitted(incoming, acknowledged)
    const index = joint ? jointCommitted(incoming, outgoing, acknowledged) : alone
    return index === Number.POSITIVE_INFINITY ? '∞' : String(index)
  }
  const votes = assign(command, 'votes')
  const voteOf = (id: number) => ({ y: true, n: false })[votes.get(id) ?? '_']
  const result = joint ? jointVote(incoming, outgoing, voteOf) : majorityVote(incoming, voteOf)
  return { won: 'VoteWon', lost: 'VoteLost', pending: 'VotePending' }[result]
}

/** Runs a row of a quorum table: differences as lines, none if it agrees. */
export function runQuorumRow(directive: Directive): string[] {
  const expected = directive.expected.at(-1)?.replace(/^<.*>/, '').trim() ?? ''
  const found = decide(directive)
  return expected === found ? [] : [`- ${expected}`, `+ ${found}`]
}

/** Runs the rows of a table of membership changes one after another upon one configuration. */
export class ConfChangeTable {
  #membership: Membership = restoreMembership(emptyConfState, this.#newcomer(0))
  #lastIndex = 0

  /** Differences as lines, none if the row agrees. Of a refusal it counts that it is one, not its words. */
  run(directive: Directive): string[] {
    const refusalExpected = !directive.expected[0]?.startsWith('voters=')
    const found = this.#attempt(directive)
    this.#lastIndex++
    if (refusalExpected)
      return found ? [`- refused: ${directive.expected[0]}`, ...found.map((line) => `+ ${line}`)] : []
    const same = found?.join('\n') === directive.expected.join('\n').trimEnd()
    return same ? [] : [...directive.expected.map((line) => `- ${line}`), ...(found ?? []).map((line) => `+ ${line}`)]
  }

  #attempt(directive: Directive): string[] | undefined {
    try {
      this.#membership = this.#change(directive)
    } catch {
      return undefined
    }
    const { config, progress } = this.#membership
    return [describeConfig(config), ...[...progress].map(([id, of]) => describeProgress(id, statusOf(of)))]
  }

  #change(directive: Directive): Membership {
    const changes = parseChanges(directive.input.join(' '))
    const newcomer = this.#newcomer(this.#lastIndex)
    if (directive.name === 'leave-joint') return leaveJoint(this.#membership)
    if (directive.name === 'simple') return changeSimply(this.#membership, newcomer, changes)
    return enterJoint(this.#membership, newcomer, valuesOf(directive, 'autoleave')?.[0] === 'true', changes)
  }

  #newcomer(lastIndex: number) {
    return { lastIndex, inflightMessagesMax: 10, inflightBytesMax: Number.POSITIVE_INFINITY }
  }
}

const statusOf = (progress: Progress) => ({
  match: progress.match,
  next: progress.next,
  state: progress.state,
  pendingSnapshot: progress.pendingSnapshot,
  recentActive: progress.recentActive,
  paused: progress.paused,
  isLearner: progress.isLearner,
  inflight: progress.inflights.count,
  inflightFull: progress.inflights.full,
})
