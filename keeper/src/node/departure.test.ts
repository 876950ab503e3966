import { expect, test } from 'vitest'
import { KeeperError } from '../base/errors.js'
import { ManualClock } from '../push/testing/manual-clock.js'
import { Departure } from './departure.js'

const removal = new KeeperError('E_MEMBER_REMOVED', 'it was removed from the cluster')

/** A leader that is no voter any more; `known` says whether the others confirm that it leads. */
function leaving(known: () => boolean | Promise<never>) {
  const clock = new ManualClock()
  const done: string[] = []
  let closed: KeeperError | undefined
  const departure = new Departure({
    clock,
    patienceMs: 1_000,
    standing: {
      leader: () => 'self',
      confirmLeading: async () => {
        if (!(await known())) throw new KeeperError('E_NOT_LEADER', 'nobody says so')
      },
    },
    ending: { handOver: async () => void done.push('hands over') },
    closed: () => closed,
    isBack: () => false,
    fault: ({ code }) => void done.push(code),
  })
  const pass = async (ms: number) => {
    for (let at = 0; at < ms; at += 20) {
      await settled()
      clock.advance(20)
    }
    await settled()
  }
  const close = () => {
    closed = new KeeperError('E_STOPPED', 'it stops')
  }
  return { departure, done, pass, close }
}

const settled = () => new Promise((resolve) => setImmediate(resolve))

test('a removed leader leads on until the others know, then hands over and ends', async () => {
  let known = false
  const { departure, done, pass } = leaving(() => known)
  departure.begin(removal)
  await pass(400)
  expect(done).toEqual([])
  known = true
  await pass(40)
  expect(done).toEqual(['hands over', 'E_MEMBER_REMOVED'])
})

test('one that nobody hears ends when its patience does, without handing over', async () => {
  const { departure, done, pass } = leaving(() => false)
  departure.begin(removal)
  await pass(1_100)
  expect(done).toEqual(['E_MEMBER_REMOVED'])
})

test('one whose question is never answered, since another leads meanwhile, ends when its patience does', async () => {
  const { departure, done, pass } = leaving(() => new Promise<never>(() => {}))
  departure.begin(removal)
  await pass(1_100)
  expect(done).toEqual(['E_MEMBER_REMOVED'])
})

test('one that stays as a learner hands over and lives on', async () => {
  const { departure, done, pass } = leaving(() => true)
  departure.begin(undefined)
  await pass(40)
  expect(done).toEqual(['hands over'])
})

test('one that stops for another reason meanwhile keeps that reason', async () => {
  const { departure, done, pass, close } = leaving(() => false)
  departure.begin(removal)
  await pass(100)
  close()
  await pass(100)
  expect(done).toEqual([])
})

test('a voter that did not lead stays to vote, and ends when its patience does', async () => {
  const { departure, done, pass } = leaving(() => true)
  departure.linger(removal)
  await pass(900)
  expect(done).toEqual([])
  await pass(200)
  expect(done).toEqual(['E_MEMBER_REMOVED'])
})
