import { beforeEach, describe, expect, test } from 'vitest'
import { silentLogger } from '../base/logger.js'
import { ManualClock } from '../push/testing/manual-clock.js'
import type { Keyspace, Lease, StoreReader } from '../store/types.js'
import { Lessor } from './lessor.js'

/** A lessor whose quorum, leases and clock the test holds in its hand. */
class House {
  readonly clock = new ManualClock()
  readonly leases = new Map<bigint, Lease>()
  readonly revoked: bigint[] = []
  quorum = true
  /** Called when a quorum is asked: what the leader learns meanwhile. */
  asked: () => void = () => {}
  readonly alive = new Set<number>()
  revocationFails = false
  revocationHangs = false
  readonly lessor = new Lessor(
    {
      store: {
        lease: (keyspace: Keyspace, id: bigint) => (keyspace === 'user' ? this.leases.get(id) : undefined),
        leases: (keyspace: Keyspace) => (keyspace === 'user' ? [...this.leases.values()] : []),
      } as unknown as StoreReader,
      clock: this.clock,
      logger: silentLogger,
      confirmLeading: () => {
        this.asked()
        return this.quorum ? Promise.resolve() : new Promise(() => {})
      },
      isAlive: (member) => this.alive.has(member),
      revoke: async (_keyspace, id) => {
        this.revoked.push(id)
        if (this.revocationHangs) await new Promise(() => {})
        if (this.revocationFails) throw new Error('no')
        this.leases.delete(id)
      },
      nextTurn: () => Promise.resolve(),
    },
    { confirmMs: 500, gapMs: 1_000, expiriesPerTickMax: 2 },
  )

  grant(id: bigint, ttlSeconds: number): void {
    this.leases.set(id, { id, keyspace: 'user', ttlSeconds, grantedWallMs: 0, keys: 0 })
    const results = [{ kind: 'leaseGrant', id, ttlSeconds }] as const
    this.lessor.applied({
      index: 1,
      term: 1,
      wallMs: 0,
      results: [{ ok: true, revision: 1, succeeded: true, results }],
      events: [],
    })
  }

  async pass(ms: number): Promise<void> {
    for (let passed = 0; passed < ms; passed += 100) {
      this.clock.advance(100)
      this.lessor.tick()
      await settled()
    }
  }
}

const settled = async () => {
  for (let turn = 0; turn < 10; turn++) await undefined
}

let house: House
beforeEach(async () => {
  house = new House()
  house.lessor.leadership(true)
  await settled()
})

describe('the lessor', () => {
  test('expires a lease after its TTL, not before', async () => {
    house.grant(1n, 2)
    await house.pass(1_900)
    expect(house.revoked).toEqual([])
    await house.pass(1_200)
    expect(house.revoked).toEqual([1n])
  })

  test('gives a renewed lease its TTL again', async () => {
    house.grant(1n, 2)
    await house.pass(1_500)
    expect(await house.lessor.renew('user', [1n, 9n])).toEqual([9n])
    expect(house.lessor.remainingMs('user', 1n)).toBe(2_000)
    await house.pass(1_900)
    expect(house.revoked).toEqual([])
  })

  test('lets no time pass without a quorum', async () => {
    house.grant(1n, 2)
    house.quorum = false
    await house.pass(10_000)
    expect(house.revoked).toEqual([])
    house.quorum = true
    await house.pass(1_500)
    expect(house.revoked).toEqual([])
    await house.pass(3_000)
    expect(house.revoked).toEqual([1n])
  })

  test('gives every lease its full TTL after a gap of the clock', async () => {
    house.grant(1n, 2)
    house.clock.advance(60_000)
    await house.pass(1_500)
    expect(house.revoked).toEqual([])
    await house.pass(2_000)
    expect(house.revoked).toEqual([1n])
  })

  test('gives every lease its full TTL after an election', async () => {
    house.grant(1n, 2)
    await house.pass(1_900)
    house.lessor.leadership(false)
    expect(house.lessor.remainingMs('user', 1n)).toBeUndefined()
    await expect(house.lessor.renew('user', [1n])).rejects.toMatchObject({ code: 'E_NOT_LEADER' })
    house.lessor.leadership(true)
    await settled()
    await house.pass(1_900)
    expect(house.revoked).toEqual([])
  })

  test('gives the leases that came through a member their full TTL when that member falls silent, once', async () => {
    house.alive.add(2).add(3)
    for (const id of [1n, 2n, 3n]) house.grant(id, 3)
    await house.lessor.renew('user', [1n], 2)
    await house.lessor.renew('user', [2n], 3)
    await house.pass(2_000)
    house.alive.delete(2)
    await house.pass(1_900)
    expect(house.revoked.toSorted()).toEqual([2n, 3n])
    house.alive.add(2)
    await house.pass(100)
    house.alive.delete(2)
    await house.pass(2_000)
    expect(house.revoked.at(-1)).toBe(1n)
  })

  test('expires no more at once than it may', async () => {
    for (const id of [1n, 2n, 3n, 4n, 5n]) house.grant(id, 1)
    const counts: number[] = []
    for (let tick = 0; tick < 20; tick++) {
      await house.pass(100)
      counts.push(house.revoked.length)
    }
    expect([...new Set(counts)]).toEqual([0, 2, 4, 5])
  })

  test('a lease whose revocation is under way cannot be renewed, and is revoked again if that failed', async () => {
    house.revocationFails = true
    house.grant(1n, 1)
    await house.pass(2_000)
    expect(house.revoked.length).toBeGreaterThan(0)
    expect(await house.lessor.renew('user', [1n])).toEqual([1n])
    house.revocationFails = false
    await house.pass(1_500)
    expect(house.leases.size).toBe(0)
  })

  test('says of a lease that it is unknown only when everything from before its election is applied', async () => {
    const lease: Lease = { id: 1n, keyspace: 'user', ttlSeconds: 2, grantedWallMs: 0, keys: 0 }
    house.asked = () => house.leases.set(1n, lease)
    expect(await house.lessor.renew('user', [1n])).toEqual([])
    expect(house.lessor.remainingMs('user', 1n)).toBe(2_000)
    house.asked = () => house.leases.delete(1n)
    expect(await house.lessor.renew('user', [1n])).toEqual([1n])
  })

  test('a lease whose revocation is under way cannot be renewed beyond a gap: it may be in the log', async () => {
    house.revocationHangs = true
    house.grant(1n, 1)
    await house.pass(2_000)
    expect(house.revoked).toEqual([1n])
    house.clock.advance(60_000)
    await house.pass(500)
    expect(await house.lessor.renew('user', [1n])).toEqual([1n])
    house.lessor.leadership(false)
    house.lessor.leadership(true)
    expect(await house.lessor.renew('user', [1n])).toEqual([])
  })
})
