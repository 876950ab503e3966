import { describe, expect, test } from 'vitest'
import { expectSafeToAdd, expectSafeToRemove } from './member-rules.js'

describe('quorum arithmetic', () => {
  const voters = (active: number, away: number) =>
    Array.from({ length: active + away }, (_, id) => ({ id, voter: true, leads: id === 0, active: id < active }))

  test.each([
    [1, 0, true],
    [2, 0, true],
    [2, 1, false],
    [3, 1, true],
    [3, 2, false],
    [4, 1, true],
  ])('with %i there and %i away, may one be added? %s', (active, away, may) => {
    const check = () => expectSafeToAdd(voters(active, away))
    if (may) expect(check).not.toThrow()
    else expect(check).toThrow(expect.objectContaining({ code: 'E_QUORUM_AT_RISK' }))
  })

  test.each([
    [3, 0, 'present', true],
    [2, 1, 'present', false],
    [2, 1, 'absent', true],
    [3, 2, 'present', false],
    [3, 2, 'absent', true],
    [4, 1, 'present', true],
  ])('with %i there and %i away, may one that is %s be removed? %s', (active, away, which, may) => {
    const all = voters(active, away)
    const leaving = all[which === 'present' ? 1 : all.length - 1]
    if (!leaving) throw new Error('nobody leaves')
    const check = () => expectSafeToRemove(all, leaving, 'n')
    if (may) expect(check).not.toThrow()
    else expect(check).toThrow(expect.objectContaining({ code: 'E_QUORUM_AT_RISK' }))
  })
})
