import { expect, test } from 'vitest'
import { limits } from '../base/limits.js'
import type { ConfigRecord, HistoryRecord } from '../store/config-records.js'
import type { BlobPiece } from '../store/types.js'
import { type RetainedView, revisionsThatFit, revisionsToKeep } from './retention.js'

const megabyte = 1024 * 1024

/** A config of one value whose revisions, the oldest first, are these pieces of one megabyte each. */
function history(revisions: readonly (readonly string[])[]): { view: RetainedView; live: ConfigRecord | undefined } {
  const record = (revision: number) =>
    ({ name: 'push/room', variants: [{ hash: String(revision) }], files: [] }) as unknown as ConfigRecord
  const piecesOf = (hash: string): BlobPiece[] =>
    (revisions[Number(hash)] ?? []).map((piece) => ({ hash: piece, bytes: megabyte }))
  const view: RetainedView = {
    historyRevisions: () => revisions.map((_, at) => at),
    historyAt: (_, revision) => ({ config: record(revision) }) as HistoryRecord,
    blobBytes: (hash) => piecesOf(hash).length * megabyte,
    blobPieces: piecesOf,
  }
  return { view, live: revisions.length === 0 ? undefined : record(revisions.length - 1) }
}

const kept = (revisions: readonly (readonly string[])[]): number => {
  const { view, live } = history(revisions)
  return revisionsToKeep(view, live)
}

const pieces = (count: number, named: (at: number) => string) => Array.from({ length: count }, (_, at) => named(at))
const fits = limits.historyBytesPerConfig / megabyte

test('what has no history yet, or is small, keeps it by number', () => {
  expect(kept([])).toBe(limits.historyRevisionsPerConfig)
  expect(kept([[], []])).toBe(limits.historyRevisionsPerConfig)
})

test('large values that have nothing in common keep as many as fit', () => {
  const revisions = pieces(5, String).map((revision) => pieces(16, (at) => `${revision}/${at}`))
  expect(kept(revisions)).toBe(fits / 16)
})

test('of a large value that changes in one piece each time, all that share the rest are kept', () => {
  const revisions = pieces(20, String).map((revision) => pieces(16, (at) => (at === 3 ? `edit ${revision}` : `${at}`)))
  expect(kept(revisions)).toBe(1 + fits - 16)
})

test('a value that is there for the first time counts whole for each of the others', () => {
  expect(kept([pieces(16, String)])).toBe(fits / 16)
})

test('what an undo needs is always kept', () => {
  expect(revisionsThatFit(10 * limits.historyBytesPerConfig, limits.historyBytesPerConfig)).toBe(2)
})

test('no more than the number allows, however little they take', () => {
  expect(revisionsThatFit(megabyte, 0)).toBe(limits.historyRevisionsPerConfig)
})
