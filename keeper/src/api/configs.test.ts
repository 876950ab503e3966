import type {
  ApplyRequest__Output,
  ApplyResponse__Output,
  ConfigView__Output,
  HistoryResponse__Output,
  LedgerView__Output,
  ListConfigsResponse__Output,
  PublishResult__Output,
} from '@keeper/proto'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { limits } from '../base/limits.js'
import { gather } from './apply.js'
import { type ApiHouse, bidi, openApi, type SessionCall, Stream } from './testing/api-house.js'
import { TreeGatherer } from './tree-gatherer.js'

let house: ApiHouse
beforeEach(async () => {
  house = await openApi()
})
afterEach(() => house.close())

type Files = Record<string, string>

/** Sends header and files, and gives the stream of answers. */
function apply(files: Files, header: object = {}): Stream<ApplyResponse__Output> {
  const call = bidi(house.client, 'configs', 'Apply')
  const stream = new Stream<ApplyResponse__Output>(call)
  call.write({ header: { source: 'cli', author: 'ops', reason: 'because', ...header } })
  for (const [path, text] of Object.entries(files)) call.write({ file: { path, bytes: Buffer.from(text), last: true } })
  call.end()
  return stream
}

async function applied(files: Files, header: object = {}): Promise<PublishResult__Output> {
  const answer = await apply(files, header).next()
  if (!answer?.result) throw new Error('no result')
  return answer.result
}

const get = (request: object) => house.call<ConfigView__Output>('configs', 'Get', request)
const room = (max: number): Files => ({ 'push/room.yaml': `max: ${max}\n` })

/** A process that says of each push what it does with it. */
async function process(instance: string, state: 'ACK_STATE_APPLIED' | 'ACK_STATE_REJECTED', labels = {}) {
  const call: SessionCall = house.attach()
  call.hello(instance, ['push/room'], labels)
  await call.next()
  const run = async () => {
    for (;;) {
      const { push } = await call.find((frame) => frame.kind === 'push')
      const { storeEpoch = '1', revision = '0' } = push ?? {}
      call.write({ acks: { acks: [{ storeEpoch, revision, state, reason: 'too many', atUnixMs: 1 }] } })
    }
  }
  run().catch(() => {})
  return call
}

test('apply publishes a directory and says what it did', async () => {
  const result = await applied(room(1))
  expect(result).toMatchObject({
    ok: true,
    changed: true,
    deltas: [{ name: 'push/room', kind: 'added', reaches: 0 }],
  })
  expect(await get({ name: 'push/room' })).toMatchObject({
    revision: result.revision,
    valueJson: '{"max":1}',
    storeEpoch: '1',
  })
  expect(await applied(room(1))).toMatchObject({ ok: true, changed: false, revision: result.revision })
})

test('a file may come in pieces', async () => {
  const call = bidi(house.client, 'configs', 'Apply')
  const stream = new Stream<ApplyResponse__Output>(call)
  call.write({ header: { source: 'cli' } })
  for (const [bytes, last] of [
    ['ma', false],
    ['x: ', false],
    ['7', true],
  ] as const) {
    call.write({ file: { path: 'push/room.yaml', bytes: Buffer.from(bytes), last } })
  }
  call.end()
  expect((await stream.next())?.result).toMatchObject({ ok: true })
  expect((await get({ name: 'push/room' })).valueJson).toBe('{"max":7}')
})

test('files with errors come back with all diagnostics, and nothing moves', async () => {
  await applied(room(1))
  const schema = { 'push/room.schema.json': '{"type":"object","properties":{"max":{"type":"integer"}}}' }
  const result = await applied({ ...schema, 'push/room.yaml': 'max: lots\n' })
  expect(result).toMatchObject({ ok: false, changed: false, status: { code: 'E_INVALID_CONFIG' } })
  expect(result.diagnostics).toMatchObject([
    { severity: 'error', file: 'push/room.yaml', line: 1, column: 6, pointer: '/max' },
  ])
  expect((await get({ name: 'push/room' })).valueJson).toBe('{"max":1}')
})

test('what the client could not read is an error of the directory', async () => {
  const call = bidi(house.client, 'configs', 'Apply')
  const stream = new Stream<ApplyResponse__Output>(call)
  call.write({ header: { source: 'cli' } })
  call.write({
    problem: { severity: 'error', rule: 'read/permission', file: 'push/x.yaml', message: 'cannot be read' },
  })
  call.end()
  expect((await stream.next())?.result).toMatchObject({ ok: false, diagnostics: [{ file: 'push/x.yaml' }] })
})

const file = (length: number, bytes: number, last: boolean) => ({
  file: { path: 'a.yaml', bytes: Buffer.alloc(bytes), last, length },
})

