/** What change sets and revisions did, read from the records that they left. */

import type { ChangeSetRecord, HistoryRecord, PendingRecord } from '../store/config-records.js'
import { decodeRecord, recordRange } from '../store/records.js'
import type { StoreReader } from '../store/types.js'
import { deltaOf } from './deltas.js'
import type { ConfigDelta, PublishView, Stored } from './types.js'
import { historyAt, historyRevisions } from './view.js'

/** The newest change sets with their revisions, newest first. */
export function changeSets(store: StoreReader, namespace: string, limit: number): Stored<ChangeSetRecord>[] {
  const newest = {
    limit,
    revision: 0,
    keysOnly: false,
    countOnly: false,
    sortTarget: 'key',
    sortOrder: 'descend',
  } as const
  const { kvs } = store.range('system', { ...recordRange(namespace, 'changeset'), ...newest })
  return kvs.map((kv) => ({ record: decodeRecord('changeset', kv.value), modRevision: kv.modRevision }))
}

/** What the revision of a config changed of the one before; undefined when it is not in the history. */
export function deltaAt(
  store: StoreReader,
  namespace: string,
  name: string,
  revision: number,
  revisions = historyRevisions(store, namespace, name),
): ConfigDelta | undefined {
  const after = historyAt(store, namespace, name, revision)
  if (!after) return undefined
  const earlier = revisions.filter((one) => one < revision).at(-1)
  const before = earlier === undefined ? undefined : historyAt(store, namespace, name, earlier)
  return deltaOf(storedOf(before, earlier), after.config, [], { fresh: new Map(), stored: store })
}

const storedOf = (record: HistoryRecord | undefined, modRevision = 0) =>
  record && { record: record.config, modRevision }

/** What a change set changed, as far as the history still says. */
export const deltasOf = (
  store: StoreReader,
  namespace: string,
  { record, modRevision }: Stored<ChangeSetRecord>,
): ConfigDelta[] =>
  [...record.names, ...record.removed].flatMap((name) => deltaAt(store, namespace, name, modRevision) ?? [])

/** Has live moved since it was parked? */
export const isStale = (view: Pick<PublishView, 'config'>, { changes }: PendingRecord): boolean =>
  changes.some(({ name, fromRevision }) => (view.config(name)?.modRevision ?? 0) !== fromRevision)
