import { expect, test } from 'vitest'
import { KeeperError } from '../base/errors.js'
import { limits } from '../base/limits.js'
import type { Command, CommandResult, Operation, StoreReader } from '../store/types.js'
import { commandsBytesMax, ProposalQueue } from './proposal-queue.js'
import { Waiters } from './waiters.js'
import { Writes } from './writes.js'

const put = (key: string, valueBytes = 1): Command => {
  const asked = { prevKv: false, revisionSuffix: false, ignoreValue: false, ignoreLease: false }
  const success: Operation[] = [
    { kind: 'put', key: Buffer.from(key), value: new Uint8Array(valueBytes), lease: 0n, ...asked },
  ]
  return { principal: 'test', body: { kind: 'txn', keyspace: 'user', txn: { compares: [], success, failure: [] } } }
}
/** What the log makes of a bundle: command i of it comes to revision i. */
const revisions = (count: number): CommandResult[] =>
  Array.from({ length: count }, (_, i) => ({ ok: true, revision: i, succeeded: true, results: [] }))

const command: Command = { principal: 'test', body: { kind: 'compact', keyspace: 'user', revision: 1 } }

function makeWrites(
  elsewhere: number,
  since?: () => number,
  mayNotGrow: () => KeeperError | undefined = () => undefined,
): { writes: Writes; queue: ProposalQueue; waiters: Waiters } {
  const queue = new ProposalQueue(10)
  const waiters = new Waiters({ applied: 0, patienceTicks: 10 })
  const writes = new Writes({
    queue,
    waiters,
    store: { bytesInUse: () => 0, clusterVersion: () => 3 } as unknown as StoreReader,
    mayNotGrow,
    forwarded: () => elsewhere,
    closed: () => undefined,
    wake: () => {},
    ...(since && { since }),
  })
  return { writes, queue, waiters }
}

test('takes as many proposals as may be under way, wherever they are, and no more', async () => {
  const { writes, queue } = makeWrites(limits.proposalQueueMax - 1)
  void writes.propose(command)
  await expect(writes.propose(command)).rejects.toMatchObject({ code: 'E_TOO_MANY' })
  expect(queue.count).toBe(1)
})

test('gives up what no leader took', async () => {
  const { writes, queue } = makeWrites(0)
  const proposal = writes.propose(command)
  for (let tick = 0; tick < 10; tick++) queue.tick()
  await expect(proposal).rejects.toMatchObject({ code: 'E_PROPOSAL_DROPPED' })
  expect(queue.count).toBe(0)
})

test('does not propose what a member of the cluster would not understand', async () => {
  const { writes, queue } = makeWrites(0, () => 4)
  await expect(writes.propose(command)).rejects.toMatchObject({ code: 'E_UNSUPPORTED' })
  expect(queue.count).toBe(0)
  const fit = makeWrites(0, () => 3)
  void fit.writes.propose(command)
  expect(fit.queue.count).toBe(1)
})

test('commands that come together are one bundle of the queue, and each gets its own result', async () => {
  const { writes, queue, waiters } = makeWrites(0)
  const outcomes = writes.proposeTogether([put('a'), put('b'), put('c')])
  const group = queue.peek()
  expect(group).toMatchObject({ count: 3, bundles: [{ commands: { count: 3 } }] })
  group?.bundles[0]?.placed({ index: 1, term: 1, offset: 0 })
  waiters.applied({ index: 1, term: 1, wallMs: 0, results: revisions(3), events: [] }, false)
  expect(await outcomes).toEqual(revisions(3))
})

test('one of them that is refused keeps none of the others', async () => {
  const full = () => new KeeperError('E_NO_SPACE', 'the store is full')
  const { writes, queue, waiters } = makeWrites(0, undefined, full)
  const outcomes = writes.proposeTogether([put('a'), command])
  const group = queue.peek()
  expect(group).toMatchObject({ count: 1 })
  group?.bundles[0]?.placed({ index: 1, term: 1, offset: 0 })
  waiters.applied({ index: 1, term: 1, wallMs: 0, results: revisions(1), events: [] }, false)
  expect(await outcomes).toMatchObject([{ code: 'E_NO_SPACE' }, { ok: true, revision: 0 }])
})

test('what is too much for one entry goes in several', () => {
  const { writes, queue } = makeWrites(0)
  const bytes = Math.ceil(commandsBytesMax / 2)
  void writes.proposeTogether([put('a', bytes), put('b', bytes)])
  expect(queue.count).toBe(2)
  expect(queue.peek()).toMatchObject({ count: 1 })
})

test('nothing at all is not proposed', async () => {
  const { writes, queue } = makeWrites(0)
  expect(await writes.proposeTogether([])).toEqual([])
  expect(queue.count).toBe(0)
})

test('what befalls the bundle befalls all who are in it', async () => {
  const { writes, queue } = makeWrites(0)
  const outcomes = writes.proposeTogether([put('a'), put('b')])
  for (let tick = 0; tick < 10; tick++) queue.tick()
  await expect(outcomes).rejects.toMatchObject({ code: 'E_PROPOSAL_DROPPED' })
  expect(queue.count).toBe(0)
})
