import type {
  FollowView__Output,
  LiveFile__Output,
  PlannedConfig__Output,
  PlanPiece__Output,
  PublishResult__Output,
} from '@keeper/proto'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { type ApiHouse, bidi, openApi, type SessionCall, Stream } from './testing/api-house.js'

let house: ApiHouse
beforeEach(async () => {
  house = await openApi()
})
afterEach(() => house.close())

type Files = Record<string, string>
const room = (max: number): Files => ({ 'push/room.yaml': `max: ${max}\n` })

function send<Answer>(service: 'changes' | 'configs', method: string, files: Files, header: object): Stream<Answer> {
  const call = bidi(house.client, service, method)
  const stream = new Stream<Answer>(call)
  call.write({ header })
  for (const [path, text] of Object.entries(files)) call.write({ file: { path, bytes: Buffer.from(text), last: true } })
  call.end()
  return stream
}

async function all<Answer>(stream: Stream<Answer>): Promise<Answer[]> {
  const answers: Answer[] = []
  for (let next = await stream.next(); next; next = await stream.next()) answers.push(next)
  return answers
}

async function planned(files: Files, header: object = {}) {
  const pieces = await all(send<PlanPiece__Output>('changes', 'Plan', files, { source: 'test', ...header }))
  return { summary: pieces[0]?.summary, configs: pieces.slice(1).flatMap(({ config }) => config ?? []) }
}

/** A process that says of each push what the test wants. */
async function process(instance: string, state = 'ACK_STATE_APPLIED', labels = {}): Promise<SessionCall> {
  const call = house.attach()
  call.hello(instance, ['push/room'], labels)
  await call.next()
  const run = async () => {
    for (;;) {
      const { push } = await call.find((frame) => frame.kind === 'push')
      const { storeEpoch = '1', revision = '0' } = push ?? {}
      call.write({ acks: { acks: [{ storeEpoch, revision, state: state as never, reason: 'too many', atUnixMs: 1 }] } })
    }
  }
  if (state !== '') run().catch(() => {})
  return call
}

const follow = (request: object) =>
  house.stream<FollowView__Output>('changes', 'Follow', { names: ['push/room'], timeoutMs: 20_000, ...request })

/** The view that ended a wait. */
async function followed(request: object): Promise<FollowView__Output | undefined> {
  return (await all(follow(request))).at(-1)
}

describe('Plan', () => {
  test('says what would change and for whom, and changes nothing', async () => {
    await house.publish({ ...room(1), 'push/room@zone=bj.yaml': 'max: 7\n' })
    await process('room-1')
    await process('room-2', 'ACK_STATE_APPLIED', { zone: 'bj' })
    const { summary, configs } = await planned({ ...room(2), 'push/room@zone=bj.yaml': 'max: 7\n' })
    expect(summary).toMatchObject({ ok: true, processes: 2, affected: 1, unknown: 0, refusals: [] })
    expect(configs).toMatchObject([
      {
        name: 'push/room',
        kind: 'changed',
        outcomes: [
          { paths: [{ pointer: '/max', beforeJson: '1', afterJson: '2' }], instances: ['room-1'] },
          { changed: false, instances: ['room-2'] },
        ],
      },
    ])
    expect(await planned({ ...room(2), 'push/room@zone=bj.yaml': 'max: 7\n' })).toMatchObject({
      summary: { revision: summary?.revision },
    })
  })

  test('of files with mistakes, of held names and of another cluster says so', async () => {
    await house.publish(room(1))
    await house.publish(room(2))
    expect((await planned({ 'push/room.yaml': 'a: [\n' })).summary).toMatchObject({
      ok: false,
      diagnostics: [{ file: 'push/room.yaml' }],
      refusals: [{ code: 'E_INVALID_CONFIG' }],
    })
    await house.call('configs', 'Rollback', { name: 'push/room', stepsBack: 1, author: 'ann', reason: 'why' })
    // The held name would stay as it is, and is no reason to refuse the rest.
    const { summary, configs } = await planned(room(3))
    expect(summary).toMatchObject({ refusals: [], holds: [{ name: 'push/room', author: 'ann', reason: 'why' }] })
    expect(configs).toEqual([])
    await expect(planned(room(3), { asPlanned: true, clusterId: 'other' })).rejects.toMatchObject({ code: 'E_MOVED' })
  })

  test('is what an apply does, or the apply is refused with what moved', async () => {
    await house.publish(room(1))
    const { summary, configs } = await planned(room(2))
    const names = configs.map(({ name, fromRevision, digest }) => ({ name, fromRevision, digest }))
    const header = { source: 'test', asPlanned: true, planned: names, clusterId: summary?.clusterId }
    const apply = async () =>
      (await send<{ result?: PublishResult__Output }>('configs', 'Apply', room(2), header).next())?.result
    await house.publish(room(9))
    expect(await apply()).toMatchObject({ ok: false, status: { code: 'E_MOVED' } })
    await house.publish(room(1))
    const again = await planned(room(2))
    header.planned = again.configs.map(({ name, fromRevision, digest }) => ({ name, fromRevision, digest }))
    expect(await apply()).toMatchObject({ ok: true, changed: true })
  })
})

