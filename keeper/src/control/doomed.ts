/**
 * The list of blobs about to be deleted. Deleting is unconditional in the log, so it is prepared in two steps: once a
 * hash stands here no change set may name it (the publisher compares the list), so references to it can only go; those
 * that have none then are deleted, and the list with them.
 */

import { decodeText, encodeText } from '../base/codec.js'
import type { StoreReader } from '../store/types.js'

export const DOOMED_KEY: Uint8Array = encodeText('/_keeper/blob/doomed')

export interface Doomed {
  readonly hashes: ReadonlySet<string>
  /** 0: there is no list. */
  readonly modRevision: number
}

export const encodeDoomed = (hashes: readonly string[]): Uint8Array => encodeText(JSON.stringify({ v: 1, hashes }))

export function readDoomed(store: StoreReader): Doomed {
  const kv = store.get('system', DOOMED_KEY)
  if (!kv) return { hashes: new Set(), modRevision: 0 }
  const { hashes } = JSON.parse(decodeText(kv.value)) as { hashes: string[] }
  return { hashes: new Set(hashes), modRevision: kv.modRevision }
}
