import { describe, expect, test } from 'vitest'
import { ByteReader } from '../base/codec.js'
import { limits } from '../base/limits.js'
import { seededRandom } from '../base/random.js'
import type { BlobPiece } from '../store/types.js'
import { deltaSteps, type PiecedValue } from './delta.js'
import { makeHouse } from './testing/house.js'
import { hashOf } from './testing/shared-log.js'
import { TestClient } from './testing/test-client.js'

/** All steps at once. */
function makeDelta(base: Buffer, next: Buffer, bytesMax: number): Buffer | undefined {
  return allOf(deltaSteps(inOne(base), inOne(next), bytesMax))
}

function allOf(steps: Generator<undefined, Buffer | undefined>): Buffer | undefined {
  for (;;) {
    const { done, value } = steps.next()
    if (done) return value
  }
}

const inOne = (bytes: Buffer): PiecedValue => {
  return { pieces: [{ hash: hashOf(bytes), bytes: bytes.length }], bytesOf: () => bytes }
}

/** As session.proto says it. */
function read(base: Buffer, delta: Buffer): Buffer {
  const from = new ByteReader(delta)
  const parts: Buffer[] = []
  while (from.remaining > 0) {
    const instruction = from.uint()
    const count = Math.floor(instruction / 2)
    if (instruction % 2 === 1) parts.push(from.raw(count))
    else {
      const offset = from.uint()
      parts.push(base.subarray(offset, offset + count))
    }
  }
  return Buffer.concat(parts)
}

const line = (number: number) => `"user-${String(number).padStart(8, '0')}-whitelisted",`
const list = (numbers: readonly number[]) => Buffer.from(`[${numbers.map(line).join('').slice(0, -1)}]`)
const numbers = (count: number) => Array.from({ length: count }, (_, at) => at)

describe('a difference', () => {
  test('of one line in a long list is little more than the line, wherever it stands', () => {
    const before = numbers(20_000)
    for (const at of [0, 1, 9_999, 19_999]) {
      const after = before.toSpliced(at, 1, 99_999_999)
      const delta = makeDelta(list(before), list(after), 1_000) as Buffer
      expect(delta.length).toBeLessThan(2 * line(0).length)
      expect(read(list(before), delta).equals(list(after))).toBe(true)
    }
  })

  test('of lines all over the list is about as long as they are', () => {
    const before = numbers(20_000)
    const after = before.map((number) => (number % 200 === 7 ? number + 50_000_000 : number))
    const delta = makeDelta(list(before), list(after), 100_000) as Buffer
    expect(delta.length).toBeLessThan(2 * 100 * line(0).length)
    expect(read(list(before), delta).equals(list(after))).toBe(true)
  })

  test.each(['inserted', 'deleted'])('of lines %s all over the list is less than they are', (how) => {
    const before = numbers(20_000)
    const after = before.flatMap((number) => {
      if (number % 200 !== 7) return [number]
      return how === 'inserted' ? [number, number + 50_000_000] : []
    })
    const delta = makeDelta(list(before), list(after), 100_000) as Buffer
    expect(delta.length).toBeLessThan(100 * line(0).length)
    expect(read(list(before), delta).equals(list(after))).toBe(true)
  })

  test('of a list whose halves changed places is short', () => {
    const [before, after] = [numbers(10_000), [...numbers(10_000).slice(5_000), ...numbers(5_000)]]
    const delta = makeDelta(list(before), list(after), 1_000) as Buffer
    expect(read(list(before), delta).equals(list(after))).toBe(true)
  })

  test('of values that have nothing in common is none', () => {
    const random = seededRandom(1)
    expect(makeDelta(Buffer.from(random.bytes(50_000)), Buffer.from(random.bytes(50_000)), 25_000)).toBeUndefined()
  })

  test('gives the value again, whatever was cut out, put in or moved', () => {
    const random = seededRandom(7)
    for (let round = 0; round < 300; round++) {
      const base = Buffer.from(random.bytes(random.below(2_000)).map((byte) => byte % 5))
      let next = base
      for (let edits = random.below(6); edits > 0; edits--) {
        const [from, count] = [random.below(next.length + 1), random.below(200)]
        const put =
          random.below(2) === 0 ? random.bytes(random.below(40)) : base.subarray(random.below(base.length + 1))
        next = Buffer.concat([next.subarray(0, from), put, next.subarray(from + count)])
      }
      const delta = makeDelta(base, next, Number.POSITIVE_INFINITY) as Buffer
      expect(read(base, delta).equals(next), `round ${round}`).toBe(true)
    }
  })
})

