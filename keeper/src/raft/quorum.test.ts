import { describe, expect, test } from 'vitest'
import { seededRandom } from '../base/random.js'
import { jointCommitted, jointVote, majorityCommitted, majorityVote } from './quorum.js'

const random = seededRandom(7)
const someVoters = (): number[] => [1, 2, 3, 4, 5, 6, 7].filter(() => random.below(2) === 0)

/** By definition: the largest index that more than half have reached. */
function committedByDefinition(voters: readonly number[], match: ReadonlyMap<number, number>): number {
  const reached = (index: number) => voters.filter((id) => (match.get(id) ?? 0) >= index).length
  for (let index = 20; index > 0; index--) if (reached(index) * 2 > voters.length) return index
  return 0
}

describe('a majority', () => {
  test('commits the largest index that more than half have', () => {
    for (let rest = 500; rest > 0; rest--) {
      const voters = [1, ...someVoters().filter((id) => id !== 1)]
      const match = new Map(voters.map((id) => [id, random.below(20)]))
      expect(majorityCommitted(voters, (id) => match.get(id) ?? 0)).toBe(committedByDefinition(voters, match))
    }
  })

  test('any two of the same voters overlap: two candidates never both win', () => {
    for (let rest = 500; rest > 0; rest--) {
      const voters = [1, ...someVoters().filter((id) => id !== 1)]
      const forA = new Set(voters.filter(() => random.below(2) === 0))
      const a = majorityVote(voters, (id) => forA.has(id))
      const b = majorityVote(voters, (id) => !forA.has(id))
      expect([a, b]).not.toEqual(['won', 'won'])
    }
  })

  test('is pending only while the missing votes can decide', () => {
    const votes = (...given: (boolean | undefined)[]) => majorityVote([1, 2, 3], (id) => given[id - 1])
    expect(votes(true, undefined, undefined)).toBe('pending')
    expect(votes(true, false, undefined)).toBe('pending')
    expect(votes(true, undefined, true)).toBe('won')
    expect(votes(false, undefined, false)).toBe('lost')
  })
})

describe('a joint majority (Raft thesis §4.3)', () => {
  test('commits what both halves have, and an empty half has everything', () => {
    const match = (id: number) => id * 10
    expect(jointCommitted([1, 2, 3], [4, 5, 6], match)).toBe(20)
    expect(jointCommitted([1, 2, 3], [], match)).toBe(20)
  })

  test('is lost in either half and won in both', () => {
    const vote = (yes: readonly number[], no: readonly number[]) =>
      jointVote([1, 2, 3], [3, 4, 5], (id) => (yes.includes(id) ? true : no.includes(id) ? false : undefined))
    expect(vote([1, 2], [])).toBe('pending')
    expect(vote([1, 2], [4, 5])).toBe('lost')
    expect(vote([2, 3, 4], [])).toBe('won')
  })
})
