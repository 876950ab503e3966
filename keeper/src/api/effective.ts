/** What a process gets of a config: by its labels, at a revision. Read by Get and Watch. */

import type { ConfigView } from '@keeper/proto'
import { decodeText } from '../base/codec.js'
import { KeeperError } from '../base/errors.js'
import { historyAt, historyRevisions, readInstances, readRecord } from '../control/view.js'
import { inAudience, variantFor } from '../store/audience.js'
import type { ConfigRecord } from '../store/config-records.js'
import { labelsOf } from '../store/process-records.js'
import type { StoreReader } from '../store/types.js'

export type Labels = Readonly<Record<string, string>>

/** Whose value: labels, or undefined for the base. */
export type Viewer = Labels | undefined

export interface Which {
  readonly namespace: string
  readonly name: string
  /** 0: the newest. */
  readonly revision: number
  /** The Nth before the newest. */
  readonly stepsBack: number
}

/** The labels to look with. Throws E_NOT_FOUND for an instance that does not live, E_INVALID_ARGUMENT for one of several. */
export function viewerOf(store: StoreReader, namespace: string, instance: string, labels: Labels): Viewer {
  if (instance === '') return Object.keys(labels).length > 0 ? labels : undefined
  const found = readInstances(store, namespace).filter(({ identity }) => identity.instance === instance)
  const [only] = found
  if (!only) throw new KeeperError('E_NOT_FOUND', `no live process ${instance}`, { instance })
  if (found.length > 1) {
    const where = found.map(({ identity }) => `${identity.cluster}/${identity.role}`).join(', ')
    throw new KeeperError('E_INVALID_ARGUMENT', `${instance} lives in ${where}: ask by labels`, { instance })
  }
  return labelsOf(only.identity)
}

/** What a process gets, but for the value itself: its hash, and the revision that it is of. */
export interface Effective {
  readonly revision: number
  /** Empty when it is removed, and of a process for which there is no variant. */
  readonly hash: string
  readonly removed: boolean
  readonly overlays: readonly string[]
  /** It names secrets, in this variant or another; they stand in the value by their names. */
  readonly namesSecrets: boolean
}

/** Throws E_NOT_FOUND (no such config or revision), E_NOT_IN_AUDIENCE. */
export function effective(store: StoreReader, which: Which, viewer: Viewer): Effective {
  const { record, revision } = recordAt(store, which)
  if (record.removed) return { revision, hash: '', removed: true, overlays: [], namesSecrets: false }
  if (viewer && !inAudience(record.audience, viewer)) {
    throw new KeeperError('E_NOT_IN_AUDIENCE', `${which.name} is not meant for a process with these labels`)
  }
  const variant = viewer ? variantFor(record, viewer) : record.variants[0]
  return {
    revision: variant?.revision || revision,
    hash: variant?.hash ?? '',
    removed: false,
    overlays: (variant?.overlays ?? []).flatMap((at) => record.overlays[at]?.file ?? []),
    namesSecrets: record.secrets !== undefined,
  }
}

/** The JSON of a value. Throws E_NOT_FOUND when it is not kept any more. */
export function valueBytes(store: StoreReader, name: string, { hash, revision }: Pick<Effective, 'hash' | 'revision'>) {
  const value = hash === '' ? undefined : store.blob(hash)
  if (!value) throw new KeeperError('E_NOT_FOUND', `the value of ${name} r${revision} is gone`)
  return value
}

/** With the value. Throws as `effective` and `valueBytes` do. */
export function effectiveView(store: StoreReader, which: Which, viewer: Viewer, storeEpoch: number): ConfigView {
  const { name } = which
  const { overlays, namesSecrets: _, ...found } = effective(store, which, viewer)
  if (found.removed) return { name, revision: found.revision, removed: true, storeEpoch }
  const valueJson = decodeText(valueBytes(store, name, found))
  return { name, ...found, valueJson, overlays: [...overlays], storeEpoch }
}

export function recordAt(store: StoreReader, which: Which): { record: ConfigRecord; revision: number } {
  const { namespace, name, stepsBack } = which
  const live = readRecord(store, namespace, 'config', name)
  if (!live) throw new KeeperError('E_NOT_FOUND', `no config ${name}`, { name })
  if (which.revision === 0 && stepsBack === 0) return { record: live.record, revision: live.modRevision }
  const revisions = historyRevisions(store, namespace, name)
  // A revision between two of this config's own means what was live then.
  const revision = which.revision
    ? revisions.findLast((known) => known <= which.revision)
    : revisions.at(-1 - stepsBack)
  const old = revision === undefined ? undefined : historyAt(store, namespace, name, revision)
  if (revision === undefined || !old) {
    const what = which.revision ? `r${which.revision}` : `~${stepsBack}`
    throw new KeeperError('E_NOT_FOUND', `the history of ${name} has no ${what}`, { name })
  }
  return { record: old.config, revision }
}
