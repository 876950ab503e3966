import { describe, expect, test } from 'vitest'
import { plantedBugs } from './planted-bugs.js'
import { type Verdict, World, type WorldOptions } from './world.js'

const run = (seed: number, { plan, wraps }: Omit<WorldOptions, 'seed'> = {}): Promise<Verdict> =>
  new World({ seed, plan: { chaosMs: 4_000, clients: 3, sessions: 4, ...plan }, ...(wraps && { wraps }) }).run()

describe('a world', () => {
  test.each([101, 102, 103, 104])('of seed %i keeps every promise', async (seed) => {
    const verdict = await run(seed)
    expect(verdict.failure, verdict.tail.join('\n')).toBeUndefined()
    expect(verdict.operations).toBeGreaterThan(5)
    expect(verdict.deliveries).toBeGreaterThan(5)
  })

  test('in peace needs one election, and every process keeps its stream and its session', async () => {
    const verdict = await run(5, {
      plan: { harm: new Map(), churnMs: undefined, chaosMs: 12_000, sessions: 5, voters: 3 },
    })
    expect(verdict.failure, verdict.tail.join('\n')).toBeUndefined()
    expect(verdict).toMatchObject({ elections: 1, sessionsLost: 0 })
    // those that came before there was a leader came again
    expect(verdict.welcomes).toBe(5)
  })

  test('replays to the byte', async () => {
    const [first, again, other] = [await run(7), await run(7), await run(8)]
    expect(again.digest).toBe(first.digest)
    expect(other.digest).not.toBe(first.digest)
  })
})

describe('the checkers notice', () => {
  test.each(Object.entries(plantedBugs))('%s', async (_bug, { wraps, noticed }) => {
    for (let seed = 1; seed <= 60; seed++) {
      const { failure } = await run(seed, { wraps })
      if (!failure) continue
      expect(failure.message).toMatch(noticed)
      return
    }
    expect.unreachable('no seed showed the bug')
  })
})