describe('Follow', () => {
  test('ends when the share has applied, and shows the way there', async () => {
    await house.publish(room(1))
    await process('room-1')
    const revision = await house.publish(room(2))
    expect(await followed({ share: 1, revision })).toMatchObject({
      processes: 1,
      applied: 1,
      ended: true,
      enough: true,
    })
  })

  test('counts only the processes with the labels asked for, or so many of them', async () => {
    await house.publish(room(1))
    await process('room-1', '')
    await process('room-2', 'ACK_STATE_APPLIED', { zone: 'bj' })
    const revision = await house.publish(room(2))
    expect(await followed({ share: 1, selector: { zone: 'bj' }, revision })).toMatchObject({
      processes: 1,
      enough: true,
    })
    expect(await followed({ count: 1, revision })).toMatchObject({ processes: 2, applied: 1, enough: true })
  })

  test('ends with who refused and why, once the rest are too few', async () => {
    await house.publish(room(1))
    await process('room-1', 'ACK_STATE_REJECTED')
    await process('room-2')
    const view = await followed({ share: 1, revision: await house.publish(room(2)) })
    expect(view).toMatchObject({ applied: 1, rejected: 1, enough: false, ended: true })
    expect(view?.missing).toMatchObject([{ instance: 'room-1', standing: 'rejected', reason: 'too many' }])
  })

  test('ends at its timeout with who is away, and who is not there yet', async () => {
    await house.publish(room(1))
    await process('room-1', '')
    const away = await process('room-2', '')
    away.cancel()
    await expect.poll(() => house.hub.stats().streams).toBe(1)
    const view = await followed({ share: 1, timeoutMs: 50, revision: await house.publish(room(2)) })
    expect(view).toMatchObject({ processes: 2, applied: 0, away: 1, pending: 1, ended: true, enough: false })
    expect(view?.missing.map(({ instance, standing }) => `${instance} ${standing}`).sort()).toEqual([
      'room-1 not yet',
      'room-2 away',
    ])
  })

  test('tells those whose turn of a spread has not come from the others', async () => {
    await house.publish(room(1))
    await process('room-1')
    const header = { source: 'test', spreadMs: 600_000 }
    const answer = await send<{ result?: PublishResult__Output }>('configs', 'Apply', room(2), header).next()
    const view = await followed({ share: 1, timeoutMs: 50, revision: answer?.result?.revision })
    expect(view).toMatchObject({ pending: 1, waiting: 1, missing: [{ standing: 'waiting' }] })
    expect(Number(view?.missing[0]?.dueUnixMs)).toBeGreaterThan(Date.now())
  })

  test.each([
    ['a share of 2', { share: 2 }, 'E_INVALID_ARGUMENT'],
    ['no names', { names: [] }, 'E_INVALID_ARGUMENT'],
    ['a revision to come', { revision: 999 }, 'E_FUTURE_REVISION'],
  ])('with %s is refused', async (_what, request, code) => {
    await expect(followed(request)).rejects.toMatchObject({ code })
  })

  test('of nobody is over at once', async () => {
    await house.publish(room(1))
    expect(await followed({ share: 1 })).toMatchObject({ processes: 0, enough: true, ended: true })
  })
})

