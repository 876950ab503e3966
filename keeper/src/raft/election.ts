import { encodeText } from '../base/codec.js'
import type { Raft } from './raft.js'
import { appendEntries, broadcastAppend } from './replication.js'
import { type Entry, type MemberId, type Message, NONE } from './types.js'

/** `transfer`: asked for by the leader, so that no lease stands in the way. */
export type Campaign = 'preElection' | 'election' | 'transfer'

/** Context of a vote request that a leader asked for. */
const transferContext = encodeText('CampaignTransfer')

const isTransfer = (context: Uint8Array | undefined): boolean =>
  context?.length === transferContext.length && transferContext.every((byte, at) => byte === context[at])

/** Stands for election if this member may. */
export function startElection(raft: Raft, campaign: Campaign): void {
  if (raft.role === 'leader' || !raft.promotable || hasUnappliedConfChange(raft)) return
  runCampaign(raft, campaign)
}

function runCampaign(raft: Raft, campaign: Campaign): void {
  if (campaign === 'preElection') raft.becomePreCandidate()
  else raft.becomeCandidate()
  for (const id of raft.tracker.voters) {
    if (id === raft.id) voteForSelf(raft, campaign)
    else requestVote(raft, id, campaign)
  }
}

/** A pre-vote asks about the term that a real election would begin. */
const campaignTerm = (raft: Raft): number => (raft.role === 'preCandidate' ? raft.term + 1 : raft.term)

/** The own vote, too, counts only when it is durable: it comes back as a response. */
function voteForSelf(raft: Raft, campaign: Campaign): void {
  const vote = raft.draft(campaign === 'preElection' ? 'MsgPreVoteResp' : 'MsgVoteResp', raft.id)
  vote.term = campaignTerm(raft)
  raft.sendAfterAppend(vote)
}

function requestVote(raft: Raft, id: MemberId, campaign: Campaign): void {
  const request = raft.draft(campaign === 'preElection' ? 'MsgPreVote' : 'MsgVote', id)
  request.term = campaignTerm(raft)
  request.index = raft.log.lastIndex()
  request.logTerm = raft.log.lastTerm()
  if (campaign === 'transfer') request.context = transferContext
  raft.send(request)
}

/** Would this vote request disturb a leader that was heard of just now? (Raft thesis §4.2.3) */
export const withinLease = (raft: Raft, request: Message): boolean => raft.inLease && !isTransfer(request.context)

/** Answers a vote or pre-vote request of the own or a later term. */
export function handleVoteRequest(raft: Raft, request: Message): void {
  const granted = mayVoteFor(raft, request) && raft.log.isUpToDate(request.logTerm, request.index)
  if (granted) grantVote(raft, request)
  else refuseVote(raft, request)
}

function grantVote(raft: Raft, request: Message): void {
  const pre = request.type === 'MsgPreVote'
  const response = raft.draft(pre ? 'MsgPreVoteResp' : 'MsgVoteResp', request.from)
  // a granted pre-vote speaks of the term asked about, or the asker would take the answer for an old one
  response.term = request.term
  raft.sendAfterAppend(response)
  if (pre) return
  raft.electionElapsed = 0
  raft.vote = request.from
}

/**
 * Who is no voter any more by what it knows cannot stand for election itself, and its log may be the longest. The asker,
 * which may not know of that change, is told how far the log is committed, or it would ask among the voters of before
 * for ever. (As raft-rs does; etcd does not.)
 */
export function refuseVote(raft: Raft, { type, from }: Message): void {
  const response = raft.draft(type === 'MsgPreVote' ? 'MsgPreVoteResp' : 'MsgVoteResp', from)
  response.reject = true
  const { committed } = raft.log
  if (!raft.tracker.voters.includes(raft.id)) {
    response.commit = committed
    response.logTerm = raft.log.term(committed) ?? 0
  }
  raft.sendAfterAppend(response)
}

/** What is committed is so in any term, whoever says it. */
export function learnCommit(raft: Raft, { logTerm, commit }: Message): void {
  if (commit === 0 || logTerm === 0 || !raft.log.maybeCommit(logTerm, commit)) return
  const stands = raft.role === 'candidate' || raft.role === 'preCandidate'
  // among others than it asks, perhaps
  if (stands && hasUnappliedConfChange(raft)) raft.becomeFollower(raft.term, NONE)
}

/**
 * One vote per term (Raft §5.2), repeated if asked again. Learners vote, too: one that was promoted may be the last
 * to know, and its vote the one that is missing.
 */
function mayVoteFor(raft: Raft, request: Message): boolean {
  if (raft.vote === request.from) return true
  if (raft.vote === NONE && raft.leader === NONE) return true
  return request.type === 'MsgPreVote' && request.term > raft.term
}

/** A candidate counts a vote. */
export function handleVoteResponse(raft: Raft, response: Message): void {
  raft.tracker.recordVote(response.from, !response.reject)
  const result = raft.tracker.tallyVotes()
  if (result === 'lost') raft.becomeFollower(raft.term, NONE)
  if (result !== 'won') return
  if (raft.role === 'preCandidate') runCampaign(raft, 'election')
  else takeOffice(raft)
}

const emptyEntry: Entry = { term: 0, index: 0, type: 'normal', data: new Uint8Array() }

/** Raft §5.4.2, §8: the empty entry lets earlier terms' entries commit and reads know where they stand. */
function takeOffice(raft: Raft): void {
  raft.becomeLeader()
  appendEntries(raft, [emptyEntry])
  broadcastAppend(raft)
}

/** A committed change not yet applied: this member does not know yet whom an election must win. */
function hasUnappliedConfChange(raft: Raft): boolean {
  const { log } = raft
  let low = log.applied + 1
  while (low <= log.committed) {
    const page = log.slice(low, log.committed + 1, raft.config.committedBytesPerReadyMax) ?? []
    if (page.length === 0) return false
    if (page.some((entry) => entry.type !== 'normal')) return true
    low += page.length
  }
  return false
}
