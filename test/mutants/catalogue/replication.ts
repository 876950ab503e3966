import { lostEntries, type Mutant } from '../mutant.js'

const raft = (file: string) => `keeper/src/raft/${file}.ts`

/** When an entry counts as committed, and that it stays. */
export const replication: readonly Mutant[] = [
  {
    name: 'older-term-committed-by-counting',
    bug: 'an entry of an earlier term is committed as soon as a quorum has it (Raft figure 8)',
    patches: [
      {
        file: raft('log'),
        find: 'if (index <= this.committed || !this.matchesTerm(term, index)) return false',
        replace: 'if (index <= this.committed) return false',
      },
    ],
    noticed: lostEntries,
  },
  {
    name: 'ack-before-quorum',
    bug: 'an entry counts as committed when one member too few has it',
    patches: [
      {
        file: raft('quorum'),
        find: 'const quorum = Math.floor(voters.length / 2) + 1\n  let committed',
        replace: 'const quorum = Math.ceil(voters.length / 2) - 1 || 1\n  let committed',
      },
    ],
    noticed: lostEntries,
  },
  {
    name: 'state-exposed-without-a-durable-quorum',
    bug: 'acknowledgements leave while the write they vouch for is under way: the leader shows state that no quorum has on disk',
    patches: [{ file: 'keeper/src/node/ready-loop.ts', find: 'if (durable) await durable', replace: '' }],
    noticed: lostEntries,
  },
  {
    name: 'committed-entries-truncated',
    bug: 'a follower cuts its log behind whatever an old message brings, though nothing in it conflicts (Raft §5.3)',
    patches: [
      {
        file: raft('log'),
        find: 'const fresh = entries.findIndex((entry) => !this.matchesTerm(entry.term, entry.index))',
        replace: 'const fresh = entries.length > 0 ? 0 : -1',
      },
      {
        file: raft('log'),
        find: 'if (first.index <= this.committed)',
        replace: 'if (first.index <= 0)',
      },
    ],
    noticed: lostEntries,
  },
  {
    name: 'heartbeat-commits-beyond-the-match',
    bug: 'a heartbeat carries the leader’s commit index to a follower that may hold other entries there',
    patches: [
      {
        file: raft('replication'),
        find: 'message.commit = Math.min(progress.match, raft.log.committed)',
        replace: 'message.commit = raft.log.committed',
      },
    ],
    noticed: lostEntries,
    quick: true,
  },
  {
    name: 'stale-snapshot-installed',
    bug: 'a late snapshot replaces state that is newer',
    patches: [
      {
        file: raft('follower'),
        find: 'if (snapshot.index <= log.committed || !concerns(snapshot, raft.id)) return false',
        replace: 'if (!concerns(snapshot, raft.id)) return false',
      },
      {
        file: raft('follower'),
        find: 'if (log.matchesTerm(snapshot.term, snapshot.index)) {',
        replace: 'if (snapshot.index > log.committed && log.matchesTerm(snapshot.term, snapshot.index)) {',
      },
    ],
    noticed: lostEntries,
  },
]
