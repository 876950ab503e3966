import { describe, expect, test } from 'vitest'
import { limits } from '../base/limits.js'
import { encodeCommand } from './command-codec.js'
import { chunksOf, code, same, sha256 } from './testing/blob-commands.js'
import { del, put, show, TestStore, txnBody } from './testing/memory-state.js'
import type { CommandBody } from './types.js'

test('large chunks that no flush has taken are told apart from what else is to be written', () => {
  const s = new TestStore()
  for (const command of chunksOf(Buffer.alloc(2 * 1024 * 1024, 'whitelist'))) s.run(command)
  for (const command of chunksOf(Buffer.alloc(100_000, 'list'))) s.run(command)
  for (const command of chunksOf(Buffer.alloc(3_000, 'word'))) s.run(command)
  expect(s.store.unflushedValueBytes()).toBe(2 * 1024 * 1024 + 100_000)
  s.disk.write(s.store.takeFlush())
  expect(s.store.unflushedValueBytes()).toBe(0)
})

test('a blob is there once all its chunks are, in any order, and after a restart', async () => {
  const s = new TestStore()
  const bytes = Buffer.alloc(10_000, 'keeper')
  const hash = sha256(bytes)
  const commands = chunksOf(bytes, 3_000).reverse()
  for (const command of commands) {
    expect(s.store.hasBlob(hash)).toBe(false)
    expect(s.store.blob(hash)).toBeUndefined()
    expect(code(s.run(command))).toBe('ok')
    await s.restart()
  }
  expect(s.store.hasBlob(hash)).toBe(true)
  expect(Buffer.compare(s.store.blob(hash) ?? Buffer.alloc(0), bytes)).toBe(0)
  expect([...s.store.blobHashes()]).toEqual([hash])
  expect(s.txn({ compares: [{ target: 'blob', hash }] }, 'system')).toMatchObject({ succeeded: true })
  s.run({ kind: 'blobDelete', hashes: [hash] })
  expect([...s.store.blobHashes()]).toEqual([])
  expect(s.store.hash()).toBe(new TestStore().store.hash())
})

test('chunks that come twice, or two blobs at a time, or begin before a restart, make the blobs that they are', async () => {
  const [one, other] = [Buffer.alloc(9_000, 'keeper'), Buffer.alloc(9_000, 'of the list')]
  const [[a, b, c], others] = [chunksOf(one, 3_000), chunksOf(other, 3_000)]
  const orders = [
    [a, a, b, c],
    [a, b, b, c],
    [a, b, a, c],
    [b, a, b, c],
  ]
  for (const order of orders) {
    const s = new TestStore()
    for (const [at, command] of order.entries()) {
      s.run(command as CommandBody)
      if (others[at]) s.run(others[at])
    }
    for (const bytes of [one, other]) expect(same(s.store.blob(sha256(bytes)), bytes)).toBe(true)
  }
  const s = new TestStore()
  s.run(a as CommandBody)
  await s.restart()
  for (const command of [b, c]) s.run(command as CommandBody)
  expect(same(s.store.blob(sha256(one)), one)).toBe(true)
})

test('a blob whose first chunk was another one before is refused, though it comes in order', () => {
  const s = new TestStore()
  const hash = sha256(Buffer.from('abc'))
  const chunk = (at: number, text: string): CommandBody => {
    return { kind: 'blobPut', hash, chunk: at, chunks: 3, bytes: Buffer.from(text) }
  }
  const results = [chunk(0, 'a'), chunk(0, 'x'), chunk(1, 'b'), chunk(2, 'c')].map((one) => code(s.run(one)))
  expect(results).toEqual(['ok', 'ok', 'ok', 'E_INVALID_ARGUMENT'])
  const again = [chunk(0, 'x'), chunk(1, 'b'), chunk(0, 'a'), chunk(2, 'c')].map((one) => code(s.run(one)))
  expect(again).toEqual(['ok', 'ok', 'ok', 'ok'])
})

test('a wrong sum is refused and all chunks are dropped', () => {
  const s = new TestStore()
  const empty = s.store.hash()
  const results = chunksOf(Buffer.alloc(9), 3, 'a'.repeat(64)).map((command) => code(s.run(command)))
  expect(results).toEqual(['ok', 'ok', 'E_INVALID_ARGUMENT'])
  expect(s.store.hash()).toBe(empty)
})

