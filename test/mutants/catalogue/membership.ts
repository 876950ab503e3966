import { lostEntries, type Mutant } from '../mutant.js'

const raft = (file: string) => `keeper/src/raft/${file}.ts`

/** Any two quorums share a member, also while the members change. */
export const membership: readonly Mutant[] = [
  {
    name: 'membership-change-before-a-commit-in-the-term',
    bug: 'a new leader changes the members while an uncommitted change of its predecessor may still stand in the log',
    patches: [
      {
        file: raft('raft'),
        find: 'this.pendingConfIndex = this.log.lastIndex()',
        replace: 'this.pendingConfIndex = 0',
      },
      { file: 'keeper/src/node/membership.ts', find: '    await confirmLeading()\n', replace: '' },
    ],
    noticed: lostEntries,
  },
  {
    name: 'joint-quorum-treated-as-simple',
    bug: 'in a joint configuration the majority of the new members decides alone',
    patches: [
      {
        file: raft('quorum'),
        find: 'return Math.min(majorityCommitted(incoming, acknowledged), majorityCommitted(outgoing, acknowledged))',
        replace: 'return majorityCommitted(incoming, acknowledged)',
      },
      {
        file: raft('quorum'),
        find: 'const results = [majorityVote(incoming, voteOf), majorityVote(outgoing, voteOf)]',
        replace: 'const results = [majorityVote(incoming, voteOf)]',
      },
    ],
    noticed: lostEntries,
  },
]
