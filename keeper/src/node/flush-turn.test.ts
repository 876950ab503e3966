import { expect, test } from 'vitest'
import type { ConfState, Entry } from '../raft/types.js'
import { FlushTurn, shareOf } from './flush-turn.js'

const of = (...voters: number[]): ConfState => ({
  ...{ voters, learners: [], votersOutgoing: [], learnersNext: [], autoLeave: false },
})
const entry = (index: number, term = 1): Entry => ({ index, term, type: 'normal', data: new Uint8Array(0) })

/** At which of the entries, a byte each, it is its turn. */
const turnsOf = (turn: FlushTurn, entries: readonly Entry[]): number[] =>
  entries.filter((one) => turn.applied(one, 1)).map(({ index }) => index)

const upTo = (last: number, first = 1, term = 1) =>
  Array.from({ length: last - first + 1 }, (_, at) => entry(first + at, term))

test('members take turns, as far apart as can be', () => {
  const members = of(7, 3, 5)
  const turns = [3, 5, 7].map((id) => turnsOf(new FlushTurn(30, () => shareOf(id, members)), upTo(90)))
  expect(turns).toEqual([
    [30, 60, 90],
    [20, 50, 80],
    [10, 40, 70],
  ])
})

test('one alone has a turn whenever so many bytes came', () => {
  expect(turnsOf(new FlushTurn(30, () => shareOf(1, of(1))), upTo(90))).toEqual([30, 60, 90])
})

test('who was away counts with the others again from a new term on', () => {
  const stayed = new FlushTurn(30, () => 0)
  const cameBack = new FlushTurn(30, () => 0)
  expect(turnsOf(stayed, upTo(50))).toEqual([30])
  expect(turnsOf(cameBack, upTo(50, 25))).toEqual([])
  const later = upTo(150, 51, 2)
  expect(turnsOf(stayed, later)).toEqual([80, 110, 140])
  expect(turnsOf(cameBack, later)).toEqual([80, 110, 140])
})

test('and in a term that lasts from some entry on', () => {
  const [stayed, cameBack] = [new FlushTurn(1_000, () => 1 / 2), new FlushTurn(1_000, () => 1 / 2)]
  turnsOf(stayed, upTo(8_000))
  turnsOf(cameBack, upTo(8_000, 7_777))
  const later = upTo(10_000, 8_001)
  expect(turnsOf(cameBack, later).filter((index) => index > 8_200)).toEqual(
    turnsOf(stayed, later).filter((index) => index > 8_200),
  )
})
