import { expect, test } from 'vitest'
import { limits } from '../base/limits.js'
import type { Command, StoreReader } from '../store/types.js'
import { ProposalQueue } from './proposal-queue.js'
import { Waiters } from './waiters.js'
import { Writes } from './writes.js'

const command: Command = { principal: 'test', body: { kind: 'compact', keyspace: 'user', revision: 1 } }

function makeWrites(elsewhere: number, since?: () => number): { writes: Writes; queue: ProposalQueue } {
  const queue = new ProposalQueue(10)
  const writes = new Writes({
    queue,
    waiters: new Waiters({ applied: 0, patienceTicks: 10 }),
    store: { bytesInUse: () => 0, clusterVersion: () => 3 } as unknown as StoreReader,
    mayNotGrow: () => undefined,
    forwarded: () => elsewhere,
    closed: () => undefined,
    wake: () => {},
    ...(since && { since }),
  })
  return { writes, queue }
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
