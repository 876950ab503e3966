import { decodeConfChange } from '../../keeper/src/raft/conf-change-codec.js'
import type { ProgressStatus, RaftStatus } from '../../keeper/src/raft/status.js'
import {
  type ConfChangeSingle,
  type ConfChangeType,
  type ConfState,
  type Entry,
  type EntryType,
  type HardState,
  LOCAL_APPEND_THREAD,
  LOCAL_APPLY_THREAD,
  type MemberId,
  type Message,
  type Ready,
  type Role,
  type Snapshot,
  type SoftState,
} from '../../keeper/src/raft/types.js'

/** Says things in the words of etcd's transcripts. Each function gives lines. */

const entryTypes: Record<EntryType, string> = {
  normal: 'EntryNormal',
  confChange: 'EntryConfChange',
  confChangeV2: 'EntryConfChangeV2',
}

const roles: Record<Role, string> = {
  follower: 'StateFollower',
  preCandidate: 'StatePreCandidate',
  candidate: 'StateCandidate',
  leader: 'StateLeader',
}

const changeLetters: Record<ConfChangeType, string> = {
  addNode: 'v',
  addLearnerNode: 'l',
  removeNode: 'r',
  updateNode: 'u',
}

/** `v1 l2 r3 u4`. Throws for anything else. */
export function parseChanges(text: string): ConfChangeSingle[] {
  const types = Object.keys(changeLetters) as ConfChangeType[]
  return (text.match(/\S+/g) ?? []).map((word) => {
    const type = types.find((candidate) => changeLetters[candidate] === word[0])
    const id = Number(word.slice(1))
    if (!type || !Number.isSafeInteger(id) || word.length < 2) throw new Error(`no change: ${word}`)
    return { type, id }
  })
}

function entryContent({ type, data }: Entry): string {
  if (type === 'normal') return JSON.stringify(Buffer.from(data).toString())
  const { changes } = decodeConfChange(data)
  return changes.map((change) => `${changeLetters[change.type]}${change.id}`).join(' ')
}

export const describeEntry = (entry: Entry): string =>
  `${entry.term}/${entry.index} ${entryTypes[entry.type]} ${entryContent(entry)}`.trimEnd()

const list = (ids: readonly MemberId[]): string => `[${ids.join(' ')}]`

const describeConfState = (state: ConfState): string =>
  `Voters:${list(state.voters)} VotersOutgoing:${list(state.votersOutgoing)} Learners:${list(state.learners)} ` +
  `LearnersNext:${list(state.learnersNext)} AutoLeave:${state.autoLeave}`

const describeSnapshot = ({ index, term, confState }: Snapshot): string =>
  `Index:${index} Term:${term} ConfState:${describeConfState(confState)}`

function describeTarget(id: MemberId): string {
  if (id === LOCAL_APPEND_THREAD) return 'AppendThread'
  if (id === LOCAL_APPLY_THREAD) return 'ApplyThread'
  return id === 0 ? 'None' : id.toString(16)
}

/** One line, and more for several entries, a snapshot or responses. */
export function describeMessage(message: Message): string[] {
  const { from, to, type, term, logTerm, index, commit, vote, entries, snapshot, responses } = message
  let head = `${describeTarget(from)}->${describeTarget(to)} ${type} Term:${term} Log:${logTerm}/${index}`
  if (message.reject) head += ` Rejected (Hint: ${message.rejectHint})`
  if (commit !== 0) head += ` Commit:${commit}`
  if (vote !== 0) head += ` Vote:${vote}`
  const tail: string[] = []
  if (entries.length === 1) head += ` Entries:[${describeEntry(entries[0] as Entry)}]`
  else if (entries.length > 1) tail.push('Entries:[', ...entries.map(describeEntry), ']')
  if (snapshot) tail.push(`Snapshot: ${describeSnapshot(snapshot)}`)
  if (responses.length > 0) tail.push('Responses:[', ...responses.flatMap(describeMessage), ']')
  return [head, ...tail]
}

const describeSoftState = ({ leader, role }: SoftState): string => `Lead:${leader} State:${roles[role]}`

const describeHardState = ({ term, vote, commit }: HardState): string =>
  `HardState Term:${term}${vote === 0 ? '' : ` Vote:${vote}`} Commit:${commit}`

const section = (title: string, lines: readonly string[]): string[] => (lines.length > 0 ? [title, ...lines] : [])

export function describeReady(ready: Ready): string[] {
  const lines = [
    ...(ready.softState ? [describeSoftState(ready.softState)] : []),
    ...(ready.hardState ? [describeHardState(ready.hardState)] : []),
    ...ready.readStates.map(({ index, context }) => `ReadState ${index} ${Buffer.from(context).toString()}`),
    ...section('Entries:', ready.entries.map(describeEntry)),
    ...(ready.snapshot ? [`Snapshot ${describeSnapshot(ready.snapshot)}`] : []),
    ...section('CommittedEntries:', ready.committedEntries.map(describeEntry)),
    ...section('Messages:', ready.messages.flatMap(describeMessage)),
  ]
  return lines.length > 0 ? ['Ready:', ...lines] : ['<empty Ready>']
}

const stateNames = { probe: 'StateProbe', replicate: 'StateReplicate', snapshot: 'StateSnapshot' } as const

export function describeProgress(id: MemberId, progress: ProgressStatus): string {
  const parts = [`${id}: ${stateNames[progress.state]} match=${progress.match} next=${progress.next}`]
  if (progress.isLearner) parts.push('learner')
  if (progress.paused) parts.push('paused')
  if (progress.pendingSnapshot > 0) parts.push(`pendingSnap=${progress.pendingSnapshot}`)
  if (!progress.recentActive) parts.push('inactive')
  if (progress.inflight > 0) parts.push(`inflight=${progress.inflight}${progress.inflightFull ? '[full]' : ''}`)
  return parts.join(' ')
}

const group = (ids: readonly MemberId[]): string => `(${ids.join(' ')})`

export function describeConfig(config: ConfState): string {
  let text = `voters=${group(config.voters)}`
  if (config.votersOutgoing.length > 0) text += `&&${group(config.votersOutgoing)}`
  if (config.learners.length > 0) text += ` learners=${group(config.learners)}`
  if (config.learnersNext.length > 0) text += ` learners_next=${group(config.learnersNext)}`
  return config.autoLeave ? `${text} autoleave` : text
}

export function describeState({ id, role, term, leader, config }: RaftStatus): string {
  const voter = config.voters.includes(id) || config.votersOutgoing.includes(id)
  return `${id}: ${roles[role]} ${voter ? '(Voter)' : '(Non-Voter)'} Term:${term} Lead:${leader}`
}
