import { describe, expect, test } from 'vitest'
import { systemClock } from '../../keeper/src/base/clock.js'
import { decodeText, encodeText } from '../../keeper/src/base/codec.js'
import { silentLogger } from '../../keeper/src/base/logger.js'
import { seededRandom } from '../../keeper/src/base/random.js'
import { startMember } from '../../keeper/src/node/member.js'
import type { StartedMember } from '../../keeper/src/node/types.js'
import { openMemberDisk } from '../../keeper/src/storage/member-disk.js'
import { createStore } from '../../keeper/src/store/store.js'
import type { Command, StateMachine } from '../../keeper/src/store/types.js'
import { DoubleDisk } from './disk/double-disk.js'
import { putOf } from './put-of.js'

const newDisk = (seed: number): DoubleDisk => new DoubleDisk({ random: seededRandom(seed), walBytesMax: 4_000 })

async function start(raw: DoubleDisk, wrap = (store: StateMachine) => store): Promise<StartedMember> {
  const identity = { clusterId: 'c1', memberId: 1, memberName: 'n1' }
  const disk = await openMemberDisk(raw.attach(), { identity })
  return startMember({
    disk,
    clock: systemClock,
    random: seededRandom(1),
    logger: silentLogger,
    createStore: (reader) => wrap(createStore({ reader })),
    flush: { entries: 15, tailEntries: 5 },
  })
}

const put = (key: string, value: string): Command => ({
  principal: 'test',
  body: { kind: 'txn', keyspace: 'user', txn: { compares: [], success: [putOf(key, value)], failure: [] } },
})

const valueAt = (member: StartedMember, key: string): string | undefined => {
  const kv = member.store.get('user', encodeText(key))
  return kv && decodeText(kv.value)
}

describe('a single voter', () => {
  test.each([1, 2, 3, 4, 5])('has after the power failed all that it acknowledged (seed %i)', async (seed) => {
    const random = seededRandom(seed)
    const raw = newDisk(seed)
    const acknowledged = new Map<string, number>()
    for (let life = 0; life < 12; life++) {
      const member = await start(raw)
      expect(member.status().condition).toBe('clean')
      for (const [key, count] of acknowledged) expect(Number(valueAt(member, key))).toBeGreaterThanOrEqual(count)
      raw.inject({ kind: 'crash', after: random.below(60) })
      const crashed = raw.whenCrashed()
      await Promise.race([crashed, writeOnAndOn(member, acknowledged, life * 1_000)])
    }
  })

  test('whose log lost its end refuses to start, and says what to do', async () => {
    const raw = newDisk(1)
    const member = await start(raw)
    for (let i = 0; i < 10; i++) await member.propose(put('a', `${i}`))
    raw.crash()
    raw.inject({ kind: 'torn-tail', place: 'log', count: 3 })
    await expect(start(raw)).rejects.toMatchObject({
      code: expect.stringMatching(/^E_(?:LOST_TAIL|CORRUPT)$/),
      message: expect.stringContaining('keeper snapshot restore'),
    })
  })

  test.each(['sync-error', 'write-error', 'no-space'] as const)(
    'acknowledges nothing more after a %s, and lives to say why',
    async (kind) => {
      const raw = newDisk(1)
      const member = await start(raw)
      await member.propose(put('a', 'before'))
      raw.inject({ kind, place: 'log' })
      await expect(member.propose(put('a', 'lost'))).rejects.toMatchObject({ code: 'E_DISK' })
      await member.halted
      await expect(member.propose(put('a', 'later'))).rejects.toMatchObject({ code: 'E_DISK' })
      await expect(member.linearizableRead()).rejects.toMatchObject({ code: 'E_DISK' })
      expect(member.status()).toMatchObject({ condition: 'halted', role: 'follower', fault: { code: 'E_DISK' } })
      expect(valueAt(member, 'a')).toBe('before')
      await member.stop()
    },
  )

  test('halts at a failing flush too', async () => {
    const raw = newDisk(1)
    const member = await start(raw)
    raw.inject({ kind: 'sync-error', place: 'state' })
    const writes = Promise.allSettled(Array.from({ length: 30 }, (_, i) => writeLater(member, i)))
    await member.halted
    expect(member.failure()?.code).toBe('E_DISK')
    await writes
    await member.stop()
  })

  test('halts at a command it does not know, with everything before it', async () => {
    const raw = newDisk(1)
    const member = await start(raw, (store) => withPoison(store))
    await member.propose(put('a', 'known'))
    await expect(member.propose(put('poison', 'x'))).rejects.toMatchObject({ code: 'E_HALTED' })
    expect(member.status()).toMatchObject({ condition: 'halted', fault: { code: 'E_HALTED' } })
    expect(valueAt(member, 'a')).toBe('known')
    await member.stop()
  })
})

/** Counts each key up; a count stands in `acknowledged` once it was acknowledged. */
async function writeOnAndOn(member: StartedMember, acknowledged: Map<string, number>, from: number): Promise<void> {
  for (let count = from; count < from + 500; count++) {
    const keys = ['a', 'b', 'c'].slice(0, 1 + (count % 3))
    await Promise.all(
      keys.map(async (key) => {
        const result = await member.propose(put(key, `${count}`))
        if (result.ok) acknowledged.set(key, count)
      }),
    )
  }
}

async function writeLater(member: StartedMember, turns: number): Promise<void> {
  for (let turn = 0; turn < turns; turn++) await new Promise((resolve) => setImmediate(resolve))
  await member.propose(put('a', `${turns}`))
}

/** Another version's command, as this one meets it: what it cannot decode halts it. */
function withPoison(store: StateMachine): StateMachine {
  const poison = Buffer.from('poison')
  return new Proxy(store, {
    get(_, name) {
      const value = Reflect.get(store, name, store)
      if (name !== 'apply') return typeof value === 'function' ? value.bind(store) : value
      return (entry: Parameters<StateMachine['apply']>[0]) => {
        if (!Buffer.from(entry.data).includes(poison)) return store.apply(entry)
        return store.apply({ ...entry, data: Uint8Array.of(99) })
      }
    },
  })
}
