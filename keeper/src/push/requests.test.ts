import type { Reply, RequestBatch__Output } from '@keeper/proto'
import { describe, expect, test } from 'vitest'
import { KeeperError } from '../base/errors.js'
import type { SessionView } from './options.js'
import { makeHouse } from './testing/house.js'
import { settled, TestClient } from './testing/test-client.js'

const ask = (client: TestClient, ...sequences: number[]) =>
  client.say({ requests: { lowWater: 1, requests: sequences.map((sequence) => ({ sequence, range: {} })) } })

describe('requests of a session', () => {
  test('are executed for it, and answered together', async () => {
    const asked: [SessionView, RequestBatch__Output][] = []
    const { hub } = makeHouse({
      executeRequests: async (session, batch) => {
        asked.push([session, batch])
        return batch.requests.map(({ sequence }) => ({ sequence, revision: 7 }))
      },
    })
    const client = await TestClient.join(hub, 'room-1')
    ask(client, 1, 2)
    ask(client, 3)
    await settled()
    expect(client.got('replies').map(({ replies }) => replies.map((reply) => reply.sequence))).toEqual([
      ['1', '2', '3'],
    ])
    expect(asked.map(([session, batch]) => [session.id, session.identity.instance, batch.lowWater])).toEqual(
      Array(2).fill([BigInt(client.welcome?.sessionId ?? 0), 'room-1', '1']),
    )
  })

  test('of one frame wait apart: a read of this member alone neither waits nor fails with one that asks the quorum', async () => {
    const { hub } = makeHouse({
      executeRequests: async (_session, { requests }) => {
        if (requests.some(({ range }) => range?.serializable === false))
          throw new KeeperError('E_UNAVAILABLE', 'no quorum')
        if (requests.some(({ txn }) => txn)) return new Promise(() => {})
        return requests.map(({ sequence }) => ({ sequence, revision: 7 }))
      },
    })
    const client = await TestClient.join(hub, 'room-1')
    const requests = [
      { sequence: 1, txn: {} },
      { sequence: 2, range: {} },
      { sequence: 3, range: { serializable: true } },
    ]
    client.say({ requests: { lowWater: 1, requests } })
    await settled()
    expect(
      client.got('replies').flatMap(({ replies }) => replies.map(({ sequence, error }) => [sequence, error?.code])),
    ).toEqual([
      ['3', undefined],
      ['2', 'E_UNAVAILABLE'],
    ])
  })

  test('that fail are each answered with the error', async () => {
    const { hub } = makeHouse({
      executeRequests: async () => {
        throw new KeeperError('E_NO_SPACE', 'full', { quota: 1 })
      },
    })
    const client = await TestClient.join(hub, 'room-1')
    ask(client, 1, 2)
    await settled()
    const error = { code: 'E_NO_SPACE', message: 'full', detailsJson: '{"quota":1}' }
    expect(client.got('replies')[0]?.replies).toMatchObject([
      { sequence: '1', error },
      { sequence: '2', error },
    ])
  })

  test('over the bound are refused, and there is room again after an answer', async () => {
    let answer: (replies: readonly Reply[]) => void = () => {}
    const { hub } = makeHouse({
      limits: { requestsInFlightPerSession: 2 },
      executeRequests: () => new Promise((resolve) => (answer = resolve)),
    })
    const client = await TestClient.join(hub, 'room-1')
    ask(client, 1, 2, 3)
    await settled()
    expect(client.got('replies')[0]?.replies).toMatchObject([{ sequence: '3', error: { code: 'E_TOO_MANY' } }])
    answer([{ sequence: 1 }, { sequence: 2 }])
    await settled()
    ask(client, 3)
    answer([{ sequence: 3 }])
    await settled()
    expect(client.got('replies').at(-1)?.replies).toMatchObject([{ sequence: '3', error: null }])
  })

  test('are not answered on a later stream', async () => {
    let answer: (replies: readonly Reply[]) => void = () => {}
    const { hub } = makeHouse({ executeRequests: () => new Promise((resolve) => (answer = resolve)) })
    const old = await TestClient.join(hub, 'room-1')
    ask(old, 1)
    const next = await TestClient.join(hub, 'room-1', old.credentials)
    answer([{ sequence: 1 }])
    await settled()
    expect([old.got('replies'), next.got('replies')]).toEqual([[], []])
  })

  test('are forbidden by authorize one by one, without ending the stream', async () => {
    const { hub } = makeHouse({
      authorize: (_principal, action) => {
        if (action === 'kv.request') throw new KeeperError('E_PERMISSION', 'no')
      },
    })
    const client = await TestClient.join(hub, 'room-1')
    ask(client, 1)
    await settled()
    expect(client.got('replies')[0]?.replies).toMatchObject([{ sequence: '1', error: { code: 'E_PERMISSION' } }])
    expect(client.connection.ended).toBe(false)
  })
})

test('frames of later keepers are named as unsupported, and the stream goes on', async () => {
  const { hub, log } = makeHouse()
  const client = await TestClient.join(hub, 'room-1', { subscriptions: ['push/room'] })
  client.say({ commandAcks: { acks: [{ id: 'c1' }] } })
  client.say({ telemetry: { samples: Buffer.from('x') } })
  client.say({ discover: { id: 1, role: 'register' } })
  client.raw(Buffer.from([0x7a, 0x00]))
  await settled()
  const replies = client.got('replies').flatMap((batch) => batch.replies)
  expect(replies.map(({ error }) => `${error?.code} ${error?.detailsJson}`)).toEqual([
    'E_UNSUPPORTED {"frame":"commandAcks"}',
    'E_UNSUPPORTED {"frame":"telemetry"}',
    'E_UNSUPPORTED {"frame":"discover"}',
    'E_UNSUPPORTED {"frame":"unknown"}',
  ])
  log.publish({ 'push/room': { value: 1 } })
  expect(client.values).toEqual([['push/room=1']])
})
