import { describe, expect, test } from 'vitest'
import { ManualClock } from '../push/testing/manual-clock.js'
import type { RawNode } from '../raft/raw-node.js'
import { Ending } from './ending.js'
import { Standing } from './standing.js'

const settled = () => new Promise((resolve) => setImmediate(resolve))

/** A leader of so many members that stops; `following` are those of the others that follow it. */
function stopping(members: number, following: readonly number[]) {
  const clock = new ManualClock()
  const follows = new Set(following)
  const behind = new Set<number>()
  const handed: number[] = []
  const all = Array.from({ length: members }, (_, at) => at + 1)
  const raw = {
    status: () => ({
      id: 1,
      role: 'leader',
      commit: 5_000,
      config: { voters: all, votersOutgoing: [] },
      progress: new Map(
        all.map((id) => [
          id,
          { match: behind.has(id) ? 9 : 5_000 + id, state: follows.has(id) ? 'replicate' : 'probe' },
        ]),
      ),
    }),
    get role() {
      return handed.length > 0 ? 'follower' : 'leader'
    },
    get leader() {
      return handed.at(-1) ?? 1
    },
    transferLeader: (to: number) => void handed.push(to),
  } as unknown as RawNode
  const alive = (id: number) => follows.has(id)
  const standing = new Standing({ raw, alive, halted: () => false, changed: () => {}, confirm: async () => {} })
  const patience = { patienceMs: 1_000, othersPatienceMs: 500 }
  const quiet = { underWay: () => 0, halted: () => false, wake: () => {} }
  const ending = new Ending({ clock, raw, standing, ...patience, ...quiet })
  const pass = async (ms: number) => {
    for (let at = 0; at < ms; at += 5) {
      await settled()
      clock.advance(5)
    }
    await settled()
  }
  return { ending, follows, behind, handed, pass }
}

describe('a leader that stops', () => {
  test('hands over at once when the others can go on', async () => {
    const { ending, handed } = stopping(3, [2, 3])
    void ending.handOver()
    await settled()
    expect(handed).toEqual([3])
    const five = stopping(5, [2, 3, 4])
    void five.ending.handOver()
    await settled()
    expect(five.handed).toEqual([4])
  })

  test('serves on until one that is on its way back follows, and hands over then', async () => {
    const { ending, follows, handed, pass } = stopping(3, [2])
    const over = ending.handOver()
    await pass(300)
    expect(handed).toEqual([])
    follows.add(3)
    await pass(10)
    expect(handed).toEqual([3])
    await over
  })

  test('serves on until one that missed much has it all', async () => {
    const { ending, behind, handed, pass } = stopping(3, [2, 3])
    behind.add(3)
    void ending.handOver()
    await pass(300)
    expect(handed).toEqual([])
    behind.delete(3)
    await pass(10)
    expect(handed).toEqual([3])
  })

  test('does not wait long for one that does not come', async () => {
    const { ending, handed, pass } = stopping(3, [2])
    void ending.handOver()
    await pass(520)
    expect(handed).toEqual([2])
  })

  test('waits for nobody where the others could never go on, or nobody is there', async () => {
    const [two, alone] = [stopping(2, [2]), stopping(3, [])]
    void two.ending.handOver()
    await alone.ending.handOver()
    await settled()
    expect([two.handed, alone.handed]).toEqual([[2], []])
  })
})
