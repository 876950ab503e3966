import type { Mutant } from '../mutant.js'

const store = (file: string) => `keeper/src/store/${file}.ts`

/** The state's own sum would notice; who forgets a table forgets it there too. */
const sumNotChecked = {
  file: store('state'),
  find: 'if (state.hash() !== flushed)',
  replace: "if (flushed === '')",
}

/** A snapshot's stream without the records of some tables; see `tables.ts` for their numbers. */
const withoutTables = (...tables: readonly number[]) => ({
  file: 'keeper/src/node/state-port.ts',
  find: 'await this.#parts.transport?.sendSnapshot(message.to, { ...message, snapshot }, records)',
  replace: `const some = async function* () { for await (const one of records) if (![${tables}].includes(one.key[1])) yield one }
    await this.#parts.transport?.sendSnapshot(message.to, { ...message, snapshot }, some())`,
})

/** What the log does to the state: all of it, once, and alike everywhere. */
export const state: readonly Mutant[] = [
  {
    name: 'snapshot-loses-leases',
    bug: 'a snapshot is sent without leases',
    patches: [withoutTables(2, 5), sumNotChecked],
    noticed: ['state hash', 'state machine'],
    quick: true,
  },
  {
    name: 'snapshot-loses-the-results-of-requests',
    bug: 'a snapshot is sent without the table that recognizes retries',
    patches: [withoutTables(7, 8, 9), sumNotChecked],
    noticed: ['state hash', 'state machine'],
  },
  {
    name: 'revision-back-after-compaction',
    bug: 'a compaction sets the revision back to where it compacted',
    patches: [
      {
        file: store('keyspace'),
        find: 'this.expectReadable(revision)\n    this.compacted = revision',
        replace: 'this.expectReadable(revision)\n    this.compacted = this.revision = revision',
      },
    ],
    noticed: ['fencing', 'watch', 'sessions', 'linearizable', 'serializable', 'acknowledged writes'],
  },
  {
    name: 'applied-again-after-a-restart',
    bug: 'a flush says that it ends one entry earlier than it does: that entry is applied a second time after a restart',
    patches: [
      {
        file: store('store'),
        find: 'return { appliedIndex: this.#appliedIndex, appliedTerm',
        replace: 'return { appliedIndex: this.#appliedIndex - 1, appliedTerm',
      },
    ],
    noticed: ['state hash', 'state machine'],
    quick: true,
  },
  {
    name: 'retry-not-idempotent',
    bug: 'a request that comes again is executed again',
    patches: [{ file: store('store'), find: 'if (known) return known\n', replace: '' }],
    noticed: ['acknowledged writes', 'linearizable', 'serializable', 'liveness'],
    quick: true,
  },
  {
    name: 'forwarded-proposals-appended-twice',
    bug: 'a leader appends a follower’s batch each time the network brings it',
    patches: [
      {
        file: 'keeper/src/node/forwarding.ts',
        find: 'if (!this.#isNew(id, term)) return undefined',
        replace: '',
      },
    ],
    noticed: ['blind writes', 'linearizable', 'serializable'],
  },
  {
    name: 'uncertain-called-dropped',
    bug: 'a proposal of which the leader said nothing is called dropped, though it may be in the log',
    patches: [
      {
        file: 'keeper/src/node/forwarding.ts',
        find: "new KeeperError('E_UNCERTAIN', 'the leader did not say where the proposal went')",
        replace: "new KeeperError('E_PROPOSAL_DROPPED', 'the leader did not say where the proposal went')",
      },
    ],
    noticed: ['blind writes', 'linearizable', 'serializable'],
  },
  {
    name: 'snapshot-file-of-the-last-flush',
    bug: 'a snapshot is saved as it was flushed last, without what was acknowledged since',
    patches: [
      {
        file: 'keeper/src/node/opened-snapshot.ts',
        find: 'await flusher.flushNow(() => {',
        replace: 'await Promise.resolve().then(() => {',
      },
      { file: 'keeper/src/node/opened-snapshot.ts', find: 'if (view.index === index)', replace: 'if (view.index > 0)' },
    ],
    noticed: ['saved'],
  },
  {
    name: 'restored-again-in-the-epoch-of-before',
    bug: 'a file that is restored a second time gives the epoch of the first time: who saw that cluster takes what comes for old',
    patches: [
      {
        file: 'keeper/src/node/rebuild.ts',
        find: 'wanted > storeEpoch) return wanted',
        replace: 'wanted > storeEpoch) return storeEpoch + 1',
      },
    ],
    noticed: ['sessions'],
  },
]