test.each([
  ['files before the header', [{ file: { path: 'a.yaml', bytes: Buffer.alloc(0), last: true } }], 'E_FRAME_ORDER'],
  ['no header', [], 'E_FRAME_ORDER'],
  ['two headers', [{ header: {} }, { header: {} }], 'E_FRAME_ORDER'],
  ['a file without an end', [{ header: {} }, { file: { path: 'a.yaml', bytes: Buffer.alloc(1) } }], 'E_FRAME_ORDER'],
  ['a file longer than it was said to be', [{ header: {} }, file(1, 2, true)], 'E_INVALID_ARGUMENT'],
  ['a file shorter than it was said to be', [{ header: {} }, file(3, 2, true)], 'E_INVALID_ARGUMENT'],
  ['a file that is said to be too long', [{ header: {} }, file(limits.fileBytesMax + 1, 2, true)], 'E_TOO_LARGE'],
  ['a path that climbs', [{ header: {} }, { file: { path: '../a.yaml', last: true } }], 'E_INVALID_ARGUMENT'],
  ['a share of 2', [{ header: { waitShare: 2 } }], 'E_INVALID_ARGUMENT'],
  ['a share that is no number', [{ header: { waitShare: Number.NaN } }], 'E_INVALID_ARGUMENT'],
])('apply with %s is refused', async (_what, messages, code) => {
  const call = bidi(house.client, 'configs', 'Apply')
  const stream = new Stream(call)
  for (const message of messages) call.write(message)
  call.end()
  await expect(stream.next()).rejects.toMatchObject({ code })
})

test.each([
  ['bytes', { treeBytesMax: 100, treeFilesMax: 9 }, 'bytes'],
  ['files', { treeBytesMax: 10_000, treeFilesMax: 3 }, 'files'],
])('a directory with too many %s is refused while it comes', async (_what, bounds, words) => {
  let sent = 0
  async function* requests() {
    yield { header: {} } as ApplyRequest__Output
    for (; sent < 1_000; sent++) {
      yield { file: { path: `f${sent}.yaml`, bytes: Buffer.alloc(40), last: true } } as ApplyRequest__Output
    }
  }
  await expect(gather(requests(), new TreeGatherer(bounds), async () => {})).rejects.toMatchObject({
    code: 'E_TOO_LARGE',
    message: expect.stringContaining(words),
  })
  expect(sent).toBeLessThan(5)
})

test('the compiler forgets once for an apply, however often it is said that a file is large', async () => {
  const large = { path: 'a.json', bytes: Buffer.alloc(0), last: false, length: limits.compileHeavyBytes }
  async function* requests() {
    yield { header: {} } as ApplyRequest__Output
    for (let at = 0; at < 5; at++) yield { file: large } as ApplyRequest__Output
  }
  let forgot = 0
  const tree = gather(requests(), new TreeGatherer(limits), async () => {
    forgot++
  })
  await expect(tree).rejects.toMatchObject({ code: 'E_FRAME_ORDER' })
  expect(forgot).toBe(1)
})

test('a message over the limit of messages is refused by a status, and the connection lives', async () => {
  const call = bidi(house.client, 'configs', 'Apply')
  const stream = new Stream(call)
  call.write({ header: { source: 'x'.repeat(limits.messageBytesMax + 1) } })
  await expect(stream.next()).rejects.toMatchObject({ grpc: 8 })
  expect(await applied(room(1))).toMatchObject({ ok: true })
})

test('apply waits until the share has applied, and shows the way there', async () => {
  const first = await process('room-1', 'ACK_STATE_APPLIED')
  const stream = apply(room(1), { waitShare: 1, waitTimeoutMs: 20_000 })
  expect((await stream.next())?.result).toMatchObject({ ok: true, deltas: [{ reaches: 1 }] })
  const last = await stream.find(({ progress }) => (progress?.current ?? 0) === 1)
  expect(last.progress).toMatchObject({
    processes: 1,
    rejected: 0,
    rows: [{ instance: 'room-1', state: 'ACK_STATE_APPLIED' }],
  })
  expect(await stream.next()).toBeUndefined()
  first.cancel()
})

test('apply ends its wait when too many rejected to reach the share', async () => {
  const first = await process('room-1', 'ACK_STATE_REJECTED')
  const stream = apply(room(1), { waitShare: 1, waitTimeoutMs: 20_000 })
  const last = await stream.find(({ progress }) => (progress?.rejected ?? 0) === 1)
  expect(last.progress?.rows).toMatchObject([{ instance: 'room-1', reason: 'too many', current: false }])
  expect(await stream.next()).toBeUndefined()
  first.cancel()
})

test('apply ends its wait at the timeout, with who is missing', async () => {
  const silent = house.attach()
  silent.hello('room-1', ['push/room'])
  await silent.next()
  const stream = apply(room(1), { waitShare: 1, waitTimeoutMs: 50 })
  await stream.next()
  expect((await stream.next())?.progress).toMatchObject({ processes: 1, current: 0 })
  await expect(stream.find(() => false)).rejects.toThrow('ended')
  silent.cancel()
})

