import { expect, test } from 'vitest'
import type { PeerMessage } from '../transport/types.js'
import { Renewals } from './renewals.js'

const settled = () => new Promise((resolve) => setImmediate(resolve))

/** A follower whose leader the test names; what it sends is seen, and nobody answers but the test. */
function follower() {
  const sent: { to: number; message: Extract<PeerMessage, { kind: 'renew' }> }[] = []
  const here: bigint[][] = []
  const world = { leader: 1 as number | 'self' | undefined }
  const renewals = new Renewals(
    {
      leader: () => world.leader,
      send: (to, messages) => {
        for (const message of messages) if (message.kind === 'renew') sent.push({ to, message })
      },
      nextTurn: (run) => void setImmediate(run),
    },
    {
      renew: async (_keyspace, ids) => {
        here.push([...ids])
        return []
      },
    },
    { incarnation: 'f', retryTicks: 5, patienceTicks: 50 },
  )
  const tick = (times: number) => {
    for (let at = 0; at < times; at++) renewals.tick()
  }
  const answer = (at: number) => renewals.renewed({ kind: 'renewed', id: sent[at]?.message.id ?? '', unknown: [8n] })
  return { renewals, world, sent, here, tick, answer }
}

test('a renewal that its leader took to its grave is renewed by the next one, as soon as that is known', async () => {
  const { renewals, world, sent, tick, answer } = follower()
  const outcome = renewals.renew('user', [7n, 8n])
  await settled()
  world.leader = undefined
  tick(8)
  expect(sent.map(({ to }) => to)).toEqual([1])
  world.leader = 3
  tick(1)
  expect(sent.map(({ to }) => to)).toEqual([1, 3])
  expect(sent[1]?.message).toEqual(sent[0]?.message)
  answer(1)
  expect(await outcome).toEqual([8n])
})

test('a renewal goes on here when this member leads now', async () => {
  const { renewals, world, here, tick } = follower()
  const outcome = renewals.renew('system', [7n])
  await settled()
  world.leader = 'self'
  tick(1)
  expect(await outcome).toEqual([])
  expect(here).toEqual([[7n]])
})

test('a renewal that was lost on its way is sent again, seldom, and given up in time', async () => {
  const { renewals, sent, tick } = follower()
  const outcome = expect(renewals.renew('user', [7n])).rejects.toMatchObject({ code: 'E_UNAVAILABLE' })
  await settled()
  tick(4)
  expect(sent).toHaveLength(1)
  tick(1)
  expect(sent).toHaveLength(2)
  tick(45)
  expect(sent).toHaveLength(10)
  await outcome
  tick(20)
  expect(sent).toHaveLength(10)
})

test('an answer that comes twice does no harm', async () => {
  const { renewals, sent, tick, answer } = follower()
  const outcome = renewals.renew('user', [7n, 8n])
  await settled()
  tick(5)
  expect(sent).toHaveLength(2)
  answer(0)
  answer(1)
  expect(await outcome).toEqual([8n])
  tick(50)
  expect(sent).toHaveLength(2)
})
