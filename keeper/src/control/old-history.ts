/** Which revisions of configs are too old to be kept, also of those that nobody publishes any more. */

import { encodeText } from '../base/codec.js'
import { limits } from '../base/limits.js'
import { decodeRecord, recordPath, recordRange } from '../store/records.js'
import type { KeyValue, StoreReader } from '../store/types.js'

const pageRecords = 500

/** So many of the newest stay however old they are: what is live, and what an undo goes back to. */
const keptMin = 2

/**
 * Keys of a namespace's history records that are older than `limits.historyAgeMs`, page by page, so that others may have
 * their turn between; some pages are empty.
 */
export function* oldHistory(
  store: Pick<StoreReader, 'range'>,
  namespace: string,
  wallMs: number,
): Generator<readonly Uint8Array[]> {
  const range = recordRange(namespace, 'history')
  let key = range.key
  /** The newest of the name that is being read, oldest first. */
  let newest: KeyValue[] = []
  for (;;) {
    const page = { limit: pageRecords, revision: 0, keysOnly: false, countOnly: false }
    const { kvs, more } = store.range('system', { ...page, key, rangeEnd: range.rangeEnd })
    const old: Uint8Array[] = []
    for (const kv of kvs) {
      if (newest[0] && nameOf(newest[0]) !== nameOf(kv)) newest = []
      newest.push(kv)
      const behind = newest.length > keptMin ? newest.shift() : undefined
      if (behind && decodeRecord('history', behind.value).wallMs < wallMs - limits.historyAgeMs) old.push(behind.key)
    }
    yield old
    const last = kvs.at(-1)
    if (!more || !last) return
    key = Buffer.concat([last.key, encodeText('\0')])
  }
}

/** The config of a history key, which ends with the revision. */
function nameOf({ key }: KeyValue): string {
  const { path } = recordPath(key)
  return path.slice(0, path.lastIndexOf('/'))
}
