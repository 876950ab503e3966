/** What a group of processes should run with: the effective value of one config for one variant. */

import type { KeeperError } from '../base/errors.js'
import type { ConfigRecord, ConfigVariant } from '../store/config-records.js'
import type { Filled } from './secret-values.js'

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
  /**
   * The same value under the record's own revision, where that is newer: for a process that comes to an older variant
   * from a newer one (its overlays changed), so that no process sees a revision step back.
   */
  readonly late?: Target
  /** JSON with secrets in it: what is sent, in place of the blob of `hash`. */
  readonly opened?: Uint8Array
  /** How to make the value of another one: what is sent in its place. */
  readonly delta?: Delta
  /** Why there is no value though there should be one: a secret that cannot be opened. */
  readonly refusal?: KeeperError
}

/** What makes a value of another one; `brief`: told with a check in place of the hashes. */
export interface Delta {
  readonly baseHash: string
  readonly bytes: Uint8Array
  readonly brief?: true
}

/** Key of the group of processes that a config is not meant for. */
export const EXCLUDED = 'excluded'

/** Does a process that holds (or was sent) the value of `hash`, '' for none, lack `target`? */
export function lacks(hash: string, target: Target): boolean {
  if (target.kind === 'value') return hash !== target.hash
  return target.kind !== 'absent' && hash !== ''
}

/** What a process that has come to `revision` of a config is sent. */
export const dueTarget = (target: Target, revision: number): Target =>
  revision > target.revision && target.late ? target.late : target

/** The variant with exactly the overlays of a group key (`0,2`); the base when the record knows no better. */
export function variantOf(record: ConfigRecord, groupKey: string): ConfigVariant | undefined {
  return record.variants.find((variant) => variant.overlays.join(',') === groupKey) ?? record.variants[0]
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
  const value = { name, kind: 'value', hash: variant.hash } as const
  const at = (revision: number): Target => ({ ...value, revision, committedUnixMs: committedMs(revision) })
  return revision < modRevision ? { ...at(revision), late: at(modRevision) } : at(revision)
}

/**
 * The target with its secrets in place. Any change of a secret that some variant of the config names counts for all
 * of them (`secretsRevision`): a process that comes from one variant to another never sees a revision step back.
 */
export function withSecrets(target: Target, filled: Filled | undefined, secretsRevision: number): Target {
  if (target.kind !== 'value') return target
  if (filled?.error) return { ...target, kind: 'absent', hash: '', refusal: filled.error }
  const value = filled ? { ...target, hash: filled.hash, opened: filled.bytes } : target
  const newest = Math.max(target.late?.revision ?? target.revision, secretsRevision)
  const revision = Math.max(target.revision, filled?.revision ?? 0)
  const { late: _, ...own } = {
    ...value,
    revision,
    committedUnixMs: revision === target.revision ? target.committedUnixMs : 0,
  }
  return newest > revision ? { ...own, late: { ...own, revision: newest, committedUnixMs: 0 } } : own
}
