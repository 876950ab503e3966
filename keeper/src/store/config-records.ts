/** Records of what is configured: live configs and their history, who publishes them, what is held and what waits. */

/** Who gets a config: every given label must match; cluster, role and instance are labels too. `nobody` matches no process. */
export interface Selector {
  /** Label → its value, or the values of which it may have any. */
  readonly labels: Readonly<Record<string, string | readonly string[]>>
  readonly nobody?: boolean
}

/** What is laid over a base for the processes whose labels match. */
export interface ConfigOverlay {
  readonly file: string
  /** JSON pointer of the patch in its file; absent when it is the whole file. */
  readonly at?: string
  readonly when: Readonly<Record<string, string>>
  /** Set when it is laid over another config, which this one refers to: it only says when the referred value differs. */
  readonly of?: string
}

/** A secret that a config names, and where: the values have its name there, never its bytes. */
export interface SecretUse {
  readonly name: string
  /** JSON pointers, sorted. */
  readonly pointers: readonly string[]
}

/** A file that a config was made of: bytes by their SHA-256. */
export interface ConfigFile {
  readonly path: string
  readonly hash: string
  /** How it is read, where its extension does not say so: `properties-flat`. */
  readonly format?: string
}

export interface ConfigVariant {
  /** Ascending indices into `overlays`; [] is the base. */
  readonly overlays: readonly number[]
  /** Blob of the canonical JSON. */
  readonly hash: string
  /** Revision at which this variant got this value; 0 stands for the record's own modRevision. */
  readonly revision: number
}

/** `/<ns>/config/<name>`: what is live. */
export interface ConfigRecord {
  readonly v: 1
  readonly name: string
  readonly audience: Selector
  readonly overlays: readonly ConfigOverlay[]
  readonly variants: readonly ConfigVariant[]
  readonly files: readonly ConfigFile[]
  /** Names of the configs whose values it takes by `${ref:…}`, sorted; absent when it takes none. */
  readonly refs?: readonly string[]
  /** Absent when it names none. */
  readonly secrets?: readonly SecretUse[]
  readonly schemaHash?: string
  /** Set on the record of a config that was removed; its variants are empty. */
  readonly removed?: true
  /** Processes take it up within so many milliseconds, each at a moment of its own. */
  readonly spreadMs?: number
  readonly changeSet: string
}

/** `/<ns>/history/<name>/<revision>`: a ConfigRecord as published at that revision, with who and why. */
export interface HistoryRecord {
  readonly v: 1
  readonly config: ConfigRecord
  readonly author: string
  readonly reason: string
  readonly source: string
  readonly wallMs: number
  /** `apply`, `watch`, `rollback`, … */
  readonly action: string
  /** Who let it through, when a guard had parked it. */
  readonly approved?: Verdict
}

/** What somebody decided about a parked change set. */
export interface Verdict {
  readonly author: string
  readonly reason: string
  readonly wallMs: number
}

/** `/<ns>/changeset/<revision>`: one publish. */
export interface ChangeSetRecord {
  readonly v: 1
  readonly id: string
  readonly names: readonly string[]
  readonly removed: readonly string[]
  readonly author: string
  readonly reason: string
  readonly source: string
  readonly wallMs: number
  readonly action: string
  /** Id of the change set that this one took back. */
  readonly undoes?: string
  readonly approved?: Verdict
}

/** A folder as a source published it: where it lay (`host:/path`), what it was made of, and its commit where there is one. */
export interface PublishedTree {
  readonly place: string
  /** SHA-256 over all names and their digests. */
  readonly tree: string
  readonly gitCommit: string
  readonly author: string
  readonly wallMs: number
}

/** `/<ns>/source/<source>`: what a source last published: name → digest of its compiled config (not what is live). */
export interface SourceRecord {
  readonly v: 1
  readonly published: Readonly<Record<string, string>>
  /** Prefix (the first segment of names) → since when nobody else may publish below it. */
  readonly since?: Readonly<Record<string, { readonly wallMs: number; readonly author: string }>>
  /** What it was made of, newest first: a folder that equals an older one is stale. At most limits.sourceTreesMax. */
  readonly trees?: readonly PublishedTree[]
}

/** `/<ns>/seat/<source>`: the member whose watched directory speaks for the source; bound to that member's lease. */
export interface SeatRecord {
  readonly v: 1
  readonly member: number
  readonly name: string
  readonly directory: string
  readonly sinceWallMs: number
}

/** `/<ns>/hold/<name>`: a rollback, undo or edit keeps sources from changing the name. */
export interface HoldRecord {
  readonly v: 1
  readonly author: string
  readonly reason: string
  readonly wallMs: number
  /** `rollback`, `undo`, `edit`. */
  readonly action?: string
}

/** Why a change set waits for a person. */
export interface Guard {
  readonly kind: 'removes' | 'empties' | 'affects'
  readonly message: string
}

/** What a rollback, an undo or an edit does beside the values that it makes live. */
export interface ParkedIntervention {
  /** Names that it holds. */
  readonly holds: readonly string[]
  /** Id of the change set that it takes back. */
  readonly undoes?: string
  /** Revision of all the configs that an edit was compiled with: none may have been published since. */
  readonly compiledAt?: number
}

/** `/<ns>/pending/<id>`: a change set that a guard parked, until somebody approves or rejects it, or it is too old. */
export interface PendingRecord {
  readonly v: 1
  readonly id: string
  readonly source: string
  /** Blob of the compiled configs, as JSON; of an intervention: of the configs' records. */
  readonly content: string
  /** What it changes, each with the revision that was live. */
  readonly changes: readonly { readonly name: string; readonly kind: string; readonly fromRevision: number }[]
  readonly guards: readonly Guard[]
  readonly author: string
  readonly reason: string
  readonly action: string
  readonly gitCommit: string
  readonly place: string
  readonly takeover: boolean
  readonly release: readonly string[]
  readonly wallMs: number
  readonly spreadMs?: number
  /** What its configs name; absent where they name none, and in records of before there was this field. */
  readonly secrets?: readonly string[]
  /** Set where no source asks, but a rollback, an undo or an edit. */
  readonly intervention?: ParkedIntervention
  /** Kept for a while, so that a watched folder does not ask again and again. */
  readonly rejected?: Verdict
}
