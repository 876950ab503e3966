/** The timeline: one record for each step of the log that has something to tell, in the log's own order. */

import { limits } from '../base/limits.js'
import { decodeRecord, type EventRecord, recordKey, recordPath, recordRange, revisionSuffix } from '../store/records.js'
import type { StoreReader } from '../store/types.js'

export interface TimelineRecord {
  readonly revision: number
  readonly record: EventRecord
}

const page = { revision: 0, keysOnly: false, countOnly: false } as const

/** Records that came after a revision, oldest first, at most `limits.eventsPerPage`. */
export function eventsAfter(store: StoreReader, namespace: string, after: number): TimelineRecord[] {
  const { rangeEnd } = recordRange(namespace, 'event')
  const key = recordKey(namespace, 'event', revisionSuffix(after + 1))
  const { kvs } = store.range('system', { ...page, key, rangeEnd, limit: limits.eventsPerPage })
  return kvs.map((kv) => ({ revision: Number(recordPath(kv.key).path), record: decodeRecord('event', kv.value) }))
}

/** The revision after which the last `count` records come; 0 for all. */
export function startOfLast(store: StoreReader, namespace: string, count: number): number {
  const newest = { keysOnly: true, limit: count + 1, sortTarget: 'key', sortOrder: 'descend' } as const
  const { kvs } = store.range('system', { ...page, ...recordRange(namespace, 'event'), ...newest })
  const before = kvs[count]
  return before ? Number(recordPath(before.key).path) : 0
}

/** The revision of the oldest record that is kept; 0 when there is none. */
export function oldestEvent(store: StoreReader, namespace: string): number {
  const { kvs } = store.range('system', { ...page, ...recordRange(namespace, 'event'), keysOnly: true, limit: 1 })
  return kvs[0] ? Number(recordPath(kvs[0].key).path) : 0
}

/** Keys of the oldest records that are too many or too old, a few at a time. */
export function surplusEvents(store: StoreReader, namespace: string, wallMs: number): Uint8Array[] {
  const range = recordRange(namespace, 'event')
  const { count } = store.range('system', { ...page, ...range, countOnly: true, limit: 0 })
  const { kvs } = store.range('system', { ...page, ...range, limit: limits.eventTrimsPerWrite })
  const surplus = count - limits.eventsMax
  const young = kvs.findIndex(
    (kv, at) => at >= surplus && decodeRecord('event', kv.value).wallMs >= wallMs - limits.eventAgeMs,
  )
  return (young < 0 ? kvs : kvs.slice(0, young)).map(({ key }) => key)
}
