import type { Mutant } from '../mutant.js'

const raft = (file: string) => `keeper/src/raft/${file}.ts`

/** What shows that a read was answered from the past: a watch and a saved file begin with one. */
const staleReads = ['linearizable', 'serializable', 'saved', 'watch']

/** What a read, a watch or a push may show. */
export const reads: readonly Mutant[] = [
  {
    name: 'read-index-before-the-first-commit',
    bug: 'a new leader answers reads before it knows how far its predecessors committed (Raft §8)',
    patches: [
      {
        file: raft('reads'),
        find: 'else if (committedInTerm(raft)) confirmRead(raft, request)',
        replace: 'else if (raft.term > 0) confirmRead(raft, request)',
      },
    ],
    noticed: staleReads,
  },
  {
    name: 'follower-answers-linearizable-reads',
    bug: 'a follower answers a linearizable read from what it has, without asking the leader',
    patches: [
      {
        file: raft('reads'),
        find: 'raft.send({ ...request, to: raft.leader, from: request.from === NONE ? raft.id : request.from })',
        replace: 'raft.readStates.push({ index: raft.log.committed, context: contextOf(request) })',
      },
    ],
    noticed: staleReads,
    quick: true,
  },
  {
    name: 'read-index-without-a-quorum',
    bug: 'a leader answers reads without making sure that it still leads',
    patches: [
      {
        file: raft('reads'),
        find: 'if (raft.config.leaseReads && !raft.handedOver) {',
        replace: 'if (!raft.handedOver) {',
      },
    ],
    noticed: staleReads,
  },
  {
    name: 'read-does-not-wait-for-apply',
    bug: 'a confirmed read is answered before its index is applied here',
    patches: [
      {
        file: 'keeper/src/node/reads.ts',
        find: 'this.#confirmed.push({ index: state.index, readers: round.readers, untilTick })',
        replace: 'this.#confirmed.push({ index: 0, readers: round.readers, untilTick })',
      },
    ],
    noticed: staleReads,
    quick: true,
  },
  {
    name: 'watch-one-late',
    bug: 'a watch leaves out the newest revision until another one comes',
    patches: [
      {
        file: 'keeper/src/store/history-read.ts',
        find: 'for (let next = Math.max(from, 2); next <= to; ) {',
        replace: 'for (let next = Math.max(from, 2); next < to; ) {',
      },
    ],
    noticed: ['watch'],
    quick: true,
  },
  {
    name: 'push-repeats-what-is-held',
    bug: 'after a reconnect a process is sent again what it said that it has',
    patches: [
      {
        file: 'keeper/src/push/subscribing.ts',
        find: 'if (held) takeHeld(subscription, held, storeEpoch)',
        replace: '',
      },
    ],
    noticed: ['sessions'],
    quick: true,
  },
  {
    name: 'watch-goes-on-in-a-restored-cluster',
    bug: 'a watch of the cluster before goes on behind its last revision, though what stands there is other than it saw',
    patches: [
      {
        file: 'keeper/src/api/kv-watch.ts',
        find: 'if (epoch !== 0 && epoch !== storeEpoch)',
        replace: 'if (epoch < 0)',
      },
    ],
    noticed: ['watch'],
  },
]
