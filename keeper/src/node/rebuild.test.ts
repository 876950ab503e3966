import { expect, test } from 'vitest'
import { mintEpoch } from './rebuild.js'

const today = Date.UTC(2026, 0, 1)

test('survivors of one cluster make clusters of different epochs, the later the higher', () => {
  const old = { storeEpoch: 1 }
  expect(mintEpoch(old, today, 0.1)).not.toBe(mintEpoch(old, today, 0.9))
  expect(mintEpoch(old, today + 1_000, 0)).toBeGreaterThan(mintEpoch(old, today, 0.999))
})

test('an epoch is above that of the old cluster, even where the clock is wrong, and a number without loss', () => {
  const made = { storeEpoch: mintEpoch({ storeEpoch: 1 }, today, 0.5) }
  expect(mintEpoch(made, 0, 0)).toBe(made.storeEpoch + 1)
  expect(Number.isSafeInteger(mintEpoch(made, Date.UTC(3000, 0, 1), 0.999))).toBe(true)
})
