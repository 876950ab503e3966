import { KeeperError } from '../base/errors.js'
import { limits } from '../base/limits.js'
import type { CompiledConfig, CompileOutput, Diagnostic } from '../compile/types.js'
import type { ConfigRecord, SourceRecord } from '../store/config-records.js'
import { recordKey, recordRange, type TimelineEntry } from '../store/records.js'
import { deltaOf } from './deltas.js'
import { blobsOf, digestOf } from './digest.js'
import { everybody, guardsOf } from './guards.js'
import {
  ownerProblems,
  type Rival,
  rivalsOf,
  sourceRecord,
  staleProblems,
  treeDigest,
  withoutPrefixes,
} from './owners.js'
import type { ChangeSetPlan, Draft, HeldName, PublishOptions, PublishView, Stored } from './types.js'
import { carryRevisions } from './variants.js'
import { WHOLESALE_CONFIGS, Writes, writeDrafts } from './writes.js'

/**
 * From compiled files to one atomic step, purely. A source proposes what differs from what that source last published,
 * never from what is live; so a rollback is not undone by a folder that did not change. A name that the source no
 * longer has becomes a removed record. Prefixes of other sources and stale folders are refused without `takeover`; names
 * that are held stay as they are, and so does what the source's record says of them, so that their change comes when
 * they are released. No difference, no step: a plan without puts and deletes.
 */
export function planChangeSet(
  view: PublishView,
  output: CompileOutput,
  source: Stored<SourceRecord> | undefined,
  options: PublishOptions,
): ChangeSetPlan {
  if (!output.ok) return refused(invalid(output))
  const proposal = propose(view, output, source?.record.published ?? {}, options)
  const problems = [
    ...ownerProblems(proposal.rivals, source, options),
    ...staleProblems(view, source?.record, proposal, options),
  ]
  if (problems.length > 0) return refused(...problems)
  const writes = new Writes()
  if (proposal.drafts.length > 0) writeDrafts(writes, view, proposal.drafts, options)
  writeSources(writes, view, source, proposal, options)
  expectTargets(writes, view, proposal.drafts)
  writeReleases(writes, view, proposal.drafts, options)
  writeSuperseded(writes, view, options)
  return checked(view, output, proposal, writes, options)
}

/** Configs that others of the change set refer to are as the plan saw them: live may hold another value of them. */
function expectTargets(writes: Writes, view: PublishView, drafts: readonly Draft[]): void {
  if (drafts.length > WHOLESALE_CONFIGS) return
  const own = new Set(drafts.map(({ record }) => record.name))
  const targets = new Set(drafts.flatMap(({ record }) => record.refs ?? []).filter((name) => !own.has(name)))
  for (const name of targets) writes.expect(recordKey(view.namespace, 'config', name), view.config(name))
}

const refused = (...problems: KeeperError[]): ChangeSetPlan => ({
  puts: [],
  deletes: [],
  compares: [],
  deltas: [],
  drafts: [],
  held: [],
  guards: [],
  blobsNeeded: [],
  problems,
})

export function invalid(output: CompileOutput): KeeperError {
  const errors = output.diagnostics.filter((diagnostic) => diagnostic.severity === 'error')
  const first = errors[0]
  const place = first ? `${first.file}${first.line ? `:${first.line}:${first.column ?? 1}` : ''}: ${first.message}` : ''
  return new KeeperError(
    'E_INVALID_CONFIG',
    `${errors.length} ${errors.length === 1 ? 'error' : 'errors'} in the files; first: ${place}`,
    {
      errors: errors.length,
    },
  )
}

interface Proposal {
  /** What changes in the store. */
  readonly drafts: readonly Draft[]
  /** What would, if the names were not held. */
  readonly held: readonly HeldName[]
  /** Names this source speaks for anew or differently, whether or not that changes what is live, with their digests. */
  readonly claimed: Readonly<Record<string, string>>
  /** Name → digest, as the source's record shall say. */
  readonly published: Readonly<Record<string, string>>
  /** Digest of the folder. */
  readonly tree: string
  /** Other sources below the same prefixes. */
  readonly rivals: readonly Rival[]
}

