import { expect, test } from 'vitest'
import { KeeperError } from '../base/errors.js'
import { ManualClock } from '../push/testing/manual-clock.js'
import { Farewell } from './farewell.js'

/** A member that may lead, and says of member 2 that it was removed. */
function member() {
  const clock = new ManualClock()
  const told: number[] = []
  const now = { leads: true, known: true, back: false, closed: false, asked: 0 }
  const farewell = new Farewell({
    clock,
    patienceMs: 1_000,
    leads: () => now.leads,
    othersKnow: async () => {
      now.asked++
      if (!now.known) throw new KeeperError('E_UNCERTAIN', 'nobody says so')
    },
    takesPart: () => now.back,
    send: (to, messages) => void told.push(...messages.map(({ kind }) => (kind === 'removed' ? to : -to))),
    closed: () => (now.closed ? new KeeperError('E_STOPPED', 'it stops') : undefined),
  })
  const pass = async (ms: number) => {
    for (let at = 0; at < ms; at += 20) {
      await settled()
      clock.advance(20)
    }
    await settled()
  }
  return { farewell, told, now, pass }
}

const settled = () => new Promise((resolve) => setImmediate(resolve))

test('the leader tells who was removed once the others know, and once only', async () => {
  const { farewell, told, now, pass } = member()
  now.known = false
  farewell.to([2])
  await pass(400)
  expect(told).toEqual([])
  now.known = true
  await pass(400)
  expect(told).toEqual([2])
})

test('one that does not lead keeps it in mind until it does', async () => {
  const { farewell, told, now, pass } = member()
  now.leads = false
  farewell.to([2])
  await pass(400)
  expect(now.asked).toBe(0)
  now.leads = true
  await pass(200)
  expect(told).toEqual([2])
})

test('one that never leads forgets it, as the removed one ends by itself', async () => {
  const { farewell, told, now, pass } = member()
  now.leads = false
  farewell.to([2])
  await pass(1_200)
  now.leads = true
  await pass(400)
  expect([told, now.asked]).toEqual([[], 0])
})

test('a member that is back in the cluster meanwhile is told nothing', async () => {
  const { farewell, told, now, pass } = member()
  now.known = false
  farewell.to([2])
  await pass(200)
  Object.assign(now, { known: true, back: true })
  await pass(400)
  expect(told).toEqual([])
})

test('a member that stops tells nobody', async () => {
  const { farewell, told, now, pass } = member()
  now.closed = true
  farewell.to([2])
  await pass(400)
  expect(told).toEqual([])
})

test('who was removed just now is left by a follower that it asks to the leader: others may need its vote', async () => {
  const { farewell, told, now, pass } = member()
  now.leads = false
  farewell.to([2])
  farewell.asked(2)
  await pass(400)
  expect(told).toEqual([])
  // by then it has ended by itself, or is one that missed it
  await pass(1_000)
  farewell.asked(2)
  farewell.asked(3)
  expect(told).toEqual([2, 3])
})

test('who asks the leader is told once the others know', async () => {
  const { farewell, told, now, pass } = member()
  now.known = false
  farewell.asked(2)
  await pass(400)
  expect(told).toEqual([])
  now.known = true
  await pass(400)
  expect(told).toEqual([2])
})
