import { expect, test } from 'vitest'
import { silentLogger } from '../base/logger.js'
import { ManualClock } from '../push/testing/manual-clock.js'
import { SpaceGuard } from './space-guard.js'
import type { RawDisk } from './types.js'

const totalBytes = 100e9

test('who gives the ballast up looks anew, also while a look is under way that began before', async () => {
  const looks: ((freeBytes: number) => void)[] = []
  const raw = {
    space: () => new Promise((resolve) => looks.push((freeBytes) => resolve({ freeBytes, totalBytes }))),
    setBallast: async () => {},
  } as unknown as RawDisk
  const guard = new SpaceGuard({ raw, clock: new ManualClock(), logger: silentLogger })
  const before = guard.check()
  const given = guard.giveUpBallast()
  looks[0]?.(0)
  await before
  await expect.poll(() => looks.length).toBe(2)
  looks[1]?.(50e9)
  await given
  expect(guard.space).toEqual({ freeBytes: 50e9, low: false })
})
