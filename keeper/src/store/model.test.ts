import { expect, test } from 'vitest'
import { KeeperError } from '../base/errors.js'
import { type Random, seededRandom } from '../base/random.js'
import { CLUSTER_VERSION } from './cluster-version.js'
import { TestStore, txnBody } from './testing/memory-state.js'
import { Model, showKv, showModelEvent, showStoreEvent } from './testing/model.js'
import type { CommandBody, Keyspace, Operation, RangeRequest, StateFlush } from './types.js'

/** The naive model and the store get the same commands; at random points everything readable is compared. */

type Change = readonly [key: string, value: string | undefined, lease: bigint]

const keyspaces: readonly Keyspace[] = ['user', 'system']
const bytes = (text: string) => Buffer.from(text, 'latin1')

/** Keys with zero bytes and shared prefixes among them: what escaping and page search stumble over. */
function randomKey(random: Random): string {
  const stem = ['a', 'a\0', 'a\0\xff', '/registry/pods/', 'z'][random.below(5)]
  return `${stem}${random.below(60)}`
}

const randomValue = (random: Random): string =>
  String(random.below(1e9)).repeat(random.below(20) === 0 ? 600 : 1 + random.below(30))

function randomChanges(random: Random): Change[] {
  const changes = new Map<string, Change>()
  for (let i = 0; i <= random.below(4); i++) {
    const key = randomKey(random)
    const lease = random.below(6) === 0 ? BigInt(1 + random.below(3)) : 0n
    changes.set(key, random.below(3) === 0 ? [key, undefined, 0n] : [key, randomValue(random), lease])
  }
  return [...changes.values()]
}

const operation = ([key, value, lease]: Change): Operation =>
  value === undefined
    ? { kind: 'delete', key: bytes(key), prevKv: false }
    : {
        kind: 'put',
        key: bytes(key),
        value: bytes(value),
        lease,
        revisionSuffix: false,
        prevKv: false,
        ignoreValue: false,
        ignoreLease: false,
      }

const request = (low: string, high: string, options: Partial<RangeRequest> = {}): RangeRequest => ({
  key: bytes(low),
  rangeEnd: bytes(high),
  limit: 0,
  revision: 0,
  keysOnly: false,
  countOnly: false,
  ...options,
})

interface World {
  readonly random: Random
  readonly store: TestStore
  readonly models: Record<Keyspace, Model>
}

function writeSome(world: World, keyspace: Keyspace): CommandBody {
  const changes = randomChanges(world.random)
  world.models[keyspace].write(changes)
  return txnBody({ success: changes.map(operation) }, keyspace)
}

function deleteSome(world: World, keyspace: Keyspace): CommandBody {
  const [low, high] = [randomKey(world.random), randomKey(world.random)]
  const model = world.models[keyspace]
  const gone = [...model.now.keys()].filter((key) => low <= key && key < high).sort()
  model.write(gone.map((key) => [key, undefined, 0n]))
  const del: Operation = { kind: 'delete', key: bytes(low), rangeEnd: bytes(high), prevKv: false }
  return txnBody({ success: [del] }, keyspace)
}

function failHalfway(world: World, keyspace: Keyspace): CommandBody {
  const bad: Operation = { kind: 'leaseRevoke', id: 99n }
  return txnBody({ success: [...randomChanges(world.random).map(operation), bad] }, keyspace)
}

function compactSome(world: World, keyspace: Keyspace): CommandBody {
  const model = world.models[keyspace]
  const revision = model.compacted + world.random.below(model.revision - model.compacted + 1)
  model.compacted = Math.max(model.compacted, revision)
  return { kind: 'compact', keyspace, revision }
}

/** Rarely all keys of a lease go at once; the lease comes back for the next round. */
function revokeOne(world: World, keyspace: Keyspace): CommandBody[] {
  const id = BigInt(1 + world.random.below(3))
  const model = world.models[keyspace]
  const keys = [...model.now].filter(([, kv]) => kv.lease === id).map(([key]) => key)
  model.write(keys.sort().map((key) => [key, undefined, 0n]))
  return [
    { kind: 'leaseRevoke', keyspace, id },
    { kind: 'leaseGrant', keyspace, id, ttlSeconds: 60 },
  ]
}

function step(world: World): CommandBody[] {
  const keyspace = keyspaces[world.random.below(2)] as Keyspace
  const dice = world.random.below(100)
  if (dice < 3) return [compactSome(world, keyspace)]
  if (dice < 6) return revokeOne(world, keyspace)
  if (dice < 12) return [deleteSome(world, keyspace)]
  if (dice < 18) return [failHalfway(world, keyspace)]
  return [writeSome(world, keyspace)]
}

async function compareAll({ store, models, random }: World): Promise<void> {
  expect(store.store.hash()).toBe(store.store.recomputeHash())
  for (const keyspace of keyspaces) {
    const model = models[keyspace]
    expect(store.store.revision(keyspace)).toBe(model.revision)
    expect(store.store.range(keyspace, request('\0', '\0')).kvs.map(showKv)).toEqual(
      model.range(model.revision, '\0', '\x7f'),
    )
    for (let i = 0; i < 4; i++) await comparePast(store, keyspace, model, random)
    const from = Math.max(2, model.compacted + 1)
    const events: string[] = []
    for await (const batch of store.store.eventsSince(keyspace, from, { key: bytes('\0'), rangeEnd: bytes('\0') }))
      events.push(...batch.map(showStoreEvent))
    expect(events).toEqual(model.events.filter(({ revision }) => revision >= from).map(showModelEvent))
  }
}

