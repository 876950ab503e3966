import { expect, test } from 'vitest'
import { inTurns } from './in-turns.js'

test('others get their turn between two that are slow, and nothing is made for who is gone', async () => {
  const gone = new AbortController()
  let turns = 0
  const count = () => {
    turns++
    if (turns < 10) setImmediate(count)
  }
  setImmediate(count)
  const made = await inTurns(
    [1, 2, 3, 4],
    (one) => {
      if (one === 3) gone.abort()
      return [one, turns]
    },
    gone.signal,
    0,
  )
  expect(made).toEqual([
    [1, 0],
    [2, 1],
    [3, 2],
  ])
})

test('what is quick is made in one turn', async () => {
  let turns = 0
  setImmediate(() => turns++)
  expect(await inTurns([1, 2, 3], () => turns, undefined, Number.POSITIVE_INFINITY)).toEqual([0, 0, 0])
})