describe('the texts of what is live', () => {
  const files = { ...room(1), 'push/room@zone=bj.yaml': '# why\nmax: 7\n', 'push/common.yaml': 'a: 1\n' }
  const texts = async (request: object) => {
    const found = await all(house.stream<LiveFile__Output>('changes', 'Files', request))
    return Object.fromEntries(found.map(({ path, bytes }) => [path, bytes.toString()]))
  }

  test('are given as they were written, of one config or of all', async () => {
    await house.publish(files)
    expect(await texts({})).toEqual(files)
    expect(Object.keys(await texts({ names: ['push/room'] }))).toEqual(['push/room.yaml', 'push/room@zone=bj.yaml'])
    await expect(texts({ names: ['push/none'] })).rejects.toMatchObject({ code: 'E_NOT_FOUND' })
  })

  test('are replaced by an edit, which comes back with every mistake', async () => {
    const baseRevision = await house.publish(files)
    const edit = async (text: string, more = {}) =>
      await send<PublishResult__Output>(
        'changes',
        'Edit',
        { 'push/room.yaml': text },
        { name: 'push/room', baseRevision, reason: 'night', ...more },
      ).next()
    expect(await edit('max: [')).toMatchObject({
      ok: false,
      status: { code: 'E_INVALID_CONFIG' },
      diagnostics: [{ line: 1 }],
    })
    expect(await edit('max: 2', { baseRevision: 1 })).toMatchObject({ ok: false, status: { code: 'E_MOVED' } })
    await expect(edit('max: 2', { reason: ' ' })).rejects.toMatchObject({ code: 'E_INVALID_ARGUMENT' })
    expect(await edit('max: 2')).toMatchObject({ ok: true, deltas: [{ name: 'push/room' }] })
    expect((await texts({}))['push/room.yaml']).toBe('max: 2')
  })

  test('differ between revisions, path by path, overlays too', async () => {
    const from = await house.publish(files)
    await house.publish({ ...files, ...room(2), 'push/room@zone=bj.yaml': 'max: 8\n' })
    const diff = await house.call<PlannedConfig__Output>('changes', 'Diff', { name: 'push/room', fromRevision: from })
    expect(diff).toMatchObject({ kind: 'changed', fromRevision: String(from) })
    expect(
      diff.outcomes.map(({ paths }) => paths.map(({ beforeJson, afterJson }) => `${beforeJson} ${afterJson}`)),
    ).toEqual([['1 2'], ['7 8']])
    await expect(house.call('changes', 'Diff', { name: 'push/room', fromStepsBack: 9 })).rejects.toMatchObject({
      code: 'E_NOT_FOUND',
    })
  })
})

test('PlanUndo and PlanRollback say what would change, and nothing moves', async () => {
  await house.publish(room(1))
  await house.publish(room(2))
  const before = await house.call('configs', 'History', { name: 'push/room' })
  const asked = { ok: true, changed: false, deltas: [{ paths: [{ beforeJson: '2', afterJson: '1' }] }] }
  expect(await house.call('changes', 'PlanUndo', {})).toMatchObject(asked)
  expect(await house.call('changes', 'PlanRollback', { name: 'push/room', stepsBack: 1 })).toMatchObject(asked)
  expect(await house.call('configs', 'History', { name: 'push/room' })).toEqual(before)
})

test('what goes back or is edited under a guard of its own is parked when it reaches too many', async () => {
  await house.publish(room(1))
  const baseRevision = await house.publish(room(2))
  await process('room-1')
  await process('gate-1', '', {})
  const name = 'push/room'
  const maxAffected = 0.25
  const tooMany = { changed: false, parked: { guards: [expect.stringContaining('more than 25 %')] } }
  const undo = { changeSet: `r${baseRevision}` }
  expect(await house.call('changes', 'GuardedUndo', { undo, maxAffected, dryRun: true })).toMatchObject(tooMany)
  expect(await house.call('control', 'Pending', {})).toMatchObject({ sets: [] })
  expect(await house.call('changes', 'GuardedUndo', { undo, maxAffected })).toMatchObject(tooMany)
  const rollback = { name, stepsBack: 1 }
  expect(await house.call('changes', 'GuardedRollback', { rollback, maxAffected })).toMatchObject(tooMany)
  const header = { name, baseRevision, reason: 'night', maxAffected }
  expect(await send('changes', 'GuardedEdit', { 'push/room.yaml': 'max: 3' }, header).next()).toMatchObject(tooMany)
  for (const [method, request] of Object.entries({ GuardedUndo: {}, GuardedRollback: { rollback, maxAffected: 2 } }))
    await expect(house.call('changes', method, request)).rejects.toMatchObject({ code: 'E_INVALID_ARGUMENT' })
  expect(await house.call('changes', 'GuardedUndo', { undo, maxAffected: 1 })).toMatchObject({ changed: true })
})

test('Undo takes a change set back, and says what that did', async () => {
  await house.publish(room(1))
  await house.publish(room(2))
  const result = await house.call<PublishResult__Output>('changes', 'Undo', { author: 'ann' })
  expect(result).toMatchObject({ ok: true, changed: true, deltas: [{ paths: [{ beforeJson: '2', afterJson: '1' }] }] })
  await expect(house.call('changes', 'Undo', { spreadMs: 4_000_000 })).rejects.toMatchObject({
    code: 'E_INVALID_ARGUMENT',
  })
})
