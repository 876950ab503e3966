import { expect, test } from 'vitest'
import { limits } from '../base/limits.js'
import { revisionsToKeep } from './retention.js'

const megabyte = 1024 * 1024

test('small configs keep their history by number', () => {
  for (const bytes of [0, 100, 100_000]) expect(revisionsToKeep(bytes)).toBe(limits.historyRevisionsPerConfig)
})

test('large ones keep as much as fits, and always what an undo needs', () => {
  expect(revisionsToKeep(16 * megabyte)).toBe(limits.historyBytesPerConfig / (16 * megabyte))
  expect(revisionsToKeep(10 * limits.historyBytesPerConfig)).toBe(2)
})
