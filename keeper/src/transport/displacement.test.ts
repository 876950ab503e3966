import { expect, test } from 'vitest'
import { type Clock, type MonotonicMs, systemClock } from '../base/clock.js'
import { KeeperError } from '../base/errors.js'
import { limits } from '../base/limits.js'
import { Displacement } from './displacement.js'

let now = 0
const clock: Clock = { ...systemClock, monotonic: () => now as MonotonicMs }
const twice = new KeeperError('E_MEMBER_DUPLICATE', 'n1 speaks already')

test('a process gives way when it was refused as a second one again and again, and not for a while', () => {
  const displacement = new Displacement(clock)
  const refusals = (until: number) => {
    const said = []
    for (; now <= until; now += 500) said.push(displacement.refusedWith(twice))
    return said
  }
  expect(refusals(limits.displacedAfterMs)).not.toContain(true)
  expect(displacement.refusedWith(twice)).toBe(true)
  now += limits.peerSilenceMs + 1
  expect(displacement.refusedWith(twice)).toBe(false)
})

test('other refusals do not count', () => {
  const displacement = new Displacement(clock)
  for (let count = 0; count < 100; count++, now += 500)
    expect(displacement.refusedWith(new KeeperError('E_CONNECTION', 'nobody there'))).toBe(false)
})
