import { describe, expect, test } from 'vitest'
import { limits } from '../base/limits.js'
import { ManualClock } from '../push/testing/manual-clock.js'
import { Gathering } from './gathering.js'

const { gatherCommandsMin: many, gatherMsMax } = limits

/** A leader whose last round took `roundMs`, with `underWay` commands in an entry that is not applied yet. */
function leader({ underWay, roundMs = 10 }: { underWay: number; roundMs?: number }) {
  const clock = new ManualClock()
  let woken = 0
  const gathering = new Gathering(clock, () => woken++)
  gathering.appended(1, 1)
  clock.advance(roundMs)
  gathering.applied(1)
  gathering.appended(2, underWay)
  return { clock, gathering, woken: () => woken }
}

describe('proposals to a leader', () => {
  test('go into the log at once where few are under way', () => {
    const { gathering } = leader({ underWay: many - 2 })
    expect(gathering.waits(1)).toBe(false)
  })

  test('wait under load for those that are still to be answered', () => {
    const { gathering } = leader({ underWay: many })
    expect(gathering.waits(many)).toBe(true)
    gathering.applied(2)
    expect(gathering.waits(many + 1)).toBe(true)
    expect(gathering.waits(2 * many)).toBe(false)
  })

  test('wait a round and a half, and then whoever waits is woken', () => {
    const { clock, gathering, woken } = leader({ underWay: many })
    expect(gathering.waits(1)).toBe(true)
    clock.advance(14)
    expect(gathering.waits(2)).toBe(true)
    expect(woken()).toBe(0)
    clock.advance(1)
    expect(woken()).toBe(1)
    expect(gathering.waits(2)).toBe(false)
  })

  test('never wait long, however long a round takes', () => {
    const { clock, gathering } = leader({ underWay: many, roundMs: 1_000 })
    expect(gathering.waits(1)).toBe(true)
    clock.advance(gatherMsMax)
    expect(gathering.waits(1)).toBe(false)
  })

  test('wait anew once others were appended', () => {
    const { clock, gathering, woken } = leader({ underWay: many })
    gathering.waits(1)
    clock.advance(10)
    gathering.appended(3, many)
    expect(gathering.waits(1)).toBe(true)
    clock.advance(14)
    expect(gathering.waits(1)).toBe(true)
    expect(woken()).toBe(0)
  })

  test('wait no more for clients that stopped asking', () => {
    const { clock, gathering } = leader({ underWay: many })
    for (let index = 3; index < 20; index++) {
      gathering.applied(index - 1)
      gathering.waits(1)
      clock.advance(gatherMsMax)
      gathering.appended(index, 1)
    }
    expect(gathering.waits(1)).toBe(false)
  })

  test('wait for nobody at who begins to lead again', () => {
    const { gathering } = leader({ underWay: many })
    gathering.stop()
    expect(gathering.waits(1)).toBe(false)
  })
})