test('an empty blob is one empty chunk', () => {
  const s = new TestStore()
  for (const command of chunksOf(Buffer.alloc(0))) s.run(command)
  expect(s.store.blob(sha256(Buffer.alloc(0)))?.length).toBe(0)
})

test.each([
  ['a hash that is none', { hash: 'xyz', chunk: 0, chunks: 1 }, 'E_INVALID_ARGUMENT'],
  ['a chunk beyond the last', { hash: 'b'.repeat(64), chunk: 2, chunks: 2 }, 'E_INVALID_ARGUMENT'],
  ['no chunks', { hash: 'b'.repeat(64), chunk: 0, chunks: 0 }, 'E_INVALID_ARGUMENT'],
  ['too many chunks', { hash: 'b'.repeat(64), chunk: 0, chunks: 1e6 }, 'E_INVALID_ARGUMENT'],
  ['another number of chunks than before', { hash: 'a'.repeat(64), chunk: 1, chunks: 3 }, 'E_INVALID_ARGUMENT'],
])('%s is refused', (_what, blob, expected) => {
  const s = new TestStore()
  s.run({ kind: 'blobPut', hash: 'a'.repeat(64), chunk: 0, chunks: 2, bytes: Buffer.alloc(1) })
  const before = s.store.hash()
  expect(code(s.run({ kind: 'blobPut', bytes: Buffer.alloc(1), ...blob }))).toBe(expected)
  expect(s.store.hash()).toBe(before)
})

test('a chunk over the limit is refused', () => {
  const bytes = Buffer.alloc(limits.blobChunkBytes + 1)
  const command: CommandBody = { kind: 'blobPut', hash: sha256(bytes), chunk: 0, chunks: 1, bytes }
  expect(code(new TestStore().run(command))).toBe('E_TOO_LARGE')
})

test('a command from a blob is one atomic step, once, and the blob is gone', () => {
  const s = new TestStore()
  const puts = Array.from({ length: 500 }, (_, at) => put(`k${at}`, 'v'.repeat(3_000)))
  const command = {
    requestId: { session: 1n, sequence: 1, lowWater: 0 },
    principal: 'test',
    body: txnBody({ success: puts }, 'user'),
  }
  const bytes = encodeCommand(command)
  expect(bytes.length).toBeGreaterThan(limits.entryBytesMax)
  const send = () => {
    for (const chunk of chunksOf(bytes)) s.run(chunk)
    return s.run({ kind: 'blobExecute', hash: sha256(bytes) })
  }
  const first = send()
  expect(first).toMatchObject({ ok: true, succeeded: true })
  expect(s.store.revision('user')).toBe(2)
  expect(send()).toEqual(first)
  expect(s.store.revision('user')).toBe(2)
  expect([...s.store.blobHashes()]).toEqual([])
  expect(code(s.run({ kind: 'blobExecute', hash: sha256(bytes) }))).toBe('E_NOT_FOUND')
  expect(s.store.hash()).toBe(s.store.recomputeHash())
})

test('a blob that holds no command, or one that executes a blob, is refused', () => {
  const s = new TestStore()
  const execute = (bytes: Uint8Array) => {
    for (const chunk of chunksOf(bytes)) s.run(chunk)
    return code(s.run({ kind: 'blobExecute', hash: sha256(bytes) }))
  }
  expect(execute(Buffer.from([1, 0, 200]))).toBe('E_INVALID_ARGUMENT')
  const nested = encodeCommand({ principal: '', body: { kind: 'blobExecute', hash: 'a'.repeat(64) } })
  expect(execute(nested)).toBe('E_INVALID_ARGUMENT')
})

test('a blob that holds a newer version’s command halts the store and its flushes', () => {
  const s = new TestStore()
  const bytes = Buffer.from([99, 0, 0, 0])
  for (const chunk of chunksOf(bytes)) s.run(chunk)
  const halts = expect.objectContaining({ code: 'E_HALTED' })
  expect(() => s.run({ kind: 'blobExecute', hash: sha256(bytes) })).toThrow(halts)
  expect(s.store.appliedIndex).toBe(1)
  expect(() => s.store.takeFlush()).toThrow(halts)
})

