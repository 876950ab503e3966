/** What a change set must not do without a person's word. Pure. */

import { createHash } from 'node:crypto'
import { inAudience, variantFor } from '../store/audience.js'
import type { ConfigRecord, Guard } from '../store/config-records.js'
import { few } from './owners.js'
import type { Draft } from './types.js'

type Labels = Readonly<Record<string, string>>

/** How many processes a change set may reach: a share of the live ones, where at least `atLeast` are reached. */
export interface AffectedLimit {
  /** 0..1 */
  readonly share: number
  /** Fewer than that are never too many: a share of three processes says nothing. */
  readonly atLeast: number
}

/** By hand anybody may be reached. */
export const everybody: AffectedLimit = { share: 1, atLeast: 1 }

const emptyHashes = new Set(['{}', '[]', '""', 'null'].map((text) => createHash('sha256').update(text).digest('hex')))

/** Why a change set must wait for approval; none: it may go on. */
export function guardsOf(drafts: readonly Draft[], processes: readonly Labels[], limit: AffectedLimit): Guard[] {
  return [...removals(drafts, processes), ...emptied(drafts), ...reach(drafts, processes, limit)]
}

/** A config that is there for others still is as removed, for who is no longer of its audience. */
function removals(drafts: readonly Draft[], processes: readonly Labels[]): Guard[] {
  const held = drafts
    .filter(({ record, before }) => record.removed || (before && !sameAudience(before.record, record)))
    .map(({ record, before }) => ({
      name: record.name,
      holders: processes.filter((labels) => hashFor(before?.record, labels) !== '' && hashFor(record, labels) === '')
        .length,
    }))
    .filter(({ holders }) => holders > 0)
  if (held.length === 0) return []
  const words = held.map(({ name, holders }) => `${name} (${holders === 1 ? '1 process' : `${holders} processes`})`)
  return [{ kind: 'removes', message: `removes what live processes hold: ${few(words)}` }]
}

const sameAudience = (a: ConfigRecord, b: ConfigRecord): boolean =>
  JSON.stringify(a.audience) === JSON.stringify(b.audience)

function emptied(drafts: readonly Draft[]): Guard[] {
  const names = drafts.filter(({ record, before }) => isEmpty(record) && !isEmpty(before?.record)).map(nameOf)
  return names.length > 0 ? [{ kind: 'empties', message: `leaves nothing in ${few(names)}` }] : []
}

const nameOf = ({ record }: Draft): string => record.name

/** For somebody at least; a config that was not there, or was removed, had nothing either. */
const isEmpty = (record: ConfigRecord | undefined): boolean =>
  record === undefined ? true : !record.removed && record.variants.some(({ hash }) => emptyHashes.has(hash))

function reach(drafts: readonly Draft[], processes: readonly Labels[], { share, atLeast }: AffectedLimit): Guard[] {
  const affected = processes.filter((labels) =>
    drafts.some(({ record, before }) => hashFor(before?.record, labels) !== hashFor(record, labels)),
  ).length
  if (affected < atLeast || affected <= processes.length * share) return []
  const percent = Math.round((100 * affected) / processes.length)
  const message = `reaches ${affected} of ${processes.length} live processes (${percent} %), more than ${round(100 * share)} %`
  return [{ kind: 'affects', message }]
}

const round = (percent: number): number => Math.round(percent * 100) / 100

const hashFor = (record: ConfigRecord | undefined, labels: Labels): string =>
  record && !record.removed && inAudience(record.audience, labels) ? (variantFor(record, labels)?.hash ?? '') : ''
