/** What publishing takes and gives, for the rooms above: api, cli, main. */

import type { KeeperError } from '../base/errors.js'
import type { CompileOutput, Diagnostic, SourceFile, SourceTree } from '../compile/types.js'
import type {
  ChangeSetRecord,
  ConfigRecord,
  Guard,
  HistoryRecord,
  HoldRecord,
  ParkedIntervention,
  PendingRecord,
  SourceRecord,
  Verdict,
} from '../store/config-records.js'
import type { BlobPiece, Compare, Operation } from '../store/types.js'
import type { Doomed } from './doomed.js'
import type { AffectedLimit } from './guards.js'
import type { Owners } from './owners.js'

/** A record with the revision it was last written at. */
export interface Stored<R> {
  readonly record: R
  readonly modRevision: number
}

/** What a plan reads of the store, at one revision of the system keyspace. */
export interface PublishView {
  readonly namespace: string
  readonly revision: number
  config(name: string): Stored<ConfigRecord> | undefined
  /** When the name was published first; 0 when it never was. */
  createRevision(name: string): number
  hold(name: string): Stored<HoldRecord> | undefined
  source(source: string): Stored<SourceRecord> | undefined
  sources(): readonly { readonly source: string; readonly stored: Stored<SourceRecord> }[]
  /** Parked change sets, by id. */
  pending(): readonly Stored<PendingRecord>[]
  /** Revisions of a name's history, ascending. */
  historyRevisions(name: string): readonly number[]
  historyAt(name: string, revision: number): HistoryRecord | undefined
  /** All of them, removed ones too. */
  configs(): readonly Stored<ConfigRecord>[]
  /** Newest first, at most so many. */
  changeSets(limit: number): readonly Stored<ChangeSetRecord>[]
  /** The oldest change set records' revisions, as many as there are too many (a few at a time). */
  surplusChangeSets(): readonly number[]
  /** Blobs about to be deleted: no change set may name them. */
  doomed(): Doomed
  blob(hash: string): Uint8Array | undefined
  /** As of the store. */
  blobPieces(hash: string): readonly BlobPiece[]
  hasBlob(hash: string): boolean
  /** 0 for none. */
  blobBytes(hash: string): number
  hasSecret(name: string): boolean
  /** All labels of every live process, cluster, role and instance among them. */
  processes(): readonly Readonly<Record<string, string>>[]
}

/** One path of a base value that changed. */
export interface PathDelta {
  /** JSON pointer. */
  readonly pointer: string
  /** JSON text; absent when the path is new. */
  readonly before?: string
  /** JSON text; absent when the path is gone. */
  readonly after?: string
}

/** What a change set does to one config. */
export interface ConfigDelta {
  readonly name: string
  readonly kind: 'added' | 'changed' | 'removed'
  /** Revision of the record before; 0 when there was none. */
  readonly fromRevision: number
  /** Of the base value, at most `limits.deltaPathsMax`. */
  readonly paths: readonly PathDelta[]
  /** Live processes whose value changes. */
  readonly reaches: number
}

/** Who publishes, and how. */
export interface PublishOptions {
  readonly source: string
  readonly author: string
  readonly reason: string
  /** `apply`, `watch`, `rollback`, … */
  readonly action: string
  /** Take names that another source publishes. */
  readonly takeover: boolean
  /** Names whose hold ends with this change set. */
  readonly release: readonly string[]
  readonly changeSet: string
  /** Milliseconds since the Unix epoch. */
  readonly wallMs: number
  /** Of the files; empty where there is none. */
  readonly gitCommit: string
  readonly spreadMs?: number
  /** Id of the change set that this one takes back. */
  readonly undoes?: string
  /** Where the folder lies, `host:/path`; absent: a stale one is not recognized. */
  readonly place?: string
  /** Above it the change set is parked; absent: nothing parks it. */
  readonly affected?: AffectedLimit
  /** Who owned what when the request came: a takeover is from them. */
  readonly seen?: Owners
  /** Of a parked change set. */
  readonly approved?: Verdict
}

/** A config as it shall be, and as the plan read it. */
export interface Draft {
  readonly record: ConfigRecord
  readonly before: Stored<ConfigRecord> | undefined
}

/** A config as a plan showed it: the change set is refused when it would do anything else. */
export interface PlannedName {
  readonly name: string
  /** Revision of the record before; 0 when there was none. */
  readonly fromRevision: number
  /** Of the record after; empty when it is removed. */
  readonly digest: string
}

/** A name that the change set leaves as it is, for somebody holds it. */
export interface HeldName extends Omit<HoldRecord, 'v'> {
  readonly name: string
}

/** One atomic step, ready for the log; nothing in it but `problems` when there are any. */
export interface ChangeSetPlan {
  readonly puts: readonly Extract<Operation, { kind: 'put' }>[]
  readonly deletes: readonly Extract<Operation, { kind: 'delete' }>[]
  readonly compares: readonly Compare[]
  readonly deltas: readonly ConfigDelta[]
  /** The configs as they shall be, each beside what it was. */
  readonly drafts: readonly Draft[]
  /** Names that are left as they are: everything else goes on. */
  readonly held: readonly HeldName[]
  /** Why the change set must be parked; none: it may be proposed. */
  readonly guards: readonly Guard[]
  /** Of a rollback, an undo or an edit. */
  readonly intervention?: ParkedIntervention
  /** Blobs to write before the step. */
  readonly blobsNeeded: readonly string[]
  /** Why it is refused: E_INVALID_CONFIG, E_NOT_OWNER, E_TAKEN_OVER, E_STALE_SOURCE, E_TOO_LARGE; empty when it may be proposed. */
  readonly problems: readonly KeeperError[]
}

