import { describe, expect, test } from 'vitest'
import { recordKey } from '../store/records.js'
import { compiled, type Files, makeShop, type Shop } from './testing/shop.js'
import { historyKey, historyRevisions, readRecord, readRecords } from './view.js'

const room = (max: number): Files => ({ 'push/room.yaml': `max: ${max}\n` })
const undo = (shop: Shop, changeSet = '', more = {}) =>
  shop.publisher.undo({ changeSet, author: 'ann', reason: 'no good', ...more })
const held = (shop: Shop) => readRecords(shop.member.store, 'default', 'hold').map(({ path }) => path)

describe('undo', () => {
  test('brings back what a change set changed and removed, takes away what it added, and holds it all', async () => {
    const shop = makeShop()
    await shop.publish({ ...room(1), 'push/old.yaml': 'a: 1\n' })
    await shop.publish({ ...room(2), 'push/new.yaml': 'b: 1\n' })
    const { deltas, changed } = await undo(shop)
    expect(changed).toBe(true)
    expect(deltas.map(({ name, kind }) => `${name} ${kind}`)).toEqual([
      'push/new removed',
      'push/old added',
      'push/room changed',
    ])
    expect(['push/room', 'push/old', 'push/new'].map((name) => shop.value(name))).toEqual([
      { max: 1 },
      { a: 1 },
      undefined,
    ])
    expect(held(shop)).toEqual(['push/new', 'push/old', 'push/room'])
    const again = await shop.publish({ ...room(3), 'push/new.yaml': 'b: 1\n' })
    expect([again.changed, again.held?.map(({ name }) => name)]).toEqual([false, ['push/room']])
  })

  test('again goes further back, not forward; an undo is taken back when it is named', async () => {
    const shop = makeShop()
    for (const max of [1, 2, 3]) await shop.publish(room(max))
    await undo(shop)
    expect(shop.value('push/room')).toEqual({ max: 2 })
    const second = await undo(shop)
    expect(shop.value('push/room')).toEqual({ max: 1 })
    await undo(shop, second.changeSet)
    expect(shop.value('push/room')).toEqual({ max: 2 })
    await undo(shop)
    expect(shop.value('push/room')).toEqual({ max: 1 })
  })

  test('takes a change set by its revision, or by the beginning of its id', async () => {
    for (const word of [(id: string) => id.slice(0, 6), (_id: string, revision: number) => `r${revision}`]) {
      const shop = makeShop()
      await shop.publish(room(1))
      const { changeSet, revision } = await shop.publish(room(2))
      await shop.publish({ 'other/x.yaml': 'a: 1\n' }, { source: 'dir:b' })
      await undo(shop, word(changeSet, revision))
      expect([shop.value('push/room'), shop.value('other/x')]).toEqual([{ max: 1 }, { a: 1 }])
    }
  })

  test('of a change set whose names were changed since is refused, with what came after', async () => {
    const shop = makeShop()
    await shop.publish(room(1))
    const { changeSet } = await shop.publish(room(2))
    const { revision } = await shop.publish(room(3))
    await expect(undo(shop, changeSet)).rejects.toMatchObject({ code: 'E_MOVED' })
    await expect(undo(shop, changeSet)).rejects.toThrow(`push/room (r${revision})`)
    expect(shop.value('push/room')).toEqual({ max: 3 })
  })

  test.each(['', 'r999', 'ffff'])('of change set "%s" that is not there is a typed error', async (word) => {
    await expect(undo(makeShop(), word)).rejects.toMatchObject({ code: 'E_NOT_FOUND' })
  })

  test('comes at once, whatever the spread of what it takes back; and in turns when asked', async () => {
    const shop = makeShop()
    await shop.publish(room(1), { spreadMs: 60_000 })
    await shop.publish(room(2), { spreadMs: 60_000 })
    const spread = () => readRecord(shop.member.store, 'default', 'config', 'push/room')?.record.spreadMs
    expect(spread()).toBe(60_000)
    await undo(shop)
    expect([shop.value('push/room'), spread()]).toEqual([{ max: 1 }, undefined])
    await shop.publish(room(3), { release: ['push/room'] })
    await undo(shop, '', { spreadMs: 5_000 })
    expect(spread()).toBe(5_000)
  })
})

