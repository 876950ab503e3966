/**
 * The replicated state machine. `apply` is synchronous and pure: what it needs of time and chance stands in the entry.
 */

import { asKeeperError, type ErrorCode, KeeperError } from '../base/errors.js'
import { resultRunsSince } from './cluster-version.js'
import { decodeBatch, decodeCommand } from './command-codec.js'
import { type EntryContext, execute, isMutating, keyspaceOf, type Outcome } from './execute.js'
import { eventsSince, rangeAt } from './history-read.js'
import { rollback } from './journal.js'
import { keyRange } from './key-range.js'
import type { Change } from './keyspace.js'
import { type Side, State } from './state.js'
import type {
  AppliedEntry,
  BlobPiece,
  Command,
  CommandBatch,
  CommandBody,
  CommandResult,
  Event,
  Keyspace,
  KeyValue,
  LargeBytes,
  Lease,
  RangeRequest,
  RangeResult,
  StateFlush,
  StateMachine,
  StateReader,
} from './types.js'

export interface StoreOptions {
  /** Reads what flushes wrote. A flush must be readable there before the next `takeFlush`. */
  readonly reader: StateReader
  readonly large?: LargeBytes
}

/** The state machine with what tests and tools ask besides. */
export interface Store extends StateMachine {
  /** Bytes of blobs in memory; the others lie on disk. */
  heldBlobBytes(): number
  /** `hash()` from scratch. */
  recomputeHash(): string
  /** Keys bound to a lease, in order. */
  leaseKeys(keyspace: Keyspace, id: bigint): readonly Uint8Array[]
  /** Resolves when no read for the removal of compacted history is under way; the next flush holds what it found. */
  settled(): Promise<void>
}

/** An empty store; `load` fills it. */
export const createStore = (options: StoreOptions): Store => new MvccStore(options)

class MvccStore implements Store {
  readonly #outside: StoreOptions
  #state: State
  #appliedIndex = 0
  #appliedTerm = 0
  #halted: KeeperError | undefined
  /** The disk has another state than memory. */
  #loading = false

  constructor(outside: StoreOptions) {
    this.#outside = outside
    this.#state = State.empty(outside)
  }

  get appliedIndex(): number {
    return this.#appliedIndex
  }

  apply(entry: { index: number; term: number; data: Uint8Array }): AppliedEntry {
    if (this.#halted) throw this.#halted
    const { index, term } = entry
    const batch = this.#decode(entry)
    const context = { index, term, wallMs: batch.wallMs, nextId: idsFrom(batch.seed) }
    const events: Event[] = []
    const results = this.#orHalt(() => {
      const each = batch.commands.map((command) => this.#run(command, context, events))
      this.#state.dedup.finishEntry()
      this.#state.journal.length = 0
      return each
    })
    this.#appliedIndex = index
    this.#appliedTerm = term
    return { index, term, wallMs: batch.wallMs, results, events }
  }

