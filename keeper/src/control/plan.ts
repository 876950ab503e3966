import { KeeperError } from '../base/errors.js'
import { limits } from '../base/limits.js'
import type { CompiledConfig, CompileOutput } from '../compile/types.js'
import { type ConfigRecord, recordKey, recordRange, type SourceRecord } from '../store/records.js'
import { deltaOf, valueFinder } from './deltas.js'
import { blobsOf, digestOf } from './digest.js'
import type { ChangeSetPlan, Draft, PublishOptions, PublishView, Stored } from './types.js'
import { carryRevisions } from './variants.js'
import { Writes, writeDrafts, writeSource } from './writes.js'

/**
 * From compiled files to one atomic step, purely. A source proposes what differs from what that source last published,
 * never from what is live; so a rollback is not undone by a folder that did not change. A name that the source no
 * longer has becomes a removed record. Names of other sources are refused without `takeover`, held names unless
 * released. No difference, no step: a plan without puts and deletes.
 */
export function planChangeSet(
  view: PublishView,
  output: CompileOutput,
  source: Stored<SourceRecord> | undefined,
  options: PublishOptions,
): ChangeSetPlan {
  if (!output.ok) return refused(invalid(output))
  const proposal = propose(view, output, source?.record.published ?? {}, options)
  const problems = [...ownerProblems(proposal, options), ...holdProblems(view, proposal.drafts, options)]
  if (problems.length > 0) return refused(...problems)
  const writes = new Writes()
  if (proposal.drafts.length > 0) writeDrafts(writes, view, proposal.drafts, options)
  writeSources(writes, view, source, proposal, options)
  writeReleases(writes, view, proposal.drafts, options)
  return checked(view, output, proposal.drafts, writes)
}

const refused = (...problems: KeeperError[]): ChangeSetPlan => ({
  puts: [],
  deletes: [],
  compares: [],
  deltas: [],
  drafts: [],
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
  /** Names this source speaks for anew or differently, whether or not that changes what is live. */
  readonly claimed: readonly string[]
  /** Name → digest, as the source's record shall say. */
  readonly published: Readonly<Record<string, string>>
  /** Other sources that publish a claimed name. */
  readonly rivals: readonly {
    readonly source: string
    readonly stored: Stored<SourceRecord>
    readonly names: string[]
  }[]
}

function propose(
  view: PublishView,
  output: CompileOutput,
  before: Readonly<Record<string, string>>,
  options: PublishOptions,
): Proposal {
  const published: Record<string, string> = Object.fromEntries(
    output.configs.map((config) => [config.name, digestOf(config)]),
  )
  const claimed = output.configs.filter(
    ({ name }) => !(Object.hasOwn(before, name) && before[name] === published[name]) || options.release.includes(name),
  )
  const gone = Object.keys(before).filter((name) => !Object.hasOwn(published, name))
  const drafts = [
    ...claimed.flatMap((config) => draftOf(view, config, published[config.name] ?? '', options)),
    ...gone.flatMap((name) => removalOf(view, name, options)),
  ]
  const names = claimed.map((config) => config.name)
  return { drafts, claimed: names, published, rivals: rivalsOf(view, names, options.source) }
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

const rivalsOf = (view: PublishView, names: readonly string[], source: string): Proposal['rivals'] =>
  view.sources().flatMap((other) => {
    if (other.source === source) return []
    const shared = names.filter((name) => Object.hasOwn(other.stored.record.published, name))
    return shared.length > 0 ? [{ ...other, names: shared }] : []
  })

const few = (names: readonly string[]): string =>
  names.length > 5 ? `${names.slice(0, 5).join(', ')} and ${names.length - 5} more` : names.join(', ')

const ownerProblems = ({ rivals }: Proposal, options: PublishOptions): KeeperError[] =>
  options.takeover
    ? []
    : rivals.map(
        ({ source, names }) =>
          new KeeperError('E_NOT_OWNER', `source ${source} publishes ${few(names)}`, { owner: source, names }),
      )

function holdProblems(view: PublishView, drafts: readonly Draft[], options: PublishOptions): KeeperError[] {
  const held = drafts
    .map(({ record }) => record.name)
    .filter((name) => !options.release.includes(name) && view.hold(name) !== undefined)
  if (held.length === 0) return []
  return [new KeeperError('E_HELD', `held by a rollback or edit: ${few(held)}`, { names: held })]
}

function writeSources(
  writes: Writes,
  view: PublishView,
  source: Stored<SourceRecord> | undefined,
  { published, rivals }: Proposal,
  options: PublishOptions,
): void {
  if (source && sameRecord(source.record.published, published)) return
  writeSource(writes, view, options.source, published)
  for (const { source: other, stored, names } of rivals) {
    const rest = Object.entries(stored.record.published).filter(([name]) => !names.includes(name))
    writeSource(writes, view, other, Object.fromEntries(rest))
  }
}

const sameRecord = (a: Readonly<Record<string, string>>, b: Readonly<Record<string, string>>): boolean =>
  Object.keys(a).length === Object.keys(b).length &&
  Object.entries(a).every(([name, digest]) => Object.hasOwn(b, name) && b[name] === digest)

function writeReleases(writes: Writes, view: PublishView, drafts: readonly Draft[], options: PublishOptions): void {
  // A hold that is set meanwhile is newer than the view; one that is deleted meanwhile would only have refused more.
  if (drafts.length > 0) writes.expectUnwritten(recordRange(view.namespace, 'hold'), view.revision)
  for (const name of new Set(options.release)) {
    if (view.hold(name)) writes.delete(recordKey(view.namespace, 'hold', name))
  }
}

/** Conditions, deltas and the limit, once the operations are known. */
function checked(view: PublishView, output: CompileOutput, drafts: readonly Draft[], writes: Writes): ChangeSetPlan {
  // No source was written since the view was taken: nobody else claimed a name meanwhile.
  writes.expectUnwritten(recordRange(view.namespace, 'source'), view.revision)
  const { puts, deletes, compares } = writes
  if (puts.length + deletes.length + compares.length > limits.txnOperationsMax) {
    const message = `the change set touches ${drafts.length} configs ; the store takes ${limits.txnOperationsMax} operations at once`
    return refused(new KeeperError('E_TOO_LARGE', message, { limit: limits.txnOperationsMax }))
  }
  const processes = drafts.length > 0 ? view.processes() : []
  const valueBytes = valueFinder(view, output.blobs)
  return {
    puts,
    deletes,
    compares,
    drafts,
    deltas: drafts.map(({ record, before }) => deltaOf(before, record, processes, valueBytes)),
    blobsNeeded: [...new Set(drafts.flatMap(({ record }) => blobsOf(record)))].filter((hash) => !view.hasBlob(hash)),
    problems: [],
  }
}
