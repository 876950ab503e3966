/**
 * One source per prefix (the first segment of names). Who publishes below it keeps it until it publishes nothing there
 * any more, or another source takes it over.
 */

import { createHash } from 'node:crypto'
import { KeeperError } from '../base/errors.js'
import { limits } from '../base/limits.js'
import type { PublishedTree, SourceRecord } from '../store/config-records.js'
import { digestOf } from './digest.js'
import type { PublishOptions, PublishView, Stored } from './types.js'

export const prefixOf = (name: string): string => name.split('/', 1)[0] ?? name

/** A source that publishes below a prefix which another one asks for. */
export interface Rival {
  readonly source: string
  readonly stored: Stored<SourceRecord>
  readonly prefixes: readonly string[]
  /** Of those asked for, the names that it publishes; else its names below the prefix. */
  readonly names: readonly string[]
}

/** Who publishes what, as one moment saw it: a takeover is from them and from nobody else. */
export interface Owners {
  /** Prefix → source. */
  readonly prefixes: ReadonlyMap<string, string>
  /** Source → revision of its record. */
  readonly sources: ReadonlyMap<string, number>
}

export function ownersOf(view: Pick<PublishView, 'sources'>): Owners {
  const all = view.sources()
  return {
    prefixes: new Map(
      all.flatMap(({ source, stored }) =>
        prefixesOf(stored.record).map((prefix): [string, string] => [prefix, source]),
      ),
    ),
    sources: new Map(all.map(({ source, stored }) => [source, stored.modRevision])),
  }
}

export const prefixesOf = (record: Pick<SourceRecord, 'published'>): readonly string[] => [
  ...new Set(Object.keys(record.published).map(prefixOf)),
]

export function rivalsOf(view: PublishView, names: readonly string[], source: string): readonly Rival[] {
  const wanted = new Set(names.map(prefixOf))
  const asked = new Set(names)
  return view.sources().flatMap((other) => {
    if (other.source === source) return []
    const theirs = Object.keys(other.stored.record.published).filter((name) => wanted.has(prefixOf(name)))
    if (theirs.length === 0) return []
    const shared = theirs.filter((name) => asked.has(name))
    const prefixes = [...new Set(theirs.map(prefixOf))]
    return [{ ...other, prefixes, names: shared.length > 0 ? shared : theirs }]
  })
}

/** E_NOT_OWNER without takeover; with it E_TAKEN_OVER when somebody else did it since the request came. */
export function ownerProblems(
  rivals: readonly Rival[],
  own: Stored<SourceRecord> | undefined,
  options: PublishOptions,
): KeeperError[] {
  if (!options.takeover) return rivals.map(notOwner)
  const { seen } = options
  if (!seen) return []
  const lost = rivals.flatMap((rival) => {
    const prefixes = rival.prefixes.filter((prefix) => seen.prefixes.get(prefix) !== rival.source)
    return prefixes.length > 0 ? [takenOver(rival, prefixes)] : []
  })
  return [...lost, ...ownTakenOver(own, seen, options)]
}

function takenOver(rival: Rival, prefixes: readonly string[]): KeeperError {
  const details = { ...detailsOf(rival), prefixes }
  const words = prefixes.map((prefix) => `${prefix}/`).join(', ')
  return new KeeperError('E_TAKEN_OVER', `source ${rival.source} took ${words} over meanwhile`, details)
}

/** Two folders that insist on the same source at once. */
function ownTakenOver(own: Stored<SourceRecord> | undefined, seen: Owners, options: PublishOptions): KeeperError[] {
  const last = own?.record.trees?.[0]
  const moved = own && own.modRevision !== seen.sources.get(options.source)
  if (!moved || !last || !options.place || last.place === options.place) return []
  const message = `source ${options.source} was published from ${last.place} by ${last.author} meanwhile`
  return [new KeeperError('E_TAKEN_OVER', message, { owner: options.source, place: last.place, author: last.author })]
}

function notOwner(rival: Rival): KeeperError {
  const { since, author } = detailsOf(rival)
  const when = since === '' ? '' : ` since ${since}${author === '' ? '' : ` (${author})`}`
  const message = `${few(rival.names)}: source ${rival.source} publishes ${rival.prefixes.map((one) => `${one}/`).join(', ')}${when}`
  return new KeeperError('E_NOT_OWNER', message, detailsOf(rival))
}

function detailsOf({ source, stored, prefixes, names }: Rival) {
  const since = prefixes.map((prefix) => stored.record.since?.[prefix]).find((one) => one !== undefined)
  const from = since ? new Date(since.wallMs).toISOString() : ''
  return { owner: source, since: from, author: since?.author ?? '', prefixes, names: names.slice(0, 100) }
}