describe('a difference of values in pieces', () => {
  /** Cut where the bytes say so, that pieces are alike. */
  const cut = (bytes: Buffer, isEnd: (at: number) => boolean): PiecedValue & { readonly read: Set<string> } => {
    const parts: Buffer[] = []
    for (let from = 0, at = 0; at < bytes.length; at++) {
      if (at + 1 < bytes.length && !isEnd(at)) continue
      parts.push(bytes.subarray(from, at + 1))
      from = at + 1
    }
    const read = new Set<string>()
    const pieces = parts.map((part) => ({ hash: part.toString('hex'), bytes: part.length }))
    const byHash = new Map(parts.map((part, at) => [pieces[at]?.hash ?? '', part]))
    const bytesOf = ({ hash }: BlobPiece) => {
      read.add(hash)
      return byHash.get(hash)
    }
    return { pieces, bytesOf, read }
  }

  test('gives the value again, whatever was cut out, put in or moved', () => {
    const random = seededRandom(17)
    for (let round = 0; round < 400; round++) {
      const base = Buffer.from(random.bytes(random.below(1_500)).map((byte) => byte % 11))
      let next = base
      for (let edits = random.below(6); edits > 0; edits--) {
        const [from, count] = [random.below(next.length + 1), random.below(100)]
        const put =
          random.below(2) === 0 ? random.bytes(random.below(40)) : base.subarray(random.below(base.length + 1))
        next = Buffer.concat([next.subarray(0, from), put, next.subarray(from + count)])
      }
      const atThrees = (bytes: Buffer) => cut(bytes, (at) => bytes[at] === 3 && random.below(30) > 0)
      const [old, wanted] = [atThrees(base), atThrees(next)]
      const delta = allOf(deltaSteps(old, wanted, Number.POSITIVE_INFINITY)) as Buffer
      expect(read(base, delta).equals(next), `round ${round}`).toBe(true)
    }
  })

  test('reads no piece that both have, and is as short as that of the whole', () => {
    const before = numbers(20_000)
    const after = before.toSpliced(9_999, 1, 99_999_999)
    const hundreds = (bytes: Buffer) =>
      cut(bytes, (at) => bytes.toString('latin1', at - 1, at + 13) === '00-whitelisted')
    const [old, wanted] = [hundreds(list(before)), hundreds(list(after))]
    const delta = allOf(deltaSteps(old, wanted, 1_000)) as Buffer
    expect(delta.length).toBeLessThan(2 * line(0).length)
    expect(read(list(before), delta).equals(list(after))).toBe(true)
    expect(old.read.size + wanted.read.size).toBe(2)
    expect(old.pieces.length).toBe(201)
  })

  test('is none where a piece cannot be had', () => {
    const [old, wanted] = [inOne(list(numbers(100))), inOne(list(numbers(120)))]
    const gone = { ...old, bytesOf: () => undefined }
    expect(allOf(deltaSteps(gone, wanted, 10_000))).toBeUndefined()
  })
})

describe('a large value that changed', () => {
  const big = (word: string) => ({ list: numbers(2_000).map((number) => (number === 1_000 ? word : `user-${number}`)) })
  const subscriptions = ['push/room']
  const lastChange = (client: TestClient) => client.pushes.at(-1)?.changes[0]

  test('is told as a difference to who runs with the one before, whole to others; each made once', async () => {
    const { hub, log } = makeHouse()
    log.publish({ 'push/room': { value: big('one') } })
    const able = await Promise.all(
      ['a', 'b'].map((name) => TestClient.join(hub, `room-${name}`, { subscriptions, features: 1 })),
    )
    const plain = await TestClient.join(hub, 'room-c', { subscriptions })
    const silent = await TestClient.join(hub, 'room-d', { subscriptions, features: 1 })
    for (const client of [...able, plain]) client.ack(client.pushes[0])
    log.publish({ 'push/room': { value: big('two') } })
    for (const client of able) {
      const change = lastChange(client)
      expect(change).toMatchObject({ baseHash: hashOf(big('one')), hash: hashOf(big('two')) })
      const made = read(Buffer.from(JSON.stringify(big('one'))), Buffer.from(change?.delta ?? []))
      expect(JSON.parse(made.toString())).toEqual(big('two'))
      expect(change?.value).toHaveLength(0)
    }
    expect(able[0]?.connection.sent.at(-1)).toBe(able[1]?.connection.sent.at(-1))
    // who cannot, or did not say yet that it took the one before
    for (const client of [plain, silent]) expect(lastChange(client)?.baseHash).toBe('')
  })

  test('is told to who takes the brief form with a check in place of the hashes: a few bytes besides what changed', async () => {
    const { hub, log } = makeHouse()
    log.publish({ 'push/room': { value: big('one') } })
    const [brief, other] = await Promise.all(
      ['a', 'b'].map((name) => TestClient.join(hub, `room-${name}`, { subscriptions, features: 3 })),
    )
    const long = await TestClient.join(hub, 'room-c', { subscriptions, features: 1 })
    for (const client of [brief, other, long]) client?.ack(client.pushes[0])
    const revision = log.publish({ 'push/room': { value: big('two') } })
    const frame = brief?.connection.sent.at(-1)
    expect(frame?.bytes.length).toBeLessThan(60)
    expect(frame, 'made once').toBe(other?.connection.sent.at(-1))
    const change = brief && lastChange(brief)
    expect(brief?.pushes.at(-1)?.revision).toBe(String(revision))
    expect(change).toMatchObject({ revision: '0', hash: '', baseHash: '', committedUnixMs: '0' })
    expect(hashOf(big('two')).startsWith(Buffer.from(change?.check ?? []).toString('hex'))).toBe(true)
    expect(lastChange(long)).toMatchObject({ hash: hashOf(big('two')), delta: change?.delta })
  })

  test('is told as a difference after a new hello, from what the process says it holds', async () => {
    const { hub, log } = makeHouse()
    const { revision } = { revision: log.publish({ 'push/room': { value: big('one') } }) }
    log.publish({ 'push/room': { value: big('two') } })
    const hash = hashOf(big('one'))
    const held = [{ name: 'push/room', storeEpoch: 1, revision, hash, state: 'ACK_STATE_APPLIED' as const }]
    const back = await TestClient.join(hub, 'room-a', { subscriptions, features: 1, held })
    expect(lastChange(back)).toMatchObject({ baseHash: hash, hash: hashOf(big('two')) })
  })

  test('is sent whole when it is small', async () => {
    const { hub, log } = makeHouse()
    log.publish({ 'push/room': { value: 1 } })
    const client = await TestClient.join(hub, 'room-a', { subscriptions, features: 1 })
    client.ack(client.pushes[0])
    log.publish({ 'push/room': { value: 2 } })
    expect(lastChange(client)).toMatchObject({ baseHash: '' })
    expect(limits.deltaValueBytesMin).toBeGreaterThan(1_000)
  })
})
