import { expect, test } from 'vitest'
import { seededRandom } from '../base/random.js'
import { variantFor } from '../store/audience.js'
import type { ConfigRecord } from '../store/config-records.js'
import { carryRevisions } from './variants.js'

type Overlay = ConfigRecord['overlays'][number]

const overlay = (when: Record<string, string>): Overlay => ({ file: JSON.stringify(when), when })
const record = (overlays: readonly Overlay[], variants: ConfigRecord['variants']): ConfigRecord => ({
  v: 1,
  name: 'push/room',
  audience: { labels: {} },
  overlays,
  variants,
  files: [],
  changeSet: 'c',
})
const bj = overlay({ zone: 'bj' })

test('the same value keeps its revision, another one gets the record’s', () => {
  const live = record(
    [bj],
    [
      { overlays: [], hash: 'a', revision: 3 },
      { overlays: [0], hash: 'b', revision: 0 },
    ],
  )
  const next = {
    overlays: [bj],
    variants: [
      { overlays: [], hash: 'z' },
      { overlays: [0], hash: 'b' },
    ],
  }
  expect(carryRevisions(next, { record: live, modRevision: 7 }).map(({ revision }) => revision)).toEqual([0, 7])
})

test('an overlay that vanishes lifts the base: its processes must not step back to an old revision', () => {
  const live = record(
    [bj],
    [
      { overlays: [], hash: 'a', revision: 3 },
      { overlays: [0], hash: 'b', revision: 9 },
    ],
  )
  const next = { overlays: [], variants: [{ overlays: [], hash: 'a' }] }
  expect(carryRevisions(next, { record: live, modRevision: 9 })).toEqual([{ overlays: [], hash: 'a', revision: 0 }])
})

test('an overlay that changes nothing leaves everyone’s revision', () => {
  const live = record([], [{ overlays: [], hash: 'a', revision: 3 }])
  const next = {
    overlays: [bj],
    variants: [
      { overlays: [], hash: 'a' },
      { overlays: [0], hash: 'a' },
    ],
  }
  expect(carryRevisions(next, { record: live, modRevision: 9 }).map(({ revision }) => revision)).toEqual([3, 3])
})

test('what comes back after a removal is new', () => {
  const live = { ...record([], []), removed: true as const }
  const next = { overlays: [], variants: [{ overlays: [], hash: 'a' }] }
  expect(carryRevisions(next, { record: live, modRevision: 9 })[0]?.revision).toBe(0)
})

/** Every assignment of the labels that the random overlays speak of; absent among the values. */
const processes = [undefined, 'bj', 'sh'].flatMap((zone) =>
  [undefined, 'canary'].flatMap((track) =>
    [undefined, 'a'].map((idc) => ({ ...(zone && { zone }), ...(track && { track }), ...(idc && { idc }) })),
  ),
)
const conditions = [{ zone: 'bj' }, { zone: 'sh' }, { track: 'canary' }, { idc: 'a' }]

test('for every process of many random histories: no step back, and another value is a newer revision', () => {
  const random = seededRandom(42)
  const draw = (): { overlays: Overlay[]; variants: { overlays: number[]; hash: string }[] } => {
    const overlays = conditions.filter(() => random.below(2) === 1).map(overlay)
    const exact = new Set(processes.map((labels) => matchedBy(overlays, labels).join()))
    const variants = [...exact].map((key) => ({
      overlays: key === '' ? [] : key.split(',').map(Number),
      hash: `h${random.below(3)}`,
    }))
    return { overlays, variants }
  }
  let moved = 0
  for (let run = 0; run < 200; run++) {
    const first = draw()
    let live = { record: record(first.overlays, carryRevisions(first, undefined)), modRevision: 1 }
    for (let revision = 2; revision < 8; revision++) {
      const next = draw()
      const after = { record: record(next.overlays, carryRevisions(next, live)), modRevision: revision }
      for (const labels of processes) {
        const was = effective(live, labels)
        const is = effective(after, labels)
        expect(is.revision).toBeGreaterThanOrEqual(was.revision)
        if (is.hash !== was.hash) expect(is.revision).toBe(revision)
        if (is.revision === was.revision) moved++
      }
      live = after
    }
  }
  expect(moved, 'some keep their revision, or the rule is trivial').toBeGreaterThan(100)
})

const matchedBy = (overlays: readonly Overlay[], labels: Record<string, string>): number[] =>
  overlays.flatMap(({ when }, at) =>
    Object.entries(when).every(([label, value]) => labels[label] === value) ? [at] : [],
  )

function effective(stored: { record: ConfigRecord; modRevision: number }, labels: Record<string, string>) {
  const variant = variantFor(stored.record, labels)
  if (!variant) throw new Error('a process without a variant')
  return { hash: variant.hash, revision: variant.revision || stored.modRevision }
}
