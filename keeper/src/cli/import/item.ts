/** What every source of an import gives, in an order in which a folder's content stands together. */

/** One value. */
export interface Item {
  readonly path: readonly string[]
  readonly bytes: Uint8Array
  /** Format that the source knows, as an extension: `yaml`. */
  readonly extension?: string
  /** Its name ends with `@label=value`, and means what it says here. */
  readonly isOverlay?: boolean
}

/** One that is left out, and why. */
export interface Skipped {
  readonly path: string
  readonly reason: string
}

export type Found = Item | Skipped

/** A place to import from, opened. */
export interface ImportSource {
  /** For people: `zookeeper 10.0.0.1:2181/push`. */
  readonly title: string
  /** Rejects with a KeeperError when it breaks off. */
  items(): AsyncIterable<Found>
  close(): void
}

export const isSkipped = (found: Found): found is Skipped => 'reason' in found

/** Path segments of a key with slashes, or why it has none. */
export function segmentsOf(key: string): readonly string[] | Skipped {
  const segments = key.replace(/^\/+/, '').split('/')
  return segments.includes('') ? { path: key, reason: 'a name with empty parts' } : segments
}
