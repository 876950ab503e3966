import * as grpc from '@grpc/grpc-js'
import { type FollowView__Output, type PlanPiece__Output, services } from '@keeper/proto'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { systemClock } from '../base/clock.js'
import { silentLogger } from '../base/logger.js'
import { compileTree } from '../compile/compiler.js'
import { type Api, startApi } from './start-api.js'
import { type ApiHouse, bidi, openApi, Stream } from './testing/api-house.js'

/** A keeper whose neighbour, member 2, hangs: room-1 is its own, room-2 the neighbour's. */
let house: ApiHouse
let api: Api
let client: grpc.Client

const entry = (instance: string, member: number) => ({
  ...{ name: 'push/room', cluster: 'push', role: 'room', instance, member, wantedRevision: 3, revision: 3 },
  ...{ hash: '', wantedHash: '', state: 'applied', reason: '', atUnixMs: 1, current: true, connected: true },
})

const live = (instance: string, member: number) => ({
  ...{ namespace: 'default', sessionId: 1n, connected: member === 1, member, startedUnixMs: 0 },
  ...{ lagMs: 0, silentMs: 0, configs: 1, configsCurrent: 1 },
  identity: {
    ...{ cluster: 'push', role: 'room', instance, incarnation: 'i', labels: {}, addresses: {} },
    ...{ host: 'h', pid: 1, sdk: 's' },
  },
})

const everywhere = {
  instances: async () => ({ unreachable: [2], rows: [live('room-1', 1), live('room-2', 2)] }),
  ledger: async () => ({ unreachable: [2], rows: [entry('room-1', 1), entry('room-2', 2)] }),
  watch: () => {},
}

beforeEach(async () => {
  house = await openApi()
  const { member, publisher, hub } = house
  api = await startApi({
    ...{ member, publisher, memberName: 'n1', version: '0', clock: systemClock, logger: silentLogger },
    hub: {
      everywhere,
      readers: hub.readers,
      nameOf: (id: number) => `n${id}`,
      stats: () => hub.stats(),
      drain: () => {},
    },
    address: { host: '127.0.0.1', port: 0 },
    compiler: { compile: async (files: Parameters<typeof compileTree>[0]) => compileTree(files) },
  } as unknown as Parameters<typeof startApi>[0])
  client = new grpc.Client(`127.0.0.1:${api.port}`, grpc.credentials.createInsecure())
  await house.publish({ 'push/room.yaml': 'max: 1\n' })
})

afterEach(async () => {
  client.close()
  await api.close({ drainMs: 0 })
  await house.close()
})

test('a plan counts processes of a member that does not answer as unknown', async () => {
  const call = bidi(client, 'changes', 'Plan')
  const pieces = new Stream<PlanPiece__Output>(call)
  call.write({ header: { source: 'test' } })
  call.write({ file: { path: 'push/room.yaml', bytes: Buffer.from('max: 2\n'), last: true } })
  call.end()
  const [summary, config] = [(await pieces.next())?.summary, (await pieces.next())?.config]
  expect(summary).toMatchObject({ affected: 2, unknown: 1, unreachableMembers: ['n2'] })
  expect(config?.outcomes).toMatchObject([{ processes: 2, unknown: 1 }])
})

test('a wait does not take what they did before for success', async () => {
  const { path, requestSerialize, responseDeserialize } = services.changes.Follow as grpc.MethodDefinition<
    object,
    unknown
  >
  const request = { names: ['push/room'], share: 1, timeoutMs: 50 }
  const call = client.makeServerStreamRequest(path, requestSerialize, responseDeserialize, request)
  const views = new Stream<FollowView__Output>(call)
  const last = await views.find(({ ended }) => ended)
  expect(last).toMatchObject({ processes: 2, applied: 1, unknown: 1, enough: false })
  expect(last.missing).toMatchObject([{ instance: 'room-2', standing: 'unknown' }])
})