  takeFlush(): StateFlush {
    if (this.#halted) throw this.#halted
    return { appliedIndex: this.#appliedIndex, appliedTerm: this.#appliedTerm, ...this.#state.takeFlush() }
  }

  flushed(): void {
    this.#state.flushed()
  }

  async load(
    appliedIndex: number,
    appliedTerm: number,
    records: AsyncIterable<{ key: Uint8Array; value: Uint8Array }>,
  ): Promise<void> {
    this.#loading = true
    this.#state = await State.load(this.#outside, records)
    this.#loading = false
    this.#appliedIndex = appliedIndex
    this.#appliedTerm = appliedTerm
  }

  revision(keyspace: Keyspace): number {
    return this.#state.side(keyspace).keyspace.revision
  }

  compactedRevision(keyspace: Keyspace): number {
    return this.#state.side(keyspace).keyspace.compacted
  }

  get(keyspace: Keyspace, key: Uint8Array): KeyValue | undefined {
    return this.#state.side(keyspace).keyspace.get(key)
  }

  range(keyspace: Keyspace, request: RangeRequest): RangeResult {
    const space = this.#state.side(keyspace).keyspace
    space.expectReadable(request.revision)
    if (request.revision !== 0 && request.revision !== space.revision)
      throw new KeeperError('E_UNSUPPORTED', `revision ${request.revision} is history: read it with rangeAt`)
    return space.range(request, space.revision)
  }

  async rangeAt(keyspace: Keyspace, request: RangeRequest): Promise<RangeResult> {
    const { revision } = this.#state.side(keyspace).keyspace
    if (request.revision === 0 || request.revision === revision) return this.range(keyspace, request)
    return rangeAt(() => this.#past(keyspace), this.#outside.reader, request)
  }

  eventsSince(
    keyspace: Keyspace,
    from: number,
    range: { key: Uint8Array; rangeEnd?: Uint8Array },
  ): AsyncIterable<readonly Event[]> {
    return eventsSince(() => this.#state.side(keyspace), this.#outside.reader, from, keyRange(range))
  }

  blob(hash: string): Uint8Array | undefined {
    return this.#state.blobs.read(hash)
  }

  lendBlob(hash: string, bytes: Uint8Array): void {
    this.#state.blobs.lend(hash, bytes)
  }

  hasBlob(hash: string): boolean {
    return this.#state.blobs.has(hash)
  }

  blobBytes(hash: string): number {
    return this.#state.blobs.bytesOf(hash)
  }

  heldBlobBytes(): number {
    return this.#state.heldBlobBytes()
  }

  blobPieces(hash: string): readonly BlobPiece[] {
    return this.#state.blobs.pieces(hash)
  }

  blobHashes(): Iterable<string> {
    return this.#state.blobs.hashes()
  }

  lease(keyspace: Keyspace, id: bigint): Lease | undefined {
    return this.#state.side(keyspace).keyspace.lease(id)
  }

  leases(keyspace: Keyspace): Iterable<Lease> {
    return this.#state.side(keyspace).keyspace.leases()
  }

  leaseKeys(keyspace: Keyspace, id: bigint): readonly Uint8Array[] {
    return this.#state.side(keyspace).keyspace.leaseKeys(id)
  }

  clusterVersion(): number {
    return this.#state.clusterVersion
  }

  hash(): string {
    return this.#state.hash()
  }

  recomputeHash(): string {
    return this.#state.recomputeHash()
  }

  bytesInUse(): number {
    return this.#state.bytes()
  }

  unflushedBytes(): number {
    return this.#state.dirtyBytes()
  }

  unflushedValueBytes(): number {
    return this.#state.freshLargeBytes()
  }

  async settled(): Promise<void> {
    for (const { collector } of [this.#state.user, this.#state.system]) await collector.settled()
  }

  /** Half of the old state in memory and half of the new one on disk would tell of neither. */
  #past(keyspace: Keyspace): Side {
    if (this.#loading) throw new KeeperError('E_UNAVAILABLE', 'the state is being replaced by a snapshot')
    return this.#state.side(keyspace)
  }

  /** Everything an entry holds is decoded before anything is executed. */
  #decode({ data }: { data: Uint8Array }): CommandBatch {
    if (data.length === 0) return { wallMs: 0, seed: 0n, commands: [] }
    return this.#orHalt(() => decodeBatch(data))
  }

  /** Whatever is not a command's own failure stops this member: going on would make it differ from the others. */
  #orHalt<T>(act: () => T): T {
    try {
      return act()
    } catch (thrown) {
      const error = asKeeperError(thrown)
      this.#halted =
        error.code === 'E_HALTED' ? error : new KeeperError('E_HALTED', error.message, {}, { cause: thrown })
      throw this.#halted
    }
  }

  #run(command: Command, entry: EntryContext, events: Event[]): CommandResult {
    const { requestId, body } = command
    if (!requestId || !isMutating(body)) return this.#attempt(body, entry, events)
    const { dedup, journal } = this.#state
    const known = dedup.find(requestId)
    if (known === 'forgotten') return this.#failed(body, forgotten(requestId.sequence))
    if (known) return known
    const result = this.#attempt(body, entry, events)
    dedup.record(requestId, result, entry.index, this.#state.clusterVersion >= resultRunsSince)
    journal.length = 0
    return result
  }

  #attempt(body: CommandBody, entry: EntryContext, events: Event[]): CommandResult {
    const { journal } = this.#state
    try {
      if (body.kind === 'blobExecute') return this.#executeBlob(body.hash, entry, events)
      const change = this.#change(body, entry)
      const outcome = execute(body, this.#state, change, entry)
      return this.#commit(body, change, outcome, events)
    } catch (thrown) {
      if (!(thrown instanceof KeeperError) || ownFaults.has(thrown.code)) throw thrown
      rollback(journal)
      return this.#failed(body, thrown)
    }
  }

  /** The inner command stands for itself, with its own request id; the blob goes, whatever came of it. */
  #executeBlob(hash: string, entry: EntryContext, events: Event[]): CommandResult {
    const { blobs, journal } = this.#state
    const bytes = blobs.read(hash)
    if (!bytes) throw new KeeperError('E_NOT_FOUND', `no blob ${hash}`)
    const command = decodeInner(bytes)
    const result = this.#run(command, entry, events)
    blobs.delete(hash)
    journal.length = 0
    return result
  }

  #change(body: CommandBody, { wallMs, nextId }: EntryContext): Change {
    return { revision: this.revision(keyspaceOf(body)) + 1, wallMs, events: [], nextId }
  }

  #commit(body: CommandBody, change: Change, outcome: Outcome, events: Event[]): CommandResult {
    const { keyspace, history, meter } = this.#state.side(keyspaceOf(body))
    if (change.events.length > 0) {
      keyspace.revision = change.revision
      meter.add(change.revision, history.append(change.events))
      for (const event of change.events) events.push(event)
    }
    this.#state.journal.length = 0
    if (outcome.refused) return this.#failed(body, outcome.refused)
    return { ok: true, revision: keyspace.revision, succeeded: outcome.succeeded, results: outcome.results }
  }

  #failed(body: CommandBody, error: KeeperError): CommandResult {
    return { ok: false, revision: this.revision(keyspaceOf(body)), code: error.code, message: error.message }
  }
}

