import { expect, test } from 'vitest'
import { KeeperError } from '../base/errors.js'
import type { CommandResult } from '../store/types.js'
import { Waiters } from './waiters.js'

const result = (revision: number): CommandResult => ({ ok: true, revision, succeeded: true, results: [] })
const entry = (index: number, term: number, ...revisions: number[]) => ({
  index,
  term,
  wallMs: 0,
  results: revisions.map(result),
  events: [],
})

const make = () => new Waiters({ applied: 0, patienceTicks: 3 })
const wait = (waiters: Waiters, index: number, term: number, offset: number): Promise<CommandResult> =>
  new Promise((resolve, reject) =>
    waiters.place(
      { index, term, offset },
      { count: 1, resolve: ([result]) => resolve(result as CommandResult), reject },
    ),
  )

test('each gets its own command’s result', async () => {
  const waiters = make()
  const [a, b] = [wait(waiters, 1, 5, 0), wait(waiters, 1, 5, 1)]
  waiters.applied(entry(1, 5, 7, 8), false)
  expect(await Promise.all([a, b])).toEqual([result(7), result(8)])
  expect(waiters.count).toBe(0)
})

test('who proposed several commands at once gets their results, and is counted with all of them', async () => {
  const waiters = make()
  const all = new Promise<readonly CommandResult[]>((resolve, reject) =>
    waiters.place({ index: 1, term: 5, offset: 1 }, { count: 3, resolve, reject }),
  )
  const last = wait(waiters, 1, 5, 4)
  expect(waiters.count).toBe(4)
  waiters.applied(entry(1, 5, 6, 7, 8, 9, 10), false)
  expect(await all).toEqual([7, 8, 9].map(result))
  expect(await last).toEqual(result(10))
  expect(waiters.count).toBe(0)
})

test('an entry that holds fewer commands than were placed there answers nobody', async () => {
  const waiters = make()
  const all = new Promise((resolve, reject) =>
    waiters.place({ index: 1, term: 5, offset: 0 }, { count: 2, resolve, reject }),
  )
  waiters.applied(entry(1, 5, 7), false)
  await expect(all).rejects.toMatchObject({ code: 'E_INTERNAL' })
})

test('an entry of another term in its place proves that a proposal is gone', async () => {
  const waiters = make()
  const proposal = wait(waiters, 1, 5, 0)
  waiters.applied(entry(1, 6, 7), false)
  await expect(proposal).rejects.toMatchObject({ code: 'E_PROPOSAL_DROPPED' })
})

test('who learns late where a proposal went still gets its result', async () => {
  const waiters = make()
  waiters.applied(entry(1, 5, 7), true)
  expect(await wait(waiters, 1, 5, 0)).toEqual(result(7))
})

test('who learns too late, or waits without a leader, or is overtaken by a snapshot is left uncertain', async () => {
  const waiters = make()
  for (let index = 1; index <= 300; index++) waiters.applied(entry(index, 5, index), true)
  await expect(wait(waiters, 1, 5, 0)).rejects.toMatchObject({ code: 'E_UNCERTAIN' })
  const patient = wait(waiters, 301, 5, 0)
  for (let tick = 0; tick < 3; tick++) waiters.tick()
  await expect(patient).rejects.toMatchObject({ code: 'E_UNCERTAIN' })
  const overtaken = wait(waiters, 310, 5, 0)
  waiters.skippedTo(320)
  await expect(overtaken).rejects.toMatchObject({ code: 'E_UNCERTAIN' })
})

test('a member that stops leaves uncertain what stands in its log; one that halted says why', async () => {
  const waiters = make()
  const [first, second] = [wait(waiters, 1, 5, 0), wait(waiters, 1, 5, 1)]
  waiters.rejectAll(new KeeperError('E_STOPPED', 'this keeper stopped'))
  await expect(first).rejects.toMatchObject({ code: 'E_UNCERTAIN' })
  await expect(second).rejects.toMatchObject({ code: 'E_UNCERTAIN' })
  const third = wait(waiters, 2, 5, 0)
  waiters.rejectAll(new KeeperError('E_DISK', 'this member halted'))
  await expect(third).rejects.toMatchObject({ code: 'E_DISK' })
})
