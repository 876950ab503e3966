import { lostEntries, type Mutant } from '../mutant.js'

const raft = (file: string) => `keeper/src/raft/${file}.ts`

/** Who leads, and with what log. */
export const elections: readonly Mutant[] = [
  {
    name: 'vote-not-persisted',
    bug: 'the vote is left out of what is written: after a restart a member votes a second time in one term',
    patches: [
      {
        file: 'keeper/src/storage/log-records.ts',
        find: 'const { term, vote, commit } = head.hardState',
        replace: 'const { term, commit } = head.hardState; const vote = 0',
      },
    ],
    noticed: lostEntries,
  },
  {
    name: 'two-votes-in-a-term',
    bug: 'a member grants its vote to whoever asks, also when it has voted in this term',
    patches: [
      {
        file: raft('election'),
        find: 'if (raft.vote === NONE && raft.leader === NONE) return true',
        replace: 'if (raft.leader === NONE) return true',
      },
    ],
    noticed: lostEntries,
  },
  {
    name: 'election-restriction-dropped',
    bug: 'a vote is granted whatever the candidate’s log lacks: leaders without committed entries',
    patches: [
      {
        file: raft('election'),
        find: 'mayVoteFor(raft, request) && raft.log.isUpToDate(request.logTerm, request.index)',
        replace: 'mayVoteFor(raft, request)',
      },
    ],
    noticed: lostEntries,
  },
  {
    name: 'pre-vote-counted-as-vote',
    bug: 'a late grant of the pre-vote counts in the election that followed it',
    patches: [
      {
        file: raft('handlers'),
        find: 'candidate: { ...candidate, MsgVoteResp: handleVoteResponse }',
        replace: 'candidate: { ...candidate, MsgVoteResp: handleVoteResponse, MsgPreVoteResp: handleVoteResponse }',
      },
    ],
    noticed: lostEntries,
  },
  {
    name: 'recovering-member-votes',
    bug: 'a member that lost what it had acknowledged helps to elect before the others vouched for it',
    patches: [
      {
        file: 'keeper/src/node/recovery-gate.ts',
        find: 'if (deaf.has(message.type)) return undefined',
        replace: '',
      },
      {
        file: 'keeper/src/node/recovery-gate.ts',
        find: 'if (mute.has(message.type)) return undefined',
        replace: '',
      },
    ],
    noticed: lostEntries,
  },
]
