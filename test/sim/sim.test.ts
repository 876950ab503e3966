import { describe, expect, test } from 'vitest'
import { type Verdict, World, type WorldOptions } from './world.js'

const run = (seed: number, plan: WorldOptions['plan'] = {}): Promise<Verdict> =>
  new World({ seed, plan: { chaosMs: 4_000, clients: 3, sessions: 4, ...plan } }).run()

describe('a world', () => {
  test.each([101, 102, 103, 104])('of seed %i keeps every promise', async (seed) => {
    const verdict = await run(seed)
    expect(verdict.failure, verdict.tail.join('\n')).toBeUndefined()
    expect(verdict.operations).toBeGreaterThan(5)
    expect(verdict.deliveries).toBeGreaterThan(5)
  })

  test('in peace needs one election, and every process keeps its stream and its session', async () => {
    const peace = { harm: new Map(), ambush: undefined, interregnum: undefined, churnMs: undefined }
    const verdict = await run(6, { ...peace, chaosMs: 12_000, sessions: 5, voters: 3 })
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
