/** Where a fault strikes. */
export type Place = 'log' | 'segment' | 'state' | 'side' | 'mark'

/**
 * Strikes a write to `place` (any, if absent) after `after` more that go well. A `segment` is made, used again or removed;
 * nobody may notice when that fails, so a fault without a place passes it by, but for a crash.
 */
export type WriteFault =
  /** The write fails; nothing of it reaches the disk. */
  | { readonly kind: 'write-error' | 'no-space'; readonly place?: Place; readonly after?: number }
  /** The sync fails; how much of what was not synced reaches the disk shows after the next crash. */
  | { readonly kind: 'sync-error'; readonly place?: Place; readonly after?: number }
  /** The power fails in the middle of the write. */
  | { readonly kind: 'crash'; readonly place?: Place; readonly after?: number }

/** Strikes what lies on disk when the disk is opened the next time. */
export type RestFault =
  /** A whole write-ahead log that was closed at a memtable switch is gone, synced or not. */
  | { readonly kind: 'lost-wal'; readonly place: 'state' }
  /** Damaged records in the middle of the (write-ahead) log; LevelDB skips them without a word. */
  | { readonly kind: 'dropped-records'; readonly place: 'log' | 'state'; readonly count?: number }
  /** The last records of the (write-ahead) log are gone, although they were synced. */
  | { readonly kind: 'torn-tail'; readonly place: 'log' | 'state'; readonly count?: number }
  /** One bit of a record or value (or of a mark, or of the side file) is another. */
  | { readonly kind: 'bit-flip'; readonly place: Exclude<Place, 'segment'> }
  /** A table is damaged: opening goes well, reading and writing fail until the database is begun anew. */
  | { readonly kind: 'unreadable'; readonly place: 'state' }
  /** A table is gone: the database does not open. */
  | { readonly kind: 'missing-table'; readonly place: 'state' }
  /** A segment is gone, ends too early, has a page of zeros, or is as it was some writes ago. */
  | { readonly kind: 'lost-segment' | 'cut-segment' | 'zeroed-page' | 'stale-segment'; readonly place: 'log' }
  /** The file is gone, as if it had never been written. */
  | { readonly kind: 'missing-file'; readonly place: 'side' | 'mark' }

export type Fault = WriteFault | RestFault

const writeKinds: readonly Fault['kind'][] = ['write-error', 'no-space', 'sync-error', 'crash']
export const isWriteFault = (fault: Fault): fault is WriteFault => writeKinds.includes(fault.kind)
