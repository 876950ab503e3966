import { describe, expect, test } from 'vitest'
import { decodeSnapshot, encodeSnapshot, type SnapshotHeader } from './snapshot-format.js'

const header: SnapshotHeader = {
  ...{ format: 1, clusterId: 'c', storeEpoch: 3, memberName: 'n1', index: 7, term: 2 },
  ...{ userRevision: 4, systemRevision: 5, records: 900, wallMs: 1, version: '0.1.0' },
}

async function* records(count: number) {
  for (let i = 0; i < count; i++) yield { key: Buffer.from(`k${i}`), value: Buffer.alloc(1_000, i) }
}

async function written(count = 900): Promise<Buffer[]> {
  const pieces: Buffer[] = []
  for await (const { bytes } of encodeSnapshot(header, records(count))) pieces.push(bytes)
  return pieces
}

async function* inPieces(file: Buffer, size: number) {
  for (let at = 0; at < file.length; at += size) yield file.subarray(at, at + size)
}

async function readAll(file: Buffer, size = 100_000): Promise<number> {
  const { records: found } = await decodeSnapshot(inPieces(file, size))
  let count = 0
  for await (const { key, value } of found) {
    expect([key.toString(), value[0]]).toEqual([`k${count}`, count % 256])
    count++
  }
  return count
}

describe('a snapshot file', () => {
  test('gives back what went in, however it is cut on the way', async () => {
    const file = Buffer.concat(await written())
    expect(await readAll(file)).toBe(900)
    expect(await readAll(file, 4_001)).toBe(900)
    expect((await decodeSnapshot(inPieces(file, 77))).header).toEqual(header)
    expect(await readAll(Buffer.concat(await written(0)))).toBe(0)
  })

  test('with a bit flipped anywhere, cut off anywhere, or with more behind is refused', async () => {
    const file = Buffer.concat(await written(3))
    for (let at = 0; at < file.length; at += 7) {
      const flipped = Buffer.from(file)
      flipped[at] = (flipped[at] ?? 0) ^ 1
      await expect(readAll(flipped), `bit at ${at}`).rejects.toMatchObject({ code: 'E_BAD_SNAPSHOT' })
      await expect(readAll(file.subarray(0, at)), `cut at ${at}`).rejects.toMatchObject({ code: 'E_BAD_SNAPSHOT' })
    }
    const more = Buffer.concat([file, Buffer.from('x')])
    await expect(readAll(more)).rejects.toMatchObject({ code: 'E_BAD_SNAPSHOT' })
  })

  test('with a block missing, twice, or out of order is refused', async () => {
    const [head, first, second, ...rest] = (await written()) as [Buffer, Buffer, Buffer, ...Buffer[]]
    for (const wrong of [
      [head, second, ...rest],
      [head, first, first, second, ...rest],
      [head, second, first, ...rest],
    ])
      await expect(readAll(Buffer.concat(wrong))).rejects.toMatchObject({ code: 'E_BAD_SNAPSHOT' })
  })
})
