import { type Ack, clientFrame } from '@keeper/proto'
import { describe, expect, test } from 'vitest'
import { seededRandom } from '../base/random.js'
import { readPlainAck } from './plain-ack.js'

const frame = (...acks: Ack[]) => clientFrame.encode({ acks: { acks } })

describe('a plain ack', () => {
  test('is read as the general decoder reads it, up to 2^53 − 1', () => {
    for (const revision of [0, 1, 127, 128, 2 ** 32, Number.MAX_SAFE_INTEGER]) {
      const bytes = frame({ storeEpoch: 3, revision, state: 2, atUnixMs: 1_700_000_000_000 })
      expect(readPlainAck(bytes)).toEqual({ storeEpoch: 3, revision, state: 2, atUnixMs: 1_700_000_000_000 })
    }
  })

  test('is nothing else: what has a reason, configs, company or a number past 2^53 is left to the decoder', () => {
    const plain = { storeEpoch: 1, revision: 1, state: 2 as const, atUnixMs: 1 }
    expect(readPlainAck(frame(plain))).toBeDefined()
    expect(readPlainAck(frame({ ...plain, reason: 'x' }))).toBeUndefined()
    expect(readPlainAck(frame({ ...plain, configs: [{ name: 'a' }] }))).toBeUndefined()
    expect(readPlainAck(frame(plain, plain))).toBeUndefined()
    expect(readPlainAck(frame())).toBeUndefined()
    expect(readPlainAck(frame({ ...plain, revision: '9007199254740992' }))).toBeUndefined()
    expect(readPlainAck(clientFrame.encode({ heartbeat: { sequence: 1 } }))).toBeUndefined()
  })

  test('is never read from bytes that the general decoder reads otherwise', () => {
    const random = seededRandom(7)
    const good = frame({ storeEpoch: 1, revision: 300, state: 2, atUnixMs: 1_700_000_000_000 })
    let read = 0
    for (let round = 0; round < 20_000; round++) {
      const bytes = Buffer.from(good.subarray(0, random.below(4) ? good.length : random.below(good.length + 1)))
      for (let flips = random.below(3); flips > 0; flips--) bytes[random.below(bytes.length)] = random.below(256)
      const fast = readPlainAck(bytes)
      if (!fast) continue
      read++
      const slow = clientFrame.decode(bytes).acks?.acks
      expect(slow).toHaveLength(1)
      expect(slow?.[0]).toMatchObject({ revision: String(fast.revision), atUnixMs: String(fast.atUnixMs), configs: [] })
    }
    expect(read).toBeGreaterThan(1000)
  })
})
