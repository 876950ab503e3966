import { payloadBytes } from './entry-bytes.js'
import type { Progress } from './progress.js'
import type { Raft } from './raft.js'
import type { Entry, MemberId } from './types.js'

const noEntries: readonly Entry[] = []

/** Sends `to` what it lacks, or an empty MsgApp that carries the commit index. */
export function sendAppend(raft: Raft, to: MemberId): void {
  maybeSendAppend(raft, to, true)
}

/** Sends `to` one MsgApp or snapshot if the flow allows it, an empty one only if `evenIfEmpty`; whether it did. */
export function maybeSendAppend(raft: Raft, to: MemberId, evenIfEmpty: boolean): boolean {
  const progress = raft.tracker.progress.get(to)
  if (!progress || progress.paused) return false
  const prevTerm = raft.log.term(progress.next - 1)
  if (prevTerm === undefined) return sendSnapshot(raft, to, progress)
  const entries = entriesFor(raft, progress)
  if (entries === undefined) return sendSnapshot(raft, to, progress)
  if (entries.length === 0 && !evenIfEmpty) return false
  sendEntries(raft, to, progress, prevTerm, entries)
  return true
}

/** While the window is full only empty messages go, so that a lost window is noticed. Undefined: compacted. */
function entriesFor(raft: Raft, progress: Progress): readonly Entry[] | undefined {
  if (progress.state === 'replicate' && progress.inflights.full) return noEntries
  return raft.log.entriesFrom(progress.next, raft.config.messageBytesMax)
}

function sendEntries(raft: Raft, to: MemberId, progress: Progress, prevTerm: number, entries: readonly Entry[]): void {
  const message = raft.draft('MsgApp', to)
  message.index = progress.next - 1
  message.logTerm = prevTerm
  message.entries = entries
  message.commit = raft.log.committed
  raft.send(message)
  progress.sentEntries(entries.length, payloadBytes(entries))
  progress.sentCommit = raft.log.committed
}

function sendSnapshot(raft: Raft, to: MemberId, progress: Progress): boolean {
  // a snapshot is dear: not to one that may be gone
  if (!progress.recentActive) return false
  const snapshot = raft.log.snapshot()
  if (!snapshot || snapshot.index === 0) return false
  progress.becomeSnapshot(snapshot.index)
  const message = raft.draft('MsgSnap', to)
  message.snapshot = snapshot
  raft.send(message)
  return true
}

export function broadcastAppend(raft: Raft): void {
  for (const id of raft.tracker.progress.keys()) if (id !== raft.id) sendAppend(raft, id)
}

/** Tells every member that this one leads; `context` is what a read request waits to see confirmed. */
export function broadcastHeartbeat(raft: Raft, context: Uint8Array | undefined): void {
  for (const [id, progress] of raft.tracker.progress) {
    if (id === raft.id) continue
    const message = raft.draft('MsgHeartbeat', id)
    // never beyond the match: the member may hold other entries there
    message.commit = Math.min(progress.match, raft.log.committed)
    if (context) message.context = context
    raft.send(message)
    progress.sentCommit = message.commit
  }
}

/** Commits what a quorum has made durable; whether that was news. */
export function maybeCommit(raft: Raft): boolean {
  return raft.log.maybeCommit(raft.term, raft.tracker.committed())
}

/**
 * Appends entries of this leader's term; they count towards a quorum only when MsgAppResp comes back from the own
 * disk. False, and nothing appended, when too much is uncommitted.
 */
export function appendEntries(raft: Raft, proposed: readonly Entry[]): boolean {
  if (!reserveUncommitted(raft, payloadBytes(proposed))) return false
  const { term } = raft
  let index = raft.log.lastIndex()
  raft.log.append(proposed.map(({ type, data }) => ({ term, index: ++index, type, data })))
  const acknowledgement = raft.draft('MsgAppResp', raft.id)
  acknowledgement.index = index
  raft.sendAfterAppend(acknowledgement)
  return true
}

/** An empty payload always passes (a new term, leaving a joint configuration), and so does a first large one. */
function reserveUncommitted(raft: Raft, bytes: number): boolean {
  const before = raft.uncommittedBytes
  if (before > 0 && bytes > 0 && before + bytes > raft.config.uncommittedBytesMax) return false
  raft.uncommittedBytes += bytes
  return true
}