export interface PublishRequest {
  readonly namespace?: string
  readonly source: string
  readonly output: CompileOutput
  readonly author: string
  readonly reason: string
  readonly action: string
  readonly takeover?: boolean
  readonly release?: readonly string[]
  /** Plan and compare only; nothing is written. */
  readonly dryRun?: boolean
  /** What a plan showed: E_MOVED when the change set would do anything else. */
  readonly planned?: readonly PlannedName[]
  /** E_TYPE_CHANGED when a value without a schema would get another type. */
  readonly refuseTypeChanges?: boolean
  /** Processes take the change set up within this time, evenly, each at a moment of its own. */
  readonly spreadMs?: number
  readonly gitCommit?: string
  /** Where the folder lies, `host:/path`. */
  readonly place?: string
  /** Above it the change set is parked. */
  readonly affected?: AffectedLimit
  /** Who owned what when the request came; read when it is published, if absent. */
  readonly seen?: Owners
  /** Compiles the same files again, after somebody changed what the compile had read of the store. */
  readonly recompile?: () => Promise<CompileOutput>
  /** Further conditions and writes of the same step: a seat that must still be taken. */
  readonly guardedBy?: readonly Compare[]
  /** Who asks, for the log. */
  readonly principal?: string
}

export interface RollbackRequest {
  readonly namespace?: string
  readonly name: string
  /** The revision to take the values of; or `stepsBack`, counted from the newest. */
  readonly toRevision?: number
  readonly stepsBack?: number
  readonly author: string
  readonly reason: string
  readonly dryRun?: boolean
  readonly spreadMs?: number
  /** Above it the change is parked. */
  readonly affected?: AffectedLimit
  readonly principal?: string
}

export interface UndoRequest {
  readonly namespace?: string
  /** Its id, the beginning of it, or `r12`; empty: the newest that was not taken back. */
  readonly changeSet: string
  readonly author: string
  readonly reason: string
  readonly dryRun?: boolean
  readonly spreadMs?: number
  /** Above it the change is parked. */
  readonly affected?: AffectedLimit
  readonly principal?: string
}

export interface EditRequest {
  readonly namespace?: string
  readonly name: string
  /** New texts of some of the config's files, or of further overlays of it. */
  readonly files: readonly SourceFile[]
  /** Of the config whose text was edited. */
  readonly baseRevision: number
  readonly compile: (tree: SourceTree) => Promise<CompileOutput>
  readonly author: string
  readonly reason: string
  readonly dryRun?: boolean
  readonly spreadMs?: number
  /** Above it the change is parked. */
  readonly affected?: AffectedLimit
  readonly principal?: string
}

export interface ReleaseRequest {
  readonly namespace?: string
  readonly name: string
  readonly author?: string
  readonly principal?: string
}

/** Somebody's word on a parked change set. */
export interface VerdictRequest {
  readonly namespace?: string
  /** Or how it begins. */
  readonly id: string
  readonly author: string
  readonly reason: string
  readonly principal?: string
}

export interface PublishResult {
  /** False when there was nothing to do (or the run was dry). */
  readonly changed: boolean
  /** Of the change set; without a change the store's present one. */
  readonly revision: number
  /** Empty when nothing changed. */
  readonly changeSet: string
  readonly deltas: readonly ConfigDelta[]
  /** Warnings and notes of the compile. */
  readonly diagnostics: readonly Diagnostic[]
  /** Names whose change was refused, for they are held; everything else went on. */
  readonly held?: readonly HeldName[]
  /** Nothing moved: it waits for approval. Of a dry run without an id. */
  readonly parked?: { readonly id: string; readonly guards: readonly Guard[] }
}

/** A change set that is in the store, whoever published it through this member. */
export interface Published {
  readonly result: PublishResult
  readonly by: Pick<PublishOptions, 'source' | 'author' | 'reason' | 'action'>
}

/** What became of one tree of a watched directory. */
export type SourceOutcome =
  | { readonly kind: 'published'; readonly result: PublishResult; readonly diagnostics: readonly Diagnostic[] }
  | {
      readonly kind: 'unchanged'
      readonly revision: number
      readonly diagnostics: readonly Diagnostic[]
      readonly held: readonly HeldName[]
    }
  /** Another member publishes for the source. */
  | { readonly kind: 'standby'; readonly reason: string; readonly diagnostics: readonly Diagnostic[] }
  /** Nothing moved; the last good stays. */
  | { readonly kind: 'refused'; readonly error: KeeperError; readonly diagnostics: readonly Diagnostic[] }

export interface SourceState {
  readonly source: string
  readonly directory: string
  readonly namespace: string
  /** Empty when the newest tree is published. */
  readonly lastError: string
  /** Of the registry; empty like `lastError`. */
  readonly lastErrorCode: string
  /** Who publishes instead of this member; empty when it does. */
  readonly waitsFor: string
  /** Names of the newest tree that are left as they are, for they are held. */
  readonly held: readonly string[]
  readonly diagnostics: readonly Diagnostic[]
  readonly lastPublishedRevision: number
}
