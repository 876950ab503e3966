import { expect, test } from 'vitest'
import { withFolder } from '../harness/keeper-process.js'
import { killLoop } from './kill-loop.js'

test('five kills at random moments under load lose no acknowledged write', async () => {
  const report = await withFolder((dataDir) => killLoop({ dataDir, kills: 5, seed: 11 }))
  expect(report.lost).toEqual([])
  expect(report.acknowledged).toBeGreaterThan(5)
}, 120_000)