test('get gives the value for an instance, for labels, or the base; at a revision, or so many steps back', async () => {
  const overlay = { 'push/room@zone=bj.yaml': 'max: 5\n' }
  const first = await applied({ ...room(1), ...overlay })
  await applied({ ...room(2), ...overlay })
  const bj = await process('room-bj', 'ACK_STATE_APPLIED', { zone: 'bj' })
  const labels = { cluster: 'push', role: 'room' }
  const value = async (request: object) => (await get({ name: 'push/room', ...request })).valueJson
  expect(await value({})).toBe('{"max":2}')
  expect(await value({ asLabels: labels })).toBe('{"max":2}')
  expect(await value({ asLabels: { ...labels, zone: 'bj' } })).toBe('{"max":5}')
  expect(await value({ asInstance: 'room-bj' })).toBe('{"max":5}')
  expect(await value({ revision: first.revision })).toBe('{"max":1}')
  expect(await value({ stepsBack: 1 })).toBe('{"max":1}')
  expect(await get({ name: 'push/room', asInstance: 'room-bj' })).toMatchObject({
    overlays: ['push/room@zone=bj.yaml'],
    revision: first.revision,
  })
  bj.cancel()
})

test.each([
  [{ name: 'push/none' }, 'E_NOT_FOUND', 5],
  [{ name: 'push/room', asInstance: 'nobody' }, 'E_NOT_FOUND', 5],
  [{ name: 'push/room', asLabels: { cluster: 'other', role: 'room' } }, 'E_NOT_IN_AUDIENCE', 7],
  [{ name: 'push/room', revision: 1 }, 'E_NOT_FOUND', 5],
  [{ name: 'push/room', stepsBack: 9 }, 'E_NOT_FOUND', 5],
  [{ name: 'push/room', revision: '18446744073709551615' }, 'E_INVALID_ARGUMENT', 3],
])('get %j is a typed error', async (request, code, grpc) => {
  await applied(room(1))
  await expect(get(request)).rejects.toMatchObject({ code, grpc })
})

test('watch waits for a config that is not there yet, and tells of each new value for this viewer', async () => {
  const labels = { cluster: 'push', role: 'room', zone: 'bj' }
  const stream = house.stream<ConfigView__Output>('configs', 'Watch', { name: 'push/room', asLabels: labels })
  const overlay = { 'push/room@zone=bj.yaml': 'max: 5\n' }
  await applied({ ...room(1), ...overlay })
  expect((await stream.next())?.valueJson).toBe('{"max":5}')
  // The base changes, bj's value does not; then bj's does.
  await applied({ ...room(2), ...overlay })
  await applied({ ...room(2), 'push/room@zone=bj.yaml': 'max: 6\n' })
  expect((await stream.next())?.valueJson).toBe('{"max":6}')
  await applied({ 'push/common.yaml': 'a: 1\n' })
  expect(await stream.next()).toMatchObject({ removed: true })
  expect(stream.waiting).toBe(0)
  stream.cancel()
})

test('history, newest first, with who and why; list and release', async () => {
  await applied(room(1), { reason: 'begin' })
  await applied(room(2), { reason: 'more', gitCommit: 'abc123' })
  const back = await house.call<PublishResult__Output>('configs', 'Rollback', {
    name: 'push/room',
    stepsBack: 1,
    author: 'oncall',
  })
  const { entries } = await house.call<HistoryResponse__Output>('configs', 'History', { name: 'push/room' })
  expect(entries.map(({ reason, source, action }) => [reason, source, action])).toEqual([
    ['', 'rollback', 'rollback'],
    ['more', 'cli @ abc123', 'apply'],
    ['begin', 'cli', 'apply'],
  ])
  expect(entries[0]?.revision).toBe(back.revision)
  const { configs } = await house.call<ListConfigsResponse__Output>('configs', 'List', {})
  expect(configs).toMatchObject([
    { name: 'push/room', held: true, removed: false, audience: { cluster: 'push', role: 'room' } },
  ])
  expect(await applied(room(3))).toMatchObject({
    ok: true,
    changed: false,
    held: [{ name: 'push/room', author: 'oncall' }],
  })
  expect(await house.call('configs', 'Release', { name: 'push/room' })).toEqual({ released: true })
  expect(await applied(room(3))).toMatchObject({ ok: true })
  await expect(house.call('configs', 'History', { name: 'push/none' })).rejects.toMatchObject({ code: 'E_NOT_FOUND' })
  await expect(house.call('configs', 'Rollback', { name: 'push/none', stepsBack: 1 })).rejects.toMatchObject({
    code: 'E_NOT_FOUND',
  })
})

test('the ledger says who runs what, and a watch of it tells when that changes', async () => {
  await applied(room(1))
  const stream = house.stream<LedgerView__Output>('configs', 'WatchLedger', { name: 'push/room' })
  expect(await stream.next()).toMatchObject({ processes: 0 })
  const first = await process('room-1', 'ACK_STATE_APPLIED')
  const view = await stream.find(({ current }) => current === 1)
  expect(view.rows).toMatchObject([
    { name: 'push/room', instance: 'room-1', current: true, connected: true, member: 'n1' },
  ])
  expect(await house.call('configs', 'Ledger', {})).toMatchObject({ processes: 1, current: 1 })
  await expect(house.call('configs', 'Ledger', { name: 'push/rom' })).rejects.toMatchObject({
    ...{ code: 'E_NOT_FOUND', message: expect.stringContaining('no config push/rom, and no process asks for it') },
  })
  stream.cancel()
  first.cancel()
})
