import type { KvWatchResponse } from '@keeper/proto'
import { expect, test } from 'vitest'
import { encodeText } from '../base/codec.js'
import { limits } from '../base/limits.js'
import type { Event } from '../store/types.js'
import { watchKeys } from './kv-watch.js'
import type { ApiContext } from './types.js'
import type { UserListener } from './user-events.js'

const everything = { key: Buffer.of(0), rangeEnd: Buffer.of(0), startRevision: '0', prevKv: false, storeEpoch: '0' }

/** A watch that has begun, the way to tell it events of one entry, what it sent, and how it ended. */
async function begun(request: Partial<typeof everything> = {}) {
  const sent: KvWatchResponse[] = []
  let tell: UserListener = () => {}
  const store = { revision: () => 1 }
  const userEvents = {
    listen: (listener: UserListener) => {
      tell = listener
      return () => {}
    },
  }
  const status = () => ({ identity: { storeEpoch: 2 } })
  const context = { member: { store, status, linearizableRead: async () => {} }, userEvents } as unknown as ApiContext
  const sink = { send: (message: KvWatchResponse) => sent.push(message) > 0, writable: async () => {} }
  const caller = { principal: '', signal: new AbortController().signal }
  const ended = watchKeys(context, { ...everything, ...request }, sink, caller)
  ended.catch(() => {})
  await new Promise((resolve) => setImmediate(resolve))
  return { sent, ended, tell: (events: readonly Event[]) => tell(events) }
}

const put = (modRevision: number, bytes: number): Event => ({
  ...{ keyspace: 'user', type: 'put' },
  kv: {
    ...{ key: encodeText(`k${modRevision}`), value: new Uint8Array(bytes) },
    ...{ createRevision: modRevision, modRevision, version: 1, lease: 0n },
  },
})

test('large changes of one entry come in several messages, each with the revision behind which a client may go on', async () => {
  const { sent, tell } = await begun()
  const half = limits.messageBytesMax / 2
  tell([put(2, 10), put(3, 10), put(4, half), put(5, half)])
  const said = sent.slice(1).map(({ revision, events = [] }) => [revision, events.map(({ kv }) => kv?.modRevision)])
  expect(said).toEqual([
    [3, [2, 3]],
    [4, [4]],
    [5, [5]],
  ])
})

test('the first message says the epoch; a watch goes on within it, and is refused in a cluster that was restored since', async () => {
  const { sent } = await begun({ startRevision: '2', storeEpoch: '2' })
  expect(sent).toEqual([{ revision: 1, events: [], created: true, storeEpoch: 2 }])
  const late = await begun({ startRevision: '2', storeEpoch: '1' })
  await expect(late.ended).rejects.toMatchObject({ code: 'E_STORE_EPOCH' })
  expect(late.sent).toEqual([])
})

test('a watch that goes on from a revision that was never made is refused', async () => {
  const { ended } = await begun({ startRevision: '3' })
  await expect(ended).rejects.toMatchObject({ code: 'E_FUTURE_REVISION' })
})
