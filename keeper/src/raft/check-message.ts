import { KeeperError } from '../base/errors.js'
import { limits } from '../base/limits.js'
import { decodeConfChange } from './conf-change-codec.js'
import { isLocalThread } from './message.js'
import type { ConfState, Entry, MemberId, Message, MessageType, Snapshot } from './types.js'

type Part = 'entries' | 'snapshot' | 'reject'

interface Shape {
  /** What the message may carry beside its numbers and its context. */
  readonly parts: readonly Part[]
  /** Requests of the application that a member passes on speak of no term. */
  readonly termless?: true
  readonly also?: (message: Message) => void
}

const plain: Shape = { parts: [] }
const answer: Shape = { parts: ['reject'] }

/** What members may say to each other. A type that is not here is of local kind, or none. */
const shapes: { readonly [Type in MessageType]?: Shape } = {
  MsgProp: { parts: ['entries'], termless: true, also: checkProposal },
  MsgApp: { parts: ['entries'], also: checkAppend },
  MsgAppResp: { ...answer, also: checkAppendResponse },
  MsgVote: { ...plain, also: checkLogPosition },
  MsgVoteResp: answer,
  MsgPreVote: { ...plain, also: checkLogPosition },
  MsgPreVoteResp: answer,
  MsgSnap: { parts: ['snapshot'], also: checkSnapshotMessage },
  MsgHeartbeat: plain,
  MsgHeartbeatResp: plain,
  MsgTransferLeader: plain,
  MsgTimeoutNow: plain,
  MsgReadIndex: { parts: ['entries'], termless: true, also: checkReadRequest },
  MsgReadIndexResp: { parts: ['entries'], also: checkReadRequest },
}

/**
 * What every message from another member must satisfy, whatever the state of the one that gets it: only then may it
 * be stepped. Throws E_FRAME_GARBAGE, which names the field. Looks at no state: that `from` is the peer at the other
 * end and `to` this member, the caller knows.
 */
export function checkPeerMessage(message: Message): void {
  const shape = Object.hasOwn(shapes, message.type) ? shapes[message.type] : undefined
  if (!shape) throw garbage(`type ${String(message.type)} is not for other members`)
  checkNumbers(message)
  checkMember(message.from, 'from')
  checkMember(message.to, 'to')
  // a wish to hand over names the member that is to lead as its sender
  must(message.from !== message.to || message.type === 'MsgTransferLeader', 'from is also to')
  must(shape.termless ? message.term === 0 : message.term > 0, `term is ${message.term} in ${message.type}`)
  checkParts(message, shape.parts)
  shape.also?.(message)
}

const garbage = (reason: string): KeeperError => new KeeperError('E_FRAME_GARBAGE', `raft message: ${reason}`)

function must(holds: boolean, otherwise: string): void {
  if (!holds) throw garbage(otherwise)
}

const isNatural = (value: unknown, max: number): boolean =>
  Number.isSafeInteger(value) && (value as number) >= 0 && (value as number) <= max

function checkTerm(term: number, name: string): void {
  must(isNatural(term, limits.raftTermMax), `${name} ${term} is no term`)
}

function checkIndex(index: number, name: string): void {
  must(isNatural(index, limits.raftIndexMax), `${name} ${index} is no index`)
}

function checkMember(id: MemberId, name: string): void {
  must(isNatural(id, Number.MAX_SAFE_INTEGER) && id > 0 && !isLocalThread(id), `${name} ${id} is no member`)
}

function checkNumbers(message: Message): void {
  checkTerm(message.term, 'term')
  checkTerm(message.logTerm, 'logTerm')
  checkIndex(message.index, 'index')
  checkIndex(message.commit, 'commit')
  checkIndex(message.rejectHint, 'rejectHint')
  must(message.vote === 0, `vote is ${message.vote}, which is for the own disk only`)
}

function checkParts(message: Message, parts: readonly Part[]): void {
  const { type, entries, snapshot, reject, context, responses } = message
  must(Array.isArray(entries) && Array.isArray(responses), 'entries or responses are no list')
  must(responses.length === 0, 'responses are for the own disk only')
  must(entries.length === 0 || parts.includes('entries'), `entries in ${type}`)
  must(snapshot === undefined || parts.includes('snapshot'), `snapshot in ${type}`)
  must(typeof reject === 'boolean', 'reject is no truth value')
  must(!reject || parts.includes('reject'), `reject in ${type}`)
  must(context === undefined || context instanceof Uint8Array, 'context is no bytes')
  for (const entry of entries) checkEntry(entry)
}