function propose(
  view: PublishView,
  output: CompileOutput,
  before: Readonly<Record<string, string>>,
  options: PublishOptions,
): Proposal {
  const folder: Record<string, string> = Object.fromEntries(
    output.configs.map((config) => [config.name, digestOf(config)]),
  )
  const claimed = output.configs.filter(
    ({ name }) => !(Object.hasOwn(before, name) && before[name] === folder[name]) || options.release.includes(name),
  )
  const gone = Object.keys(before).filter((name) => !Object.hasOwn(folder, name))
  const wanted = [
    ...claimed.flatMap((config) => draftOf(view, config, folder[config.name] ?? '', options)),
    ...gone.flatMap((name) => removalOf(view, name, options)),
  ]
  const held = wanted.flatMap(({ record }) => heldName(view, record.name, options))
  const isHeld = new Set(held.map(({ name }) => name))
  const names = claimed.map((config) => config.name)
  return {
    drafts: wanted.filter(({ record }) => !isHeld.has(record.name)),
    held,
    claimed: Object.fromEntries(names.map((name) => [name, folder[name] ?? ''])),
    published: publishedAs(folder, before, isHeld),
    tree: treeDigest(folder),
    rivals: rivalsOf(view, names, options.source),
  }
}

/** The folder, but for held names what the source last published of them. */
const publishedAs = (
  folder: SourceRecord['published'],
  before: SourceRecord['published'],
  held: ReadonlySet<string>,
): Record<string, string> =>
  Object.fromEntries([
    ...Object.entries(folder).filter(([name]) => !held.has(name)),
    ...Object.entries(before).filter(([name]) => held.has(name)),
  ])

function heldName(view: PublishView, name: string, { release }: PublishOptions): HeldName[] {
  const hold = release.includes(name) ? undefined : view.hold(name)
  if (!hold) return []
  const { v: _format, ...words } = hold.record
  return [{ name, ...words }]
}

/** Nothing when the store has it just so already. */
export function draftOf(view: PublishView, config: CompiledConfig, digest: string, options: PublishOptions): Draft[] {
  const before = view.config(config.name)
  if (before && !before.record.removed && digestOf(before.record) === digest) return []
  const { name, audience, overlays, files, schemaHash, refs, secrets } = config
  const record: ConfigRecord = {
    v: 1,
    name,
    audience,
    overlays,
    variants: carryRevisions(config, before),
    files,
    ...(schemaHash !== undefined && { schemaHash }),
    ...(refs && { refs }),
    ...(secrets && { secrets }),
    changeSet: options.changeSet,
  }
  return [{ record, before }]
}

function removalOf(view: PublishView, name: string, options: PublishOptions): Draft[] {
  const before = view.config(name)
  if (!before || before.record.removed) return []
  return [{ record: removedRecord(before.record, options.changeSet), before }]
}

/** The record of a config that is no more: who it was meant for stays known, so that they are told. */
export const removedRecord = (record: ConfigRecord, changeSet: string): ConfigRecord => ({
  v: 1,
  name: record.name,
  audience: record.audience,
  overlays: [],
  variants: [],
  files: [],
  removed: true,
  changeSet,
})

function writeSources(
  writes: Writes,
  view: PublishView,
  source: Stored<SourceRecord> | undefined,
  { published, rivals, tree }: Proposal,
  options: PublishOptions,
): void {
  if (source && rivals.length === 0 && sameRecord(source.record.published, published)) return
  const put = (name: string, record: SourceRecord) =>
    writes.put(recordKey(view.namespace, 'source', name), 'source', record)
  put(options.source, sourceRecord(source?.record, published, tree, options))
  for (const rival of rivals) {
    put(rival.source, withoutPrefixes(rival.stored.record, rival.prefixes))
    writes.tell(view.namespace, options.wallMs, takeoverEntry(rival, options))
  }
}