describe('edit', () => {
  const compile = async (tree: { files: readonly { path: string; bytes: Uint8Array }[] }) =>
    compiled(Object.fromEntries(tree.files.map(({ path, bytes }) => [path, Buffer.from(bytes).toString()])))
  const edit = (shop: Shop, name: string, files: Files, more = {}) =>
    shop.publisher.edit({
      name,
      files: Object.entries(files).map(([path, text]) => ({ path, bytes: Buffer.from(text) })),
      baseRevision: readRecord(shop.member.store, 'default', 'config', name)?.modRevision ?? 0,
      compile,
      author: 'ann',
      reason: 'at night',
      ...more,
    })
  const all = { ...room(1), 'push/room@zone=bj.yaml': 'max: 7\n', 'push/common.yaml': 'a: 1\n' }

  test('changes that config and nothing else, and holds it', async () => {
    const shop = makeShop()
    await shop.publish(all)
    const { deltas } = await edit(shop, 'push/room', room(5))
    expect(deltas).toMatchObject([{ name: 'push/room', paths: [{ pointer: '/max', before: '1', after: '5' }] }])
    expect(held(shop)).toEqual(['push/room'])
    const record = readRecord(shop.member.store, 'default', 'config', 'push/room')?.record
    expect(record?.variants).toHaveLength(2)
    expect(readRecord(shop.member.store, 'default', 'source', 'dir:a')?.record.published['push/room']).not.toBe('')
    expect(await shop.publish(all)).toMatchObject({ changed: false })
  })

  test('that changes nothing does nothing, and holds nothing', async () => {
    const shop = makeShop()
    await shop.publish(all)
    expect(await edit(shop, 'push/room', room(1))).toMatchObject({ changed: false })
    expect(held(shop)).toEqual([])
  })

  test('with mistakes, of a config that moved meanwhile, or of none is a typed error and moves nothing', async () => {
    const shop = makeShop()
    await shop.publish(all)
    await expect(edit(shop, 'push/room', { 'push/room.yaml': 'a: [' })).rejects.toMatchObject({
      code: 'E_INVALID_CONFIG',
    })
    await expect(edit(shop, 'push/room', room(2), { baseRevision: 1 })).rejects.toMatchObject({ code: 'E_MOVED' })
    await expect(edit(shop, 'push/none', room(2))).rejects.toMatchObject({ code: 'E_NOT_FOUND' })
    expect([shop.value('push/room'), held(shop)]).toEqual([{ max: 1 }, []])
  })

  test('is compiled again when another config was published while it compiled', async () => {
    const shop = makeShop()
    await shop.publish(all)
    let compiles = 0
    const slow = async (tree: Parameters<typeof compile>[0]) => {
      if (compiles++ === 0) await publishElsewhere(shop)
      return compile(tree)
    }
    await edit(shop, 'push/room', room(5), { compile: slow })
    expect([compiles, shop.value('push/room'), shop.value('other/x')]).toEqual([2, { max: 5 }, { a: 1 }])
  })
})

/** As another member would, past the publisher of the shop. */
async function publishElsewhere(shop: Shop): Promise<void> {
  const other = makeShop()
  await other.publish({ 'other/x.yaml': 'a: 1\n' })
  const kv = other.member.store.get('system', recordKey('default', 'config', 'other/x'))
  const bytes = Buffer.from('{"a":1}')
  const record = kv && JSON.parse(Buffer.from(kv.value).toString())
  const flags = { lease: 0n, revisionSuffix: false, prevKv: false, ignoreValue: false, ignoreLease: false }
  const put = {
    kind: 'put',
    key: recordKey('default', 'config', 'other/x'),
    value: kv?.value ?? bytes,
    ...flags,
  } as const
  const source = Buffer.from('a: 1\n')
  const blobs = [
    { hash: record.variants[0].hash as string, bytes },
    { hash: record.files[0].hash as string, bytes: source },
  ]
  shop.log.apply([
    ...blobs.map((blob) => ({ principal: 't', body: { kind: 'blobPut', chunk: 0, chunks: 1, ...blob } as const })),
    { principal: 't', body: { kind: 'txn', keyspace: 'system', txn: { compares: [], success: [put], failure: [] } } },
  ])
}

test('an undo that would go back beyond what is kept is refused, and takes nothing for new that is older', async () => {
  const shop = makeShop()
  await shop.publish(room(1))
  const second = await shop.publish(room(2))
  await shop.publish(room(3))
  await undo(shop)
  const [oldest = 0] = historyRevisions(shop.member.store, 'default', 'push/room')
  remove(shop, historyKey('default', 'push/room', oldest))
  await expect(undo(shop, second.changeSet)).rejects.toThrow(expect.objectContaining({ code: 'E_NOT_FOUND' }))
  expect(shop.value('push/room')).toEqual({ max: 2 })
})

function remove({ log }: Shop, key: Uint8Array): void {
  const txn = { compares: [], success: [{ kind: 'delete', key, prevKv: false } as const], failure: [] }
  log.apply([{ principal: 'test', body: { kind: 'txn', keyspace: 'system', txn } }])
}
