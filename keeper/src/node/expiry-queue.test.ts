import { expect, test } from 'vitest'
import type { MonotonicMs } from '../base/clock.js'
import { seededRandom } from '../base/random.js'
import { ExpiryQueue } from './expiry-queue.js'

const at = (ms: number) => ms as MonotonicMs

test('gives what is due, the earliest first, no more than asked for', () => {
  const queue = new ExpiryQueue<string>()
  queue.set('c', at(30))
  queue.set('a', at(10))
  queue.set('b', at(20))
  expect(queue.takeDue(at(25), 10)).toEqual(['a', 'b'])
  expect(queue.takeDue(at(40), 10)).toEqual(['c'])
  expect(queue.size).toBe(0)
})

test('a renewed id is not due at its old time, a deleted one never', () => {
  const queue = new ExpiryQueue<string>()
  queue.set('a', at(10))
  queue.set('b', at(10))
  queue.set('a', at(50))
  queue.delete('b')
  expect(queue.takeDue(at(20), 10)).toEqual([])
  expect(queue.takeDue(at(50), 10)).toEqual(['a'])
})

test('does what a plain map does, whatever comes', () => {
  const random = seededRandom(3)
  const queue = new ExpiryQueue<number>()
  const model = new Map<number, number>()
  for (let now = 0; now < 3_000; now++) {
    const id = random.below(40)
    const due = now + random.below(60)
    const kind = random.below(4)
    if (kind < 2) {
      queue.set(id, at(due))
      model.set(id, due)
    } else if (kind === 2) {
      queue.delete(id)
      model.delete(id)
    }
    const expected = [...model].filter(([, when]) => when <= now).map(([one]) => one)
    for (const one of expected) model.delete(one)
    expect(queue.takeDue(at(now), 1_000).sort((a, b) => a - b)).toEqual(expected.sort((a, b) => a - b))
  }
})