test('a value of the largest size lives and dies', async () => {
  const s = new TestStore()
  const bytes = encodeCommand({
    principal: 'test',
    body: txnBody({ success: [put('big', 'x'.repeat(limits.valueBytesMax)), put('small', '1')] }),
  })
  for (const chunk of chunksOf(bytes)) s.run(chunk)
  s.run({ kind: 'blobExecute', hash: sha256(bytes) })
  await s.restart()
  expect(s.store.get('user', Buffer.from('big'))?.value.length).toBe(limits.valueBytesMax)
  s.txn({ success: [del('big')] })
  await s.restart()
  const [event] = await s.events(3)
  expect(event?.prevKv?.value.length).toBe(limits.valueBytesMax)
  expect(show(s.store.get('user', Buffer.from('big')))).toBe('none')
})

describe('blobs that a flush wrote', () => {
  const bytes = Buffer.alloc(2_000_000, 'whitelist')
  const hash = sha256(bytes)
  const flushed = () => {
    const s = new TestStore()
    for (const command of chunksOf(bytes)) s.run(command)
    s.disk.write(s.store.takeFlush())
    return s
  }

  test('are read from disk, and take no memory, once the flush is durable', async () => {
    const s = flushed()
    expect(s.store.heldBlobBytes()).toBe(bytes.length)
    s.store.flushed()
    expect(s.store.heldBlobBytes()).toBe(0)
    expect(s.store.blobBytes(hash)).toBe(bytes.length)
    expect(same(s.store.blob(hash), bytes)).toBe(true)
    expect(s.store.recomputeHash()).toBe(s.store.hash())
    await s.restart()
    expect(s.store.heldBlobBytes()).toBe(0)
    expect(same(s.store.blob(hash), bytes)).toBe(true)
  })

  test('come as the bytes that somebody lent, as long as those are the blob’s, and not once it is deleted', () => {
    const s = flushed()
    const lent = Uint8Array.from(bytes)
    s.store.lendBlob(hash, lent.subarray(1))
    expect(s.store.blob(hash)?.length).toBe(bytes.length)
    s.store.lendBlob(hash, lent)
    expect(s.store.blob(hash)?.buffer).toBe(lent.buffer)
    s.run({ kind: 'blobDelete', hashes: [hash] })
    expect(s.store.blob(hash)).toBeUndefined()
    s.store.lendBlob(hash, lent)
    expect(s.store.blob(hash)).toBeUndefined()
  })

  test('are read once for all who have them at the same time', () => {
    const s = flushed()
    s.store.flushed()
    const one = s.store.blob(hash)
    expect(s.store.blob(hash)?.buffer).toBe(one?.buffer)
  })

  test('are deleted as others are, and leave nothing on disk', () => {
    const s = flushed()
    s.store.flushed()
    expect(code(s.run({ kind: 'blobDelete', hashes: [hash] }))).toBe('ok')
    expect(s.store.blob(hash)).toBeUndefined()
    expect(s.store.hash()).toBe(s.store.recomputeHash())
    s.disk.write(s.store.takeFlush())
    const largest = Math.max(...[...s.disk.records.values()].map(({ length }) => length))
    expect(largest).toBeLessThan(limits.blobChunkBytes)
  })

  test('come back when the command that deleted them fails', () => {
    const s = flushed()
    s.store.flushed()
    expect(code(s.run({ kind: 'blobDelete', hashes: [hash, 'no hash'] }))).toBe('E_INVALID_ARGUMENT')
    expect(same(s.store.blob(hash), bytes)).toBe(true)
    expect(s.store.hash()).toBe(s.store.recomputeHash())
  })

  test('cannot be read while a snapshot replaces them: the same ids mean others then', () => {
    const s = flushed()
    s.store.flushed()
    s.disk.generation++
    expect(() => s.store.blob(hash)).toThrow(expect.objectContaining({ code: 'E_UNAVAILABLE' }))
    expect(s.store.hasBlob(hash)).toBe(true)
  })

  test('that cannot be read halt a member that needs them to go on, so that it does not part from the others', () => {
    const s = flushed()
    s.store.flushed()
    s.disk.generation++
    const halts = expect.objectContaining({ code: 'E_HALTED' })
    expect(() => s.run({ kind: 'blobDelete', hashes: [hash] })).toThrow(halts)
  })
})
