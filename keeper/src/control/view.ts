import { decodeText, encodeText } from '../base/codec.js'
import { limits } from '../base/limits.js'
import type { ChangeSetRecord, ConfigRecord, HistoryRecord } from '../store/config-records.js'
import type { InstanceRecord } from '../store/process-records.js'
import {
  decodeRecord,
  type RecordKind,
  type RecordTypes,
  recordKey,
  recordPath,
  recordRange,
  revisionSuffix,
} from '../store/records.js'
import type { KeyValue, StoreReader } from '../store/types.js'
import { readDoomed } from './doomed.js'
import { ProcessLabels } from './process-labels.js'
import type { PublishView, Stored } from './types.js'

const everything = { limit: 0, revision: 0, keysOnly: false, countOnly: false } as const

/** One system record with its revision; undefined if there is none. */
export function readRecord<K extends RecordKind>(
  store: StoreReader,
  namespace: string,
  kind: K,
  ...path: string[]
): Stored<RecordTypes[K]> | undefined {
  const kv = store.get('system', recordKey(namespace, kind, ...path))
  return kv && { record: decodeRecord(kind, kv.value), modRevision: kv.modRevision }
}

/** All records of a kind with the rest of their key, in key order. */
export function readRecords<K extends RecordKind>(
  store: StoreReader,
  namespace: string,
  kind: K,
  ...path: string[]
): { path: string; kv: KeyValue; record: RecordTypes[K] }[] {
  const { kvs } = store.range('system', { ...everything, ...recordRange(namespace, kind, ...path) })
  return kvs.map((kv) => ({ path: recordPath(kv.key).path, kv, record: decodeRecord(kind, kv.value) }))
}

/** Every namespace that has records, in key order. */
export function readNamespaces(store: StoreReader): string[] {
  const found: string[] = []
  for (let key = encodeText('/'); ; key = encodeText(`/${found.at(-1)}0`)) {
    const { kvs } = store.range('system', { ...everything, key, rangeEnd: encodeText('0'), keysOnly: true, limit: 1 })
    const [next] = kvs
    if (!next) return found
    found.push(recordPath(next.key).namespace)
  }
}

export const readConfigs = (store: StoreReader, namespace: string): Stored<ConfigRecord>[] =>
  readRecords(store, namespace, 'config').map(({ record, kv }) => ({ record, modRevision: kv.modRevision }))

export const readInstances = (store: StoreReader, namespace: string): InstanceRecord[] =>
  readRecords(store, namespace, 'instance').map(({ record }) => record)

/** The key of a name's history record at a revision. */
export const historyKey = (namespace: string, name: string, revision: number): Uint8Array =>
  recordKey(namespace, 'history', name, revisionSuffix(revision))

const SUFFIX = /^\d{16}$/

/** Revisions of a name's history, ascending; those of longer names that begin alike are not among them. */
export function historyRevisions(store: StoreReader, namespace: string, name: string): number[] {
  const range = recordRange(namespace, 'history', name)
  const { kvs } = store.range('system', { ...everything, ...range, keysOnly: true })
  return kvs.flatMap((kv) => {
    const suffix = decodeText(kv.key.subarray(range.key.length))
    return SUFFIX.test(suffix) ? [Number(suffix)] : []
  })
}

export function historyAt(
  store: StoreReader,
  namespace: string,
  name: string,
  revision: number,
): HistoryRecord | undefined {
  const kv = store.get('system', historyKey(namespace, name, revision))
  return kv && decodeRecord('history', kv.value)
}

/** The revision of the change set with this id, among the newest; undefined if it is not there. */
export const revisionOfChangeSet = (store: StoreReader, namespace: string, id: string): number | undefined =>
  newestChangeSets(store, namespace, 100).find(({ record }) => record.id === id)?.modRevision

function newestChangeSets(store: StoreReader, namespace: string, limit: number): Stored<ChangeSetRecord>[] {
  const range = recordRange(namespace, 'changeset')
  const { kvs } = store.range('system', { ...everything, ...range, sortTarget: 'key', sortOrder: 'descend', limit })
  return kvs.map((kv) => ({ record: decodeRecord('changeset', kv.value), modRevision: kv.modRevision }))
}

function surplusChangeSets(store: StoreReader, namespace: string): number[] {
  const range = recordRange(namespace, 'changeset')
  const { count } = store.range('system', { ...everything, ...range, countOnly: true })
  const surplus = Math.min(count + 1 - limits.changeSetsMax, limits.historyTrimsPerPublish)
  if (surplus <= 0) return []
  const { kvs } = store.range('system', { ...everything, ...range, keysOnly: true, limit: surplus })
  return kvs.map((kv) => Number(recordPath(kv.key).path))
}

/** What a plan reads, of a store. */
export function viewOf(store: StoreReader, namespace: string, labels = new ProcessLabels()): PublishView {
  return {
    namespace,
    revision: store.revision('system'),
    config: (name) => readRecord(store, namespace, 'config', name),
    createRevision: (name) => store.get('system', recordKey(namespace, 'config', name))?.createRevision ?? 0,
    hold: (name) => readRecord(store, namespace, 'hold', name),
    source: (source) => readRecord(store, namespace, 'source', source),
    sources: () =>
      readRecords(store, namespace, 'source').map(({ path, record, kv }) => ({
        source: path,
        stored: { record, modRevision: kv.modRevision },
      })),
    pending: () =>
      readRecords(store, namespace, 'pending').map(({ record, kv }) => ({ record, modRevision: kv.modRevision })),
    historyRevisions: (name) => historyRevisions(store, namespace, name),
    historyAt: (name, revision) => historyAt(store, namespace, name, revision),
    configs: () => readConfigs(store, namespace),
    changeSets: (limit) => newestChangeSets(store, namespace, limit),
    surplusChangeSets: () => surplusChangeSets(store, namespace),
    doomed: () => readDoomed(store),
    blob: (hash) => store.blob(hash),
    blobPieces: (hash) => store.blobPieces(hash),
    hasBlob: (hash) => store.hasBlob(hash),
    blobBytes: (hash) => store.blobBytes(hash),
    hasSecret: (name) => store.get('system', recordKey(namespace, 'secret', name)) !== undefined,
    processes: () => labels.read(store, namespace),
  }
}
