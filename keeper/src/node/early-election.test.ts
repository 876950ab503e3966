import { describe, expect, test } from 'vitest'
import { seededRandom } from '../base/random.js'
import { ManualClock } from '../push/testing/manual-clock.js'
import { EarlyElection } from './early-election.js'

const leader = 2
/** Longer than any pause that is drawn. */
const anyPauseMs = 135
const tickMs = 50

/** A voter, and how often it asked for pre-votes; what it knows is changed by the test. */
function voter(seed = 1) {
  const clock = new ManualClock()
  const knows = { leader: leader as number | undefined, leaderLost: false, asksInVain: false, votesSplit: false }
  let asked = 0
  const election = new EarlyElection({
    clock,
    random: seededRandom(seed),
    leader: () => knows.leader,
    leaderLost: () => knows.leaderLost,
    asksInVain: () => knows.asksInVain,
    votesSplit: () => knows.votesSplit,
    campaign: () => void asked++,
  })
  const pass = (ms: number) => {
    for (let at = 0; at < ms; at += tickMs) {
      election.tick()
      clock.advance(tickMs)
    }
  }
  return { election, clock, knows, pass, asked: () => asked }
}

/** It asked at the end of its election timeout, and nobody answered. */
function unanswered(seed?: number) {
  const one = voter(seed)
  Object.assign(one.knows, { leader: undefined, asksInVain: true })
  return one
}

describe('a voter whose pre-vote nobody answered', () => {
  test.each([1, 2, 3])('asks again within 200 ms, not after another election timeout (seed %i)', (seed) => {
    const { pass, asked } = unanswered(seed)
    pass(anyPauseMs + tickMs)
    expect(asked()).toBeGreaterThan(0)
  })

  test('goes on asking for as long as it is in vain, at most once in 15 ms', () => {
    const { pass, asked } = unanswered()
    pass(10_000)
    expect(asked()).toBeGreaterThan(10_000 / (anyPauseMs + tickMs) - 1)
    expect(asked()).toBeLessThan(10_000 / 15)
  })

  test('asks no more once it has what it asked for, or hears of a leader', () => {
    const { pass, asked, knows } = unanswered()
    pass(1_000)
    const before = asked()
    knows.asksInVain = false
    pass(1_000)
    expect(asked()).toBe(before)
  })

  test('of two that do so at the same time, one is ahead soon: the pauses are drawn', () => {
    const pauses = [1, 2].map((seed) => {
      const { election, clock, asked } = unanswered(seed)
      election.tick()
      let ms = 0
      for (; asked() === 0; ms++) clock.advance(1)
      return ms
    })
    expect(new Set(pauses).size).toBe(2)
  })

  test('waits for longer each time that the votes were split, as two do who are a long way apart, until somebody leads', () => {
    const { election, clock, knows, asked } = unanswered()
    const pause = () => {
      election.tick()
      const before = asked()
      let ms = 0
      for (; asked() === before; ms++) clock.advance(1)
      return ms
    }
    knows.votesSplit = true
    const longest = (times: number) => Math.max(...Array.from({ length: times }, pause))
    expect(longest(2)).toBeLessThan(4 * anyPauseMs)
    expect(longest(20)).toBeGreaterThan(8 * anyPauseMs)
    knows.votesSplit = false
    expect(longest(20), 'pre-votes without an answer').toBeLessThanOrEqual(anyPauseMs)
    Object.assign(knows, { leader, asksInVain: false })
    election.tick()
    Object.assign(knows, { leader: undefined, asksInVain: true, votesSplit: true })
    expect(longest(1)).toBeLessThan(2 * anyPauseMs)
  })

  test('asks no more when it stops', () => {
    const { election, clock, asked } = unanswered()
    election.tick()
    election.stop()
    clock.advance(anyPauseMs)
    expect(asked()).toBe(0)
  })
})

describe('a voter that hears its leader', () => {
  test('does not ask, however much time passes', () => {
    const { pass, asked } = voter()
    pass(60_000)
    expect(asked()).toBe(0)
  })

  test('does not ask when another connection than the leader’s breaks', () => {
    const { election, clock, knows, asked } = voter()
    knows.leaderLost = true
    election.connectionLost(leader + 1)
    clock.advance(anyPauseMs)
    expect(asked()).toBe(0)
  })
})

describe('a voter whose connection to the leader broke', () => {
  test('asks at once, and a few times more while there is no leader', () => {
    const { election, clock, knows, asked } = voter()
    election.connectionLost(leader)
    Object.assign(knows, { leaderLost: true })
    clock.advance(anyPauseMs)
    expect(asked()).toBe(1)
    knows.leader = undefined
    for (let more = 0; more < 10; more++) clock.advance(anyPauseMs)
    expect(asked()).toBe(4)
  })

  test('does not ask when the leader is heard of before that', () => {
    const { election, clock, asked } = voter()
    election.connectionLost(leader)
    clock.advance(anyPauseMs)
    expect(asked()).toBe(0)
  })
})
