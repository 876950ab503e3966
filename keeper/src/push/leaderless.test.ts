import { expect, test } from 'vitest'
import type { MonotonicMs } from '../base/clock.js'
import { Leaderless } from './leaderless.js'

const well = { role: 'follower', leader: 1, unansweredMs: 0, appliedIndex: 1 } as const

/** Looks at one member at the times given, each with what differs from a follower where all is well. */
function said(...looks: readonly (readonly [ms: number, differs: object])[]): number[] {
  const leaderless = new Leaderless()
  return looks.map(([ms, differs]) => leaderless.look({ ...well, ...differs }, (10_000 + ms) as MonotonicMs))
}

test('a follower whose leader is gone says how long that is, no more: it may elect another in a moment', () => {
  const silent = (ms: number) => [ms, { unansweredMs: ms }] as const
  expect(said([0, {}], silent(300), silent(400), silent(800), [900, { leader: 0 }])).toEqual([0, 0, 400, 800, 900])
})

test('whoever knows a leader that answers is of use again', () => {
  expect(said([0, { leader: 0 }], [300, { leader: 0 }], [400, {}], [500, { leader: 0 }])).toEqual([0, 300, 0, 0])
})

test('a leader that no quorum answers lets its processes go in half the time, also when it leads no more', () => {
  const asked = { role: 'leader', unansweredMs: 400 }
  const deposed = { leader: 0, unansweredMs: 0 }
  expect(said([400, asked], [600, { ...asked, unansweredMs: 600 }], [700, deposed])).toEqual([800, 1200, 1400])
})

test('so does a follower that is not heard although the others write', () => {
  const unheard = (ms: number) => [ms, { unansweredMs: ms, appliedIndex: ms }] as const
  expect(said(unheard(200), unheard(400), unheard(600))).toEqual([0, 800, 1200])
})

test('what was cut off once is not so for ever', () => {
  const cutOff = { role: 'leader', unansweredMs: 500 }
  expect(said([500, cutOff], [600, {}], [700, { leader: 0 }], [900, { leader: 0 }])).toEqual([1000, 0, 0, 200])
})
