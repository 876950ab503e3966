import { afterEach, describe, expect, test } from 'vitest'
import { systemClock } from '../base/clock.js'
import { silentLogger } from '../base/logger.js'
import { systemRandom } from '../base/random.js'
import { idOf, LocalCluster, soon } from '../node/testing/local-cluster.js'
import type { StartedMember } from '../node/types.js'
import { PushHub } from './hub.js'
import { type Publication, publishBodies } from './testing/shared-log.js'
import { room, TestClient } from './testing/test-client.js'

/** Hubs on real members: what is said here goes through a log that others must agree on. */
const hubs: PushHub[] = []
let cluster: LocalCluster | undefined

afterEach(async () => {
  for (const hub of hubs.splice(0)) hub.close()
  await cluster?.end()
  cluster = undefined
})

function hubOn(member: StartedMember): PushHub {
  const hub = new PushHub({
    member,
    memberName: `n${idOf(member)}`,
    clock: systemClock,
    random: systemRandom,
    logger: silentLogger,
    executeRequests: async (_session, { requests }) => requests.map(({ sequence }) => ({ sequence })),
  })
  hubs.push(hub)
  return hub
}

async function publish(member: StartedMember, configs: Record<string, Publication>): Promise<void> {
  for (const body of publishBodies(configs)) await member.propose({ principal: 'ops', body })
}

async function joined(hub: PushHub, instance: string, requestedTtlMs = 15_000): Promise<TestClient> {
  const client = new TestClient(hub)
  client.hello({ identity: room(instance), subscriptions: ['push/room'], requestedTtlMs })
  await soon(() => client.welcome)
  return client
}

const sessionOf = (client: TestClient): bigint => BigInt(client.welcome?.sessionId ?? 0)

describe('a process at a learner', () => {
  test('has a session, is sent what is published at the leader, and lives by its heartbeats', async () => {
    cluster = await LocalCluster.begin(1)
    const leader = await cluster.leader()
    await leader.changeMembership({ transition: 'auto', changes: [{ type: 'addLearnerNode', id: 2 }] })
    const learner = await cluster.start(2)
    await soon(() => learner.status().leader === idOf(leader))
    const client = await joined(hubOn(learner), 'room-1')
    await publish(leader, { 'push/room': { value: 'new' } })
    await soon(() => client.values.length > 0)
    expect(client.values).toEqual([['push/room="new"']])
    const left = await soon(() => leader.leaseRemainingMs('system', sessionOf(client)))
    await soon(() => (leader.leaseRemainingMs('system', sessionOf(client)) ?? left) < left - 200)
    client.say({ heartbeat: { sequence: 1 } })
    await soon(() => (leader.leaseRemainingMs('system', sessionOf(client)) ?? 0) > left - 100)
    expect((await hubOn(leader).everywhere.instances()).rows).toMatchObject([{ connected: true, member: 2 }])
  })
})

describe('processes at a follower', () => {
  test('that come together share entries of the log', async () => {
    cluster = await LocalCluster.begin(3)
    const follower = await cluster.follower()
    const hub = hubOn(follower)
    const before = follower.status().commitIndex
    await Promise.all(Array.from({ length: 200 }, (_, at) => joined(hub, `room-${at}`)))
    expect(follower.status().commitIndex - before).toBeLessThan(20)
  })

  test('that dies get their full time from when the leader knows, and go on at another with what they had', async () => {
    cluster = await LocalCluster.begin(3)
    const [leader, follower] = [await cluster.leader(), await cluster.follower()]
    const client = await joined(hubOn(follower), 'room-1', 6_000)
    await publish(leader, { 'push/room': { value: 1 } })
    await soon(() => client.pushes[0])
    client.say({ heartbeat: { sequence: 1 } })
    await soon(() => (leader.leaseRemainingMs('system', sessionOf(client)) ?? 0) > 5_900)
    await soon(() => (leader.leaseRemainingMs('system', sessionOf(client)) ?? 6_000) < 5_800)
    cluster.cut.add(idOf(follower))
    await soon(() => (leader.leaseRemainingMs('system', sessionOf(client)) ?? 0) > 5_900)
    const other = [...cluster.members.values()].find((member) => member !== leader && member !== follower)
    if (!other) throw new Error('three members')
    const back = new TestClient(hubOn(other))
    const [push] = client.pushes
    const held = [
      { name: 'push/room', storeEpoch: 1, revision: push?.revision ?? 0, hash: push?.changes[0]?.hash ?? '' },
    ]
    back.hello({ identity: room('room-1'), subscriptions: ['push/room'], held, ...client.credentials })
    await soon(() => back.welcome)
    expect(back.welcome).toMatchObject({ resumed: true, pending: 0, current: ['push/room'], attachment: '2' })
  })
})
