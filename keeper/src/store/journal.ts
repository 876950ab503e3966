/** What takes the changes of a command that failed half-way back. */

import type { PagedMap } from './paged-map.js'

/** Undo steps of the command that runs: each change with what was there before. */
export type Journal = { readonly map: PagedMap; readonly key: Uint8Array; readonly old: Buffer | undefined }[]

/** Takes all changes back, newest first. */
export function rollback(journal: Journal): void {
  for (const { map, key, old } of journal.splice(0).reverse()) {
    if (old) map.put(key, old)
    else map.delete(key)
  }
  journal.length = 0
}