function takeoverEntry(rival: Rival, { source, author, reason }: PublishOptions): TimelineEntry {
  const prefixes = rival.prefixes.map((prefix) => `${prefix}/`)
  const text = `${source} took ${prefixes.join(', ')} over from ${rival.source} (${author})`
  return { kind: 'takeover', text, author, reason, source, names: prefixes }
}

const sameRecord = (a: Readonly<Record<string, string>>, b: Readonly<Record<string, string>>): boolean =>
  Object.keys(a).length === Object.keys(b).length &&
  Object.entries(a).every(([name, digest]) => Object.hasOwn(b, name) && b[name] === digest)

function writeReleases(writes: Writes, view: PublishView, drafts: readonly Draft[], options: PublishOptions): void {
  // A hold that is set meanwhile is newer than the view; one that is deleted meanwhile would only have refused more.
  if (drafts.length > 0) writes.expectUnwritten(recordRange(view.namespace, 'hold'), view.revision)
  for (const name of new Set(options.release)) {
    if (!view.hold(name)) continue
    writes.delete(recordKey(view.namespace, 'hold', name))
    writes.tell(view.namespace, options.wallMs, releasedEntry(name, options))
  }
}

/** A hold that is not there may be one of another name, misspelt: whoever asked to end it is told. */
export const idleReleases = (view: PublishView, release: readonly string[]): Diagnostic[] =>
  [...new Set(release)]
    .filter((name) => !view.hold(name))
    .map((name) => ({
      ...{ severity: 'warning', rule: 'release/not-held', file: '' },
      message: `--release ${name}: nobody holds it, so there was nothing to end`,
    }))

export const releasedEntry = (name: string, { author }: { author: string }): TimelineEntry => ({
  kind: 'released',
  text: `${name} is released by ${author}`,
  author,
  names: [name],
})

/** What the source had parked is not its newest word any more. */
function writeSuperseded(
  writes: Writes,
  view: PublishView,
  { source, wallMs, approved, author }: PublishOptions,
): void {
  for (const { record } of view.pending().filter((one) => one.record.source === source && !one.record.intervention)) {
    writes.delete(recordKey(view.namespace, 'pending', record.id))
    const text = `${record.id} of ${source} gave way to what it published since`
    if (!approved && !record.rejected) writes.tell(view.namespace, wallMs, { kind: 'superseded', text, author, source })
  }
}

/** Conditions, deltas and the limit, once the operations are known. */
function checked(
  view: PublishView,
  output: CompileOutput,
  { drafts, held }: Proposal,
  writes: Writes,
  { approved, affected = everybody }: PublishOptions,
): ChangeSetPlan {
  // No source was written since the view was taken: nobody else claimed a name meanwhile.
  writes.expectUnwritten(recordRange(view.namespace, 'source'), view.revision)
  const { puts, deletes, compares } = writes
  if (puts.length + deletes.length + compares.length > limits.changeSetOperationsMax) {
    const message = `the change set touches ${drafts.length} configs; the store takes ${limits.changeSetOperationsMax} operations at once`
    return refused(new KeeperError('E_TOO_LARGE', message, { limit: limits.changeSetOperationsMax }))
  }
  const processes = drafts.length > 0 ? view.processes() : []
  const values = { fresh: output.blobs, stored: view }
  return {
    puts,
    deletes,
    compares,
    drafts,
    held,
    guards: approved ? [] : guardsOf(drafts, processes, affected),
    deltas: drafts.map(({ record, before }) => deltaOf(before, record, processes, values)),
    blobsNeeded: [...new Set(drafts.flatMap(({ record }) => blobsOf(record)))].filter((hash) => !view.hasBlob(hash)),
    problems: [],
  }
}