async function comparePast(store: TestStore, keyspace: Keyspace, model: Model, random: Random): Promise<void> {
  const revision = Math.max(1, model.compacted + random.below(model.revision - model.compacted + 1))
  const low = random.below(2) === 0 ? '\0' : randomKey(random)
  const wanted = model.range(revision, low, 'z99')
  const limit = random.below(20)
  const found = await store.store.rangeAt(keyspace, request(low, 'z99', { revision, limit }))
  expect(found.kvs.map(showKv)).toEqual(limit > 0 ? wanted.slice(0, limit) : wanted)
  expect(found).toMatchObject({ revision, count: wanted.length, more: limit > 0 && wanted.length > limit })
  const key = randomKey(random)
  const { rangeEnd: _, ...single } = request(key, '', { revision })
  const one = await store.store.rangeAt(keyspace, single)
  expect(one.kvs.map(showKv)).toEqual(model.range(revision, key, `${key}\0`))
}

const beginning = (version = CLUSTER_VERSION): CommandBody[] => [
  { kind: 'clusterVersion', version },
  ...keyspaces.flatMap((keyspace) =>
    [1n, 2n, 3n].map((id) => ({ kind: 'leaseGrant' as const, keyspace, id, ttlSeconds: 60 })),
  ),
]

function newWorld(random: Random, version?: number): World {
  const world: World = { random, store: new TestStore(), models: { user: new Model(), system: new Model() } }
  world.store.apply(...beginning(version))
  return world
}

test.each([1, 2, 3, 4, 5, 6, 7, 8])('the store is the model, across flushes and restarts (seed %i)', async (seed) => {
  const random = seededRandom(seed)
  const world = newWorld(random, seed % 4 === 0 ? 0 : CLUSTER_VERSION)
  for (let round = 0; round < 40; round++) {
    for (let entry = 0; entry < 12; entry++) world.store.apply(...step(world), ...step(world))
    if (random.below(2) === 0) world.store.flush()
    if (random.below(8) === 0) await world.store.restart()
    if (random.below(3) === 0) await compareAll(world)
  }
  await compareAll(world)
})

test('a read of the past that writes, flushes and a compaction overtake is right, or refused as compacted', async () => {
  const world = newWorld(seededRandom(42))
  const { store, models } = world
  for (let i = 0; i < 200; i++) store.apply(writeSome(world, 'user'))
  const revision = models.user.revision - 60
  const wanted = models.user.range(revision, '\0', '\x7f')
  const found = { right: 0, E_COMPACTED: 0 }
  const read = async () => {
    try {
      const { kvs } = await store.store.rangeAt('user', request('\0', '\0', { revision }))
      expect(kvs.map(showKv)).toEqual(wanted)
      found.right++
    } catch (error) {
      if (!(error instanceof KeeperError)) throw error
      expect(error.code).toBe('E_COMPACTED')
      found.E_COMPACTED++
    }
  }
  const reads: Promise<void>[] = []
  for (let i = 0; i < 60; i++) {
    reads.push(read())
    store.apply(writeSome(world, 'user'))
    if (i % 3 === 0) store.flush()
    if (i === 40) store.apply({ kind: 'compact', keyspace: 'user', revision: revision + 1 })
    for (let turn = 0; turn < (i % 7) * 50; turn++) await undefined
  }
  await Promise.all(reads)
  expect(found.right).toBeGreaterThan(10)
  expect(found.E_COMPACTED).toBeGreaterThan(10)
})

test('two members with the same log and different flushes have the same hash, bytes and content', async () => {
  const random = seededRandom(7)
  const world = newWorld(random)
  const [left, right] = [world.store, new TestStore()]
  right.apply(...beginning())
  for (let i = 0; i < 600; i++) {
    const bodies = step(world)
    expect(left.apply(...bodies)).toEqual(right.apply(...bodies))
    if (random.below(5) === 0) left.flush()
    if (random.below(90) === 0) await right.restart()
    expect(left.store.hash()).toBe(right.store.hash())
    expect(left.store.bytesInUse()).toBe(right.store.bytesInUse())
  }
  await left.restart()
  await right.restart()
  expect(left.store.hash()).toBe(right.store.hash())
  expect(await left.events(left.store.compactedRevision('user') + 1)).toEqual(
    await right.events(right.store.compactedRevision('user') + 1),
  )
})

test('the same log gives the same bytes: results, events and flushes', () => {
  const world = newWorld(seededRandom(11))
  const [left, right] = [world.store, new TestStore()]
  right.apply(...beginning())
  for (let i = 0; i < 200; i++) {
    const bodies = step(world)
    expect(left.apply(...bodies)).toEqual(right.apply(...bodies))
    if (i % 50 === 49) expect(plain(left.store.takeFlush())).toEqual(plain(right.store.takeFlush()))
  }
})

const plain = ({ puts, deletes }: StateFlush) => [
  ...[...puts].map(({ key, value }) => `${Buffer.from(key).toString('hex')} ${Buffer.from(value).toString('hex')}`),
  ...deletes.map((key) => Buffer.from(key).toString('hex')),
]