export const few = (names: readonly string[]): string =>
  names.length > 5 ? `${names.slice(0, 5).join(', ')} and ${names.length - 5} more` : names.join(', ')

/** The record of a source after it published `published`: prefixes keep their time, the tree goes in front of the older ones. */
export function sourceRecord(
  before: SourceRecord | undefined,
  published: SourceRecord['published'],
  tree: string,
  { author, wallMs, place, gitCommit }: PublishOptions,
): SourceRecord {
  const since = prefixesOf({ published }).map((prefix) => [prefix, before?.since?.[prefix] ?? { wallMs, author }])
  const newest: PublishedTree = { place: place ?? '', tree, gitCommit, author, wallMs }
  const older = (before?.trees ?? []).filter((one, at) => at > 0 || one.tree !== tree || one.gitCommit !== gitCommit)
  return {
    v: 1,
    published,
    since: Object.fromEntries(since),
    trees: [newest, ...older].slice(0, limits.sourceTreesMax),
  }
}

/** The record of a source that lost prefixes to another one. */
export function withoutPrefixes(record: SourceRecord, prefixes: readonly string[]): SourceRecord {
  const stays = (name: string) => !prefixes.includes(prefixOf(name))
  const rest = Object.entries(record.published).filter(([name]) => stays(name))
  const since = Object.entries(record.since ?? {}).filter(([prefix]) => stays(prefix))
  return { ...record, published: Object.fromEntries(rest), since: Object.fromEntries(since) }
}

/** SHA-256, hex, of a whole folder as compiled: equal for equal names and digests. */
export const treeDigest = (published: SourceRecord['published']): string =>
  createHash('sha256')
    .update(JSON.stringify(Object.entries(published).sort(([a], [b]) => (a < b ? -1 : 1))))
    .digest('hex')

/**
 * E_STALE_SOURCE for a folder that is older than what its source last published. Only a folder at another place than
 * the last one can be: the same one is its own successor, also when an edit was taken back. It is stale when its
 * commit was published before the newest; without commits, or with the same one, when the whole of it or what it has of
 * a name was.
 */
export function staleProblems(
  view: PublishView,
  source: SourceRecord | undefined,
  folder: { readonly tree: string; readonly claimed: Readonly<Record<string, string>> },
  { takeover, place, gitCommit }: PublishOptions,
): KeeperError[] {
  const [last, ...older] = source?.trees ?? []
  if (takeover || !last || !place || place === last.place || folder.tree === last.tree) return []
  // Of one commit only the files tell: edits that are not committed lie on top of it.
  const byCommit = gitCommit !== '' && last.gitCommit !== '' && !isSameCommit(gitCommit, last.gitCommit)
  const same = older.find((one) => (byCommit ? isSameCommit(one.gitCommit, gitCommit) : one.tree === folder.tree))
  if (same) return [stale(last, `it is as it was published at ${new Date(same.wallMs).toISOString()}`)]
  const old = byCommit ? undefined : outdatedName(view, folder.claimed)
  return old ? [stale(last, `${old.name} is as in r${old.revision}`)] : []
}

/** In full or short, with a mark for edits or without. */
const isSameCommit = (a: string, b: string): boolean =>
  a !== '' && b !== '' && a.replace('+', '').slice(0, COMMIT_CHARS) === b.replace('+', '').slice(0, COMMIT_CHARS)

const COMMIT_CHARS = 12

function stale(last: PublishedTree, how: string): KeeperError {
  const commit = last.gitCommit === '' ? '' : `, commit ${last.gitCommit.slice(0, 12)}`
  const since = new Date(last.wallMs).toISOString()
  const newer = `the newest came from ${last.place || 'elsewhere'} at ${since} by ${last.author}${commit}`
  return new KeeperError('E_STALE_SOURCE', `this folder is older than what its source published: ${how}; ${newer}`, {
    place: last.place,
    author: last.author,
    since,
    gitCommit: last.gitCommit,
  })
}

/** The first name that the folder has just as an older revision had it. */
function outdatedName(view: PublishView, claimed: Readonly<Record<string, string>>) {
  for (const [name, digest] of Object.entries(claimed)) {
    const older = view
      .historyRevisions(name)
      .slice(-1 - limits.staleRevisionsMax, -1)
      .reverse()
    const revision = older.find((one) => {
      const config = view.historyAt(name, one)?.config
      return config && !config.removed && digestOf(config) === digest
    })
    if (revision !== undefined) return { name, revision }
  }
  return undefined
}