/** Faults of this member, which the others may not have: never a command's result. */
const ownFaults: ReadonlySet<ErrorCode> = new Set([
  'E_HALTED',
  'E_INTERNAL',
  'E_CORRUPT',
  'E_DATA_VERSION',
  'E_DISK',
  'E_UNAVAILABLE',
])

const forgotten = (sequence: number) =>
  new KeeperError('E_REQUEST_FORGOTTEN', `request ${sequence} is below its session's low-water mark`)

/** Throws E_HALTED for what a newer version wrote, E_INVALID_ARGUMENT for what is no command. */
function decodeInner(bytes: Uint8Array): Command {
  let command: Command
  try {
    command = decodeCommand(bytes)
  } catch (thrown) {
    const error = asKeeperError(thrown)
    if (error.code === 'E_HALTED') throw error
    throw new KeeperError('E_INVALID_ARGUMENT', 'the blob holds no command', {}, { cause: thrown })
  }
  if (command.body.kind === 'blobExecute')
    throw new KeeperError('E_INVALID_ARGUMENT', 'a blob cannot execute another blob')
  return command
}

/** Positive 63-bit numbers from a seed (splitmix64): the same on every member. */
function idsFrom(seed: bigint): () => bigint {
  let state = seed
  return () => {
    state = BigInt.asUintN(64, state + 0x9e3779b97f4a7c15n)
    let z = state
    z = BigInt.asUintN(64, (z ^ (z >> 30n)) * 0xbf58476d1ce4e5b9n)
    z = BigInt.asUintN(64, (z ^ (z >> 27n)) * 0x94d049bb133111ebn)
    return BigInt.asUintN(63, z ^ (z >> 31n))
  }
}
