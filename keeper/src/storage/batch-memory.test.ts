import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Level } from 'level'
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import { limits } from '../base/limits.js'
import { BatchMemory } from './batch-memory.js'
import { LevelDb } from './level-db.js'
import type { RawBatchOperation } from './types.js'

const bytes = (text: string) => new TextEncoder().encode(text)
const large = limits.batchKeptBytesMin
const value = (letter: string) => Buffer.alloc(64 * 1024, letter)

async function* slices(keys: readonly string[], letter: string): AsyncGenerator<readonly RawBatchOperation[]> {
  for (const key of keys) yield [{ type: 'put', key: bytes(key), value: value(letter) }]
}

const found = async (db: LevelDb, key: string) => (await db.get(bytes(key))) ?? new Uint8Array(0)
const keysOf = (name: string) => Array.from({ length: large / (64 * 1024) }, (_, at) => `${name}-${at}`)

let folder: string
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'keeper-batches-'))
})
afterEach(async () => {
  vi.useRealTimers()
  await rm(folder, { recursive: true })
})

test('large batches one behind the other write each what it holds, and nothing of those before', async () => {
  const options = { writeBufferSize: 64 * 1024, blockSize: 1_024, compression: false, maxOpenFiles: 64 }
  const db = await LevelDb.open(folder, options)
  await db.batch(slices(keysOf('first'), 'a'), { sync: true })
  await db.batch([{ type: 'del', key: bytes('first-0') }], { sync: true })
  await db.batch(slices(keysOf('second'), 'b'), { sync: true })
  await db.close()
  const again = await LevelDb.open(folder, options)
  expect(await again.get(bytes('first-0'))).toBeUndefined()
  for (const key of keysOf('first').slice(1)) expect(value('a').equals(await found(again, key))).toBe(true)
  for (const key of keysOf('second')) expect(value('b').equals(await found(again, key))).toBe(true)
  await again.close()
})

describe('the memory of a batch', () => {
  const opened = async () => {
    const db = new Level<Uint8Array, Uint8Array>(folder, { keyEncoding: 'view', valueEncoding: 'view' })
    await db.open()
    return db
  }
  const filled = (memory: BatchMemory, db: Awaited<ReturnType<typeof opened>>) =>
    memory.take(db).put(bytes('key'), value('c'))

  test('is used again for the next of its database, emptied', async () => {
    const [db, memory] = [await opened(), new BatchMemory()]
    const batch = filled(memory, db)
    await memory.write(db, batch, large, { sync: true })
    const next = memory.take(db)
    expect(next).toBe(batch)
    expect(next.length).toBe(0)
    await next.close()
    await db.close()
  })

  test('of a small one is not kept', async () => {
    const [db, memory] = [await opened(), new BatchMemory()]
    const batch = filled(memory, db)
    await memory.write(db, batch, large - 1, { sync: true })
    expect(memory.take(db)).not.toBe(batch)
    await db.close()
  })

  test('is let go when nothing large follows', async () => {
    const [db, memory] = [await opened(), new BatchMemory()]
    const batch = filled(memory, db)
    vi.useFakeTimers()
    await memory.write(db, batch, large, { sync: true })
    vi.advanceTimersByTime(limits.batchKeptMs)
    expect(memory.take(db)).not.toBe(batch)
    vi.useRealTimers()
    await db.close()
  })

  test('of a write that failed is not kept', async () => {
    const [db, memory] = [await opened(), new BatchMemory()]
    const batch = filled(memory, db)
    await db.close()
    await expect(memory.write(db, batch, large, { sync: true })).rejects.toThrow()
    await db.open()
    expect(memory.take(db)).not.toBe(batch)
    await db.close()
  })

  test('of a database that is closed while it is written is not kept, and the write is no less done', async () => {
    const [db, memory] = [await opened(), new BatchMemory()]
    const batch = filled(memory, db)
    const [written, closed] = [memory.write(db, batch, large, { sync: true }), db.close()]
    await expect(written).resolves.toBeUndefined()
    await closed
    await db.open()
    expect(await db.get(bytes('key'))).toBeDefined()
    expect(memory.take(db)).not.toBe(batch)
    await db.close()
  })
})
