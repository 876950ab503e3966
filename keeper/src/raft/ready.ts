import { entriesBytes } from './entry-bytes.js'
import { newMessage } from './message.js'
import type { Raft } from './raft.js'
import {
  type Entry,
  type HardState,
  LOCAL_APPEND_THREAD,
  LOCAL_APPLY_THREAD,
  type Message,
  type Ready,
  type SoftState,
} from './types.js'

/** What the application was last told; a Ready carries only what changed since. */
export interface Accepted {
  softState: SoftState
  hardState: HardState
}

type DraftReady = { -readonly [Key in keyof Ready]: Ready[Key] }

export const softStateOf = (raft: Raft): SoftState => ({ leader: raft.leader, role: raft.role })
export const hardStateOf = (raft: Raft): HardState => ({
  term: raft.term,
  vote: raft.vote,
  commit: raft.log.committed,
})

const sameSoftState = (raft: Raft, { leader, role }: SoftState): boolean => raft.leader === leader && raft.role === role

const sameHardState = (raft: Raft, { term, vote, commit }: HardState): boolean =>
  raft.log.committed === commit && raft.term === term && raft.vote === vote

/**
 * May entries be applied that are committed but not durable here? In synchronous mode yes: a Ready's entries are
 * persisted before its committed ones are applied.
 */
const appliesUnstable = (raft: Raft): boolean => !raft.config.asyncStorageWrites

export function hasReady(raft: Raft, accepted: Accepted): boolean {
  return (
    raft.messages.length > 0 ||
    raft.messagesAfterAppend.length > 0 ||
    raft.log.unstable.hasNextEntries() ||
    raft.log.hasNextCommitted(appliesUnstable(raft)) ||
    !sameHardState(raft, accepted.hardState) ||
    !sameSoftState(raft, accepted.softState) ||
    raft.log.unstable.nextSnapshot() !== undefined ||
    raft.readStates.length > 0
  )
}

/** The outstanding work. Looks only; `acceptReady` marks it as handed out. */
export function collectReady(raft: Raft, accepted: Accepted): Ready {
  const ready: DraftReady = {
    readStates: raft.readStates,
    entries: raft.log.unstable.nextEntries(),
    committedEntries: raft.log.nextCommitted(appliesUnstable(raft)),
    messages: raft.messages,
    mustSync: false,
  }
  ready.mustSync = ready.entries.length > 0 || termOrVoteChanged(raft, accepted.hardState)
  if (!sameSoftState(raft, accepted.softState)) ready.softState = softStateOf(raft)
  if (!sameHardState(raft, accepted.hardState)) ready.hardState = hardStateOf(raft)
  const snapshot = raft.log.unstable.nextSnapshot()
  if (snapshot) ready.snapshot = snapshot
  ready.messages = raft.config.asyncStorageWrites ? withStorageMessages(raft, ready) : withResponses(raft)
  return ready
}

const termOrVoteChanged = (raft: Raft, before: HardState): boolean =>
  raft.term !== before.term || raft.vote !== before.vote

/** Synchronous mode: a Ready's messages leave after its persist anyway; those to this member wait for `advance`. */
function withResponses(raft: Raft): readonly Message[] {
  if (raft.messagesAfterAppend.length === 0) return raft.messages
  const outward = raft.messagesAfterAppend.filter((message) => message.to !== raft.id)
  return outward.length === 0 ? raft.messages : raft.messages.concat(outward)
}

function withStorageMessages(raft: Raft, ready: Ready): readonly Message[] {
  const messages = raft.messages.slice()
  const { entries, hardState, snapshot, committedEntries } = ready
  if (entries.length > 0 || hardState || snapshot || raft.messagesAfterAppend.length > 0)
    messages.push(storageAppend(raft, ready))
  if (committedEntries.length > 0) messages.push(storageApply(raft, committedEntries))
  return messages
}

/** Asks the append thread to persist, and then to deliver all that waited for it. */
function storageAppend(raft: Raft, { entries, hardState, snapshot }: Ready): Message {
  const message = newMessage('MsgStorageAppend', LOCAL_APPEND_THREAD, raft.id)
  message.entries = entries
  if (hardState) Object.assign(message, hardState)
  if (snapshot) message.snapshot = snapshot
  const stable = storageAppendResponse(raft)
  // acknowledgements first: they still find the entries' terms in memory
  message.responses = stable ? [...raft.messagesAfterAppend, stable] : raft.messagesAfterAppend
  return message
}

/**
 * Tells the core that storage has the log up to its present end; undefined if there is nothing to tell. It is sent
 * with every write while the log has an unstable part, not only with the entries, because it is ignored if the term
 * changes meanwhile: entries of the same index and term could have been replaced and put back in between, with the
 * replacing write still under way (ABA).
 */
export function storageAppendResponse(raft: Raft): Message | undefined {
  const { log } = raft
  const snapshot = log.unstable.nextSnapshot()
  if (log.unstable.entries.length === 0 && !snapshot) return undefined
  const response = newMessage('MsgStorageAppendResp', raft.id, LOCAL_APPEND_THREAD, raft.term)
  if (log.unstable.entries.length > 0) {
    response.index = log.lastIndex()
    response.logTerm = log.lastTerm()
  }
  if (snapshot) response.snapshot = snapshot
  return response
}

function storageApply(raft: Raft, entries: readonly Entry[]): Message {
  const message = newMessage('MsgStorageApply', LOCAL_APPLY_THREAD, raft.id)
  message.entries = entries
  message.responses = [storageApplyResponse(raft, entries)]
  return message
}

/** Tells the core that these entries are applied. Of no term: what is committed stays so. */
export function storageApplyResponse(raft: Raft, entries: readonly Entry[]): Message {
  const response = newMessage('MsgStorageApplyResp', raft.id, LOCAL_APPLY_THREAD)
  response.entries = entries
  return response
}

/** Marks everything in `ready` as handed out. */
export function acceptReady(raft: Raft, accepted: Accepted, ready: Ready): void {
  if (ready.softState) accepted.softState = ready.softState
  if (ready.hardState) accepted.hardState = ready.hardState
  raft.readStates = []
  raft.messages = []
  raft.messagesAfterAppend = []
  raft.log.unstable.acceptInProgress()
  const last = ready.committedEntries.at(-1)
  if (last) raft.log.acceptApplying(last.index, entriesBytes(ready.committedEntries), appliesUnstable(raft))
}
