import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import type { RawBatchOperation, RawDisk } from '../../../keeper/src/storage/types.js'

const bytes = (text: string) => new TextEncoder().encode(text)
const text = (value: Uint8Array | undefined) => value && Buffer.from(value).toString()
const put = (key: string, value: string): RawBatchOperation => ({ type: 'put', key: bytes(key), value: bytes(value) })
const del = (key: string): RawBatchOperation => ({ type: 'del', key: bytes(key) })
const sync = { sync: true }
async function read(records: AsyncIterable<{ key: Uint8Array; value: Uint8Array }>) {
  const found: string[] = []
  for await (const { key, value } of records) found.push(`${text(key)}=${text(value)}`)
  return found
}

/** A data folder of its own: what gives a RawDisk upon it, as often as wanted, and how it is removed. */
export interface Folder {
  disk(): RawDisk
  remove(): Promise<void>
}

/** What every RawDisk must do, whatever it is made of. */
export function rawDiskConformance(name: string, makeFolder: () => Promise<Folder>): void {
  describe(`${name} as a RawDisk`, () => {
    let folder: Folder
    let disk: RawDisk
    beforeEach(async () => {
      folder = await makeFolder()
      disk = folder.disk()
      await disk.open()
    })
    afterEach(async () => {
      await disk.close()
      await folder.remove()
    })
    const reopen = async () => {
      await disk.close()
      disk = folder.disk()
      await disk.open()
    }

    test('keeps what was synced, over a restart', async () => {
      await (await disk.state()).batch([put('a', '1')], sync)
      await reopen()
      expect(text(await (await disk.state()).get(bytes('a')))).toBe('1')
    })

    const numbers = async () => (await (await disk.log()).segments()).map(({ number }) => number)

    test('makes segments of zeros and writes them in place, over a restart', async () => {
      const log = await disk.log()
      const { min, max } = log.segmentBytes
      expect([min > 0, max >= min, await numbers()]).toEqual([true, true, []])
      await log.make(3, 5_000)
      await log.make(12, 10_000)
      expect(await log.segments()).toEqual([
        { number: 3, bytes: 5_000 },
        { number: 12, bytes: 10_000 },
      ])
      const given = bytes('later')
      const writing = log.write(12, 9_990, given)
      await writing
      given.fill(0)
      await log.write(3, 0, bytes('first'))
      await log.write(3, 5, bytes(', second'))
      await reopen()
      const again = await disk.log()
      expect(text(await again.read(3, 0, 15))).toBe('first, second\0\0')
      expect(text(await again.read(12, 9_989, 100))).toBe('\0later\0\0\0\0\0')
      await again.write(12, 9_991, bytes('A'))
      expect(text(await again.read(12, 9_990, 5))).toBe('lAter')
    })

    test('makes a segment anew, gives it another number with its bytes, and removes it', async () => {
      const log = await disk.log()
      for (const number of [1, 2, 3]) {
        await log.make(number, 1_000)
        await log.write(number, 0, bytes(`of ${number}`))
      }
      await log.make(2, 2_000)
      expect([text(await log.read(2, 0, 4)), (await log.segments())[1]?.bytes]).toEqual(['\0\0\0\0', 2_000])
      await log.renumber(1, 7)
      await log.write(7, 1, bytes('F'))
      await log.remove([3, 2])
      await reopen()
      expect(await numbers()).toEqual([7])
      expect(text(await (await disk.log()).read(7, 0, 4))).toBe('oF 1')
    })

    test('has no log of former times', async () => {
      expect(await disk.oldLog()).toBeUndefined()
      await disk.dropOldLog()
    })

    test('does a batch in order: the last word on a key counts', async () => {
      const db = await disk.state()
      await db.batch([put('a', '1'), put('b', '1'), del('a'), put('b', '2'), del('never there')], sync)
      expect(await read(db.iterate({}))).toEqual(['b=2'])
    })

    test('orders keys by their bytes and reads ranges both ways', async () => {
      const db = await disk.state()
      const keys = [[0xff], [0x00], [0x80, 0x01], [0x80], [0x7f], [0x00, 0x00]]
      await db.batch(
        keys.map((key) => ({ type: 'put', key: Uint8Array.from(key), value: bytes('') })),
        sync,
      )
      const found: string[] = []
      for await (const { key } of db.iterate({})) found.push(Buffer.from(key).toString('hex'))
      expect(found).toEqual(['00', '0000', '7f', '80', '8001', 'ff'])
      const range = { low: Uint8Array.of(0x00, 0x00), high: Uint8Array.of(0x80, 0x01) }
      const backwards: string[] = []
      for await (const { key } of db.iterate({ ...range, reverse: true, limit: 2 }))
        backwards.push(Buffer.from(key).toString('hex'))
      expect(backwards).toEqual(['80', '7f'])
    })

    test('gets many at once, absent ones too', async () => {
      const db = await disk.state()
      await db.batch([put('a', '1'), put('c', '3')], sync)
      const found = await db.getMany(['c', 'b', 'a'].map(bytes))
      expect(found.map(text)).toEqual(['3', undefined, '1'])
      expect(await db.get(bytes('b'))).toBeUndefined()
    })

    test('shows an iterator the moment it was made', async () => {
      const db = await disk.state()
      await db.batch([put('a', '1'), put('b', '1')], sync)
      const view = db.iterate({ low: bytes('a'), high: bytes('z') })
      await db.batch([del('a'), put('b', '2'), put('c', '2')], sync)
      expect(await read(view)).toEqual(['a=1', 'b=1'])
    })

    test('may be left in the middle of an iteration', async () => {
      const db = await disk.state()
      await db.batch(
        Array.from({ length: 3_000 }, (_, at) => put(`key ${at}`, 'x'.repeat(100))),
        sync,
      )
      for await (const _ of db.iterate({})) break
      await reopen()
      expect(await read((await disk.state()).iterate({}))).toHaveLength(3_000)
    })

    test('clears a range and nothing beside it', async () => {
      const db = await disk.state()
      await db.batch([put('a', '1'), put('b', '1'), put('c', '1'), put('d', '1')], sync)
      await db.clear({ low: bytes('b'), high: bytes('d') })
      expect(await read(db.iterate({}))).toEqual(['a=1', 'd=1'])
    })

    test('does not keep hold of the bytes it was given, nor gives its own away', async () => {
      const db = await disk.state()
      const value = bytes('1')
      const writing = db.batch([{ type: 'put', key: bytes('a'), value }], sync)
      await writing
      value.fill(0)
      const found = await db.get(bytes('a'))
      found?.fill(0)
      expect(text(await db.get(bytes('a')))).toBe('1')
    })

    test('replaces the side file as a whole', async () => {
      expect(await disk.readSide()).toBeUndefined()
      await disk.writeSide(bytes('a long first text'))
      await disk.writeSide(bytes('short'))
      await reopen()
      expect(text(await disk.readSide())).toBe('short')
    })

    test('keeps marks in two slots', async () => {
      expect(await disk.readMarks()).toEqual([undefined, undefined])
      await disk.writeMark(0, bytes('zero'))
      await disk.writeMark(1, bytes('one'))
      await disk.writeMark(0, bytes('ZE'))
      await reopen()
      const [zero, one] = await disk.readMarks()
      expect(text(zero?.subarray(0, 4))).toBe('ZEro')
      expect(text(one?.subarray(0, 3))).toBe('one')
    })

    test('lets only one in at a time', async () => {
      const other = folder.disk()
      await expect(other.open()).rejects.toMatchObject({ code: 'E_DATA_LOCKED' })
    })

    test('knows its free space', async () => {
      const { freeBytes, totalBytes } = await disk.space()
      expect(freeBytes).toBeGreaterThan(0)
      expect(totalBytes).toBeGreaterThanOrEqual(freeBytes)
    })

    test('keeps ballast over a restart, and gives it up', async () => {
      await disk.setBallast(3_000_000)
      await reopen()
      await disk.setBallast(3_000_000)
      await disk.setBallast(0)
      await disk.setBallast(0)
    })

    test('keeps a reserve as large as what opening may need, where there is room for it', async () => {
      await (await disk.state()).batch([put('a', 'x'.repeat(10_000))], sync)
      expect(await disk.reserve({ next: 3_000_000, leave: 0 })).toBe(true)
      const { freeBytes } = await disk.space()
      expect(await disk.reserve({ next: 3_000_000, leave: 2 ** 60 })).toBe(true)
      expect(await disk.reserve({ next: 9_000_000, leave: freeBytes })).toBe(false)
      await reopen()
      expect(text(await (await disk.state()).get(bytes('a')))).toBe('x'.repeat(10_000))
    })
  })
}