/** What an entry holds must be readable before it stands in a log: there it could only stop every member. */
function checkEntry({ type, data }: Entry): void {
  must(data instanceof Uint8Array, 'entries: data is no bytes')
  must(type === 'normal' || type === 'confChange' || type === 'confChangeV2', `entries: no type ${String(type)}`)
  if (type !== 'normal') checkConfChange(data)
}

function checkConfChange(data: Uint8Array): void {
  try {
    for (const { id } of decodeConfChange(data).changes)
      must(!isLocalThread(id), `entries: a change of ${id}, which is no member`)
  } catch (cause) {
    throw new KeeperError('E_FRAME_GARBAGE', 'raft message: entries: no membership change', {}, { cause })
  }
}

/** The leader gives an entry its place. */
function checkProposal({ entries }: Message): void {
  must(entries.length > 0, 'entries of a proposal are missing')
  for (const { term, index } of entries) must(term === 0 && index === 0, 'entries of a proposal have a place')
}

/** Index 0 is before the first entry, and of term 0. */
function checkLogPosition({ term, logTerm, index }: Message): void {
  must((logTerm === 0) === (index === 0), `logTerm ${logTerm} at index ${index}`)
  must(logTerm <= term, `logTerm ${logTerm} is above term ${term}`)
}

/** Entries follow `index` without a gap, in terms that never fall, none above the sender's. */
function checkAppend(message: Message): void {
  checkLogPosition(message)
  let { index, logTerm } = message
  for (const entry of message.entries) {
    checkIndex(entry.index, 'entries: index')
    checkTerm(entry.term, 'entries: term')
    must(entry.index === ++index, `entries: index ${entry.index} where ${index} was due`)
    must(entry.term >= Math.max(logTerm, 1), `entries: term ${entry.term} behind ${logTerm}`)
    must(entry.term <= message.term, `entries: term ${entry.term} is above term ${message.term}`)
    logTerm = entry.term
  }
}

/** A refusal hints at a place at or before the one refused. */
function checkAppendResponse({ term, logTerm, index, reject, rejectHint }: Message): void {
  must(logTerm <= term, `logTerm ${logTerm} is above term ${term}`)
  must(!reject || rejectHint <= index, `rejectHint ${rejectHint} is behind index ${index}`)
}

/** The context that names a read, in the place of an entry. */
function checkReadRequest({ entries }: Message): void {
  const [named] = entries
  must(entries.length === 1 && named?.type === 'normal', 'entries must be the one context of a read')
  must((named?.data.length ?? 0) > 0, 'entries: the context of a read is empty')
}

function checkSnapshotMessage({ term, snapshot }: Message): void {
  if (!snapshot) throw garbage('snapshot is missing')
  checkTerm(snapshot.term, 'snapshot: term')
  checkIndex(snapshot.index, 'snapshot: index')
  must(snapshot.index > 0 && snapshot.term > 0, 'snapshot of an empty log')
  must(snapshot.term <= term, `snapshot: term ${snapshot.term} is above term ${term}`)
  must(snapshot.data instanceof Uint8Array, 'snapshot: data is no bytes')
  checkConfState(snapshot)
}

/** A configuration that could have been: voters there are, and nobody is two things at once. */
function checkConfState({ confState }: Snapshot): void {
  const { voters, votersOutgoing, learners, learnersNext, autoLeave } = confState
  checkMembers(confState)
  const electing = new Set([...voters, ...votersOutgoing])
  must(voters.length > 0, 'snapshot: voters are missing')
  must(!learners.some((id) => electing.has(id)), 'snapshot: learners are voters, too')
  must(
    learnersNext.every((id) => votersOutgoing.includes(id)),
    'snapshot: learnersNext are not leaving voters',
  )
  must(
    learnersNext.every((id) => !voters.includes(id)),
    'snapshot: learnersNext are voters, too',
  )
  must(typeof autoLeave === 'boolean', 'snapshot: autoLeave is no truth value')
  must(!autoLeave || votersOutgoing.length > 0, 'snapshot: autoLeave of a configuration that is not joint')
}

function checkMembers(confState: ConfState): void {
  for (const name of ['voters', 'votersOutgoing', 'learners', 'learnersNext'] as const) {
    const ids = confState[name]
    must(Array.isArray(ids) && new Set(ids).size === ids.length, `snapshot: ${name} is no set`)
    for (const id of ids) checkMember(id, `snapshot: ${name}:`)
  }
}
