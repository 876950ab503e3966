/** What a group of processes should run with: the effective value of one config for one variant. */

import type { ConfigRecord, ConfigVariant } from '../store/records.js'

export interface Target {
  readonly name: string
  /**
   * `removed`: it was there and is not any more. `excluded`: there, but not meant for this group.
   * `absent`: never was; nothing is pushed.
   */
  readonly kind: 'value' | 'removed' | 'excluded' | 'absent'
  /** Revision at which it became so. */
  readonly revision: number
  /** '' unless `kind` is `value`. */
  readonly hash: string
  /** The leader's clock at that revision; 0 if not known. */
  readonly committedUnixMs: number
}

/** Key of the group of processes that a config is not meant for. */
export const EXCLUDED = 'excluded'

/** Does a process that holds (or was sent) the value of `hash`, '' for none, lack `target`? */
export function lacks(hash: string, target: Target): boolean {
  if (target.kind === 'value') return hash !== target.hash
  return target.kind !== 'absent' && hash !== ''
}

/** The variant with exactly the overlays of a group key (`0,2`); the base when the record knows no better. */
export function variantOf(record: ConfigRecord, groupKey: string): ConfigVariant | undefined {
  return (
    record.variants.find((variant) => variant.overlays.join(',') === groupKey) ??
    record.variants.find((variant) => variant.overlays.length === 0)
  )
}

/** What a group should run with, by the record. */
export function targetOf(
  name: string,
  groupKey: string,
  record: ConfigRecord | undefined,
  modRevision: number,
  committedMs: (revision: number) => number,
): Target {
  const bare = (kind: 'removed' | 'excluded' | 'absent'): Target => ({
    name,
    kind,
    revision: modRevision,
    hash: '',
    committedUnixMs: kind === 'absent' ? 0 : committedMs(modRevision),
  })
  if (!record) return bare('absent')
  if (record.removed) return bare('removed')
  if (groupKey === EXCLUDED) return bare('excluded')
  const variant = variantOf(record, groupKey)
  if (!variant) return bare('removed')
  const revision = variant.revision || modRevision
  return { name, kind: 'value', revision, hash: variant.hash, committedUnixMs: committedMs(revision) }
}
