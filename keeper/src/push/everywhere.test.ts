import { describe, expect, test } from 'vitest'
import { KeeperError } from '../base/errors.js'
import { makeHouse, makeHub } from './testing/house.js'
import { hashOf } from './testing/shared-log.js'
import { holding, settled, TestClient } from './testing/test-client.js'
import type { LedgerEntry } from './types.js'

const subscriptions = ['push/room']

/** Two members with a hub each; the process room-1 is at the first, room-2 at the second. */
async function twoHouses(limits: object = {}) {
  const { hub, log, member, clock } = makeHouse({ limits }, ['n1', 'n2'])
  const [, second] = log.members
  if (!second) throw new Error('two members')
  const hub2 = makeHub(second, clock, { limits })
  log.announce(1, 'a:1')
  log.announce(2, 'b:1')
  const revision = log.publish({ 'push/room': { value: 1 } })
  const near = await TestClient.join(hub, 'room-1', { subscriptions })
  const far = await TestClient.join(hub2, 'room-2', { subscriptions })
  /** The second member answers nobody any more. */
  const cut = () => {
    member.ask = () => Promise.reject(new KeeperError('E_TIMEOUT', 'no answer'))
  }
  return { hub, hub2, log, member, second, clock, near, far, revision, cut }
}

const said = (rows: readonly LedgerEntry[]) => rows.map(({ instance, state }) => `${instance} ${state}`).sort()

describe('the ledger of all members', () => {
  test('has of each process what the member with its stream knows', async () => {
    const { hub, hub2, near, far } = await twoHouses()
    near.ack(near.pushes[0])
    far.ack(far.pushes[0], { state: 'ACK_STATE_REJECTED', reason: 'no' })
    const seen = await Promise.all([hub, hub2].map(({ everywhere }) => everywhere.ledger({ name: 'push/room' })))
    expect(seen.map(({ rows }) => said(rows))).toEqual(Array(2).fill(['room-1 applied', 'room-2 rejected']))
    expect(seen.map(({ unreachable }) => unreachable)).toEqual([[], []])
  })

  test('calls unknown what a member that does not answer would know, and names it', async () => {
    const { hub, near, far, cut } = await twoHouses()
    near.ack(near.pushes[0])
    far.ack(far.pushes[0])
    cut()
    const { rows, unreachable } = await hub.everywhere.ledger({ name: 'push/room' })
    expect([said(rows), unreachable.map((id) => hub.nameOf(id))]).toEqual([
      ['room-1 applied', 'room-2 unknown'],
      ['n2'],
    ])
    expect(rows.find(({ instance }) => instance === 'room-2')).toMatchObject({ current: false, connected: false })
  })

  test('misses nobody when all processes have left the member that does not answer', async () => {
    const { hub, revision, far, cut } = await twoHouses()
    cut()
    const held = [holding('push/room', revision, hashOf(1))]
    await TestClient.join(hub, 'room-2', { ...far.credentials, subscriptions, held })
    const { rows, unreachable } = await hub.everywhere.ledger({ name: 'push/room' })
    expect([said(rows), unreachable]).toEqual([['room-1 sent', 'room-2 applied'], []])
  })

  test('calls unknown who is said to be with a member that knows nothing of him yet', async () => {
    const { hub, hub2, second, clock } = await twoHouses()
    hub2.close()
    makeHub(second, clock)
    const { rows, unreachable } = await hub.everywhere.ledger({ name: 'push/room' })
    expect([said(rows), unreachable]).toEqual([['room-1 sent', 'room-2 unknown'], []])
  })

  test('does not wait for a process that is meant, and never asked for the config', async () => {
    const { hub, log } = await twoHouses()
    log.publish({ 'push/common': { value: 'c' } })
    expect((await hub.everywhere.ledger({ name: 'push/common' })).rows).toEqual([])
  })

  test('does not take the word of a member that had not heard yet of whom it got', async () => {
    const { hub, member } = await twoHouses()
    const ask = member.ask.bind(member)
    member.ask = async (...question) => {
      const page = JSON.parse(Buffer.from(await ask(...question)).toString())
      return Buffer.from(JSON.stringify({ ...page, items: [], revision: 2 }))
    }
    expect(said((await hub.everywhere.ledger({ name: 'push/room' })).rows)).toEqual(['room-1 sent', 'room-2 unknown'])
  })

  test('comes whole in however many answers it takes', async () => {
    const { hub, hub2, log } = await twoHouses({ ledgerPageBytes: 600 })
    log.publish({ 'push/common': { value: 'c' } })
    for (let at = 0; at < 20; at++)
      await TestClient.join(hub2, `far-${at}`, { subscriptions: ['push/room', 'push/common'] })
    const { rows } = await hub.everywhere.ledger({})
    expect(new Set(rows.map(({ name, instance }) => `${name} ${instance}`)).size).toBe(42)
    expect(rows).toHaveLength(42)
    expect((await hub.everywhere.instances()).rows).toHaveLength(22)
  })

  test('counts one on his way between two members once, as the one with the stream says', async () => {
    const { hub, hub2, far, near, member } = await twoHouses()
    member.silently(() => {
      near.disconnect()
      void TestClient.join(hub2, 'room-1', { ...near.credentials, subscriptions })
    })
    await settled()
    expect(far.goodbye).toBeUndefined()
    const { rows } = await hub.everywhere.ledger({ name: 'push/room' })
    expect(rows.filter(({ instance }) => instance === 'room-1')).toMatchObject([{ member: 2, connected: true }])
  })
})

describe('the processes of all members', () => {
  test('come with what is known of them where they are: lag, silence, sessions of every digit', async () => {
    const { hub, far, clock } = await twoHouses()
    far.say({ heartbeat: { sequence: 1, eventLoopLagMs: 70 } })
    clock.advance(12_000)
    const { rows } = await hub.everywhere.instances()
    const found = rows.find(({ identity }) => identity.instance === 'room-2')
    expect(found).toMatchObject({ connected: true, member: 2, lagMs: 70, silentMs: 12_000 })
    expect(String(found?.sessionId)).toBe(far.welcome?.sessionId)
  })
})

describe('whoever watches the ledger', () => {
  async function watching(names?: readonly string[]) {
    const house = await twoHouses()
    const stop = new AbortController()
    let notes = 0
    house.hub.everywhere.watch(names, stop.signal, () => void notes++)
    await settled()
    /** Time for coalescing, the pause between questions, and the answers. */
    const pass = async () => {
      for (let turn = 0; turn < 10; turn++) {
        house.clock.advance(50)
        await settled()
      }
    }
    await pass()
    const notesOf = async (act: () => void) => {
      const before = notes
      act()
      await pass()
      return notes - before
    }
    return { ...house, stop, notesOf }
  }

  test('is told of a change at another member, once', async () => {
    const { far, notesOf } = await watching(['push/room'])
    expect(await notesOf(() => far.ack(far.pushes[0]))).toBe(1)
    expect(await notesOf(() => {})).toBe(0)
  })

  test('is told when the other member answers no more, and of nothing after he stopped', async () => {
    const { far, cut, stop, clock, notesOf } = await watching()
    cut()
    expect(await notesOf(() => far.disconnect())).toBeGreaterThan(0)
    stop.abort()
    await settled()
    expect(await notesOf(() => far.ack(far.pushes[0]))).toBe(0)
    clock.advance(60_000)
    await settled()
    expect(clock.pending).toBe(0)
  })
})
