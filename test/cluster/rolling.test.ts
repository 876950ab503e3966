import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Keeper } from '@keeper/sdk'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { KeeperCluster } from '../harness/keeper-cluster.js'
import { until } from '../harness/keeper-process.js'

/** What a process runs into that counts up one key: every call once, or twice, or in vain. */
interface Counter {
  /** The number that was acknowledged last. */
  count: number
  readonly wrong: string[]
  slowestMs: number
}

/** Counts `key` up, call after call, until `stop`: the key's version is the number of writes that took place. */
async function countUp(keeper: Keeper, key: string, counter: Counter, stop: AbortSignal): Promise<void> {
  while (!stop.aborted) {
    const next = counter.count + 1
    const began = performance.now()
    try {
      await keeper.kv.put(key, String(next))
      const entry = await keeper.kv.get(key)
      if (entry?.version !== next) counter.wrong.push(`${key}: write ${next} made version ${entry?.version}`)
    } catch (error) {
      counter.wrong.push(`${key}: write ${next} at ${keeper.status.endpoint} failed: ${error}`)
    }
    counter.slowestMs = Math.max(counter.slowestMs, performance.now() - began)
    counter.count = next
  }
}

describe('three keepers, processes that write and read without a pause', () => {
  let cluster: KeeperCluster
  let folder = ''
  const keepers: Keeper[] = []
  const counters: Counter[] = []
  const stop = new AbortController()
  let loops: Promise<void>[] = []

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'keeper-rolling-'))
    cluster = await KeeperCluster.begin(folder)
    for (let at = 0; at < 6; at++) {
      const about = { cluster: 'push', role: 'room', instance: `room-${at}`, stateDir: false as const }
      keepers.push(await Keeper.join({ ...about, endpoints: cluster.endpoints, logger: silent }))
      counters.push({ count: 0, wrong: [], slowestMs: 0 })
    }
    loops = keepers.map((keeper, at) => countUp(keeper, `count/${at}`, counters[at] as Counter, stop.signal))
  }, 60_000)

  afterAll(async () => {
    stop.abort()
    await Promise.all(loops)
    await Promise.all(keepers.map((keeper) => keeper.leave()))
    await cluster.end()
    await rm(folder, { recursive: true, force: true })
  }, 60_000)

  /** Every process has been served since the call. */
  async function allGoOn(): Promise<void> {
    const before = counters.map(({ count }) => count)
    await until('every process to be served', () => counters.every(({ count }, at) => count > (before[at] ?? 0) + 2))
  }

  test.each<[string, NodeJS.Signals]>([
    ['stopped and started one after the other', 'SIGTERM'],
    ['killed and started one after the other', 'SIGKILL'],
  ])(
    '%s: no call fails, and each takes place once',
    async (_what, signal) => {
      for (const name of cluster.names) {
        await allGoOn()
        await cluster.kill(name, signal)
        await allGoOn()
        await cluster.start(name)
      }
      await allGoOn()
      expect(counters.flatMap(({ wrong }) => wrong)).toEqual([])
    },
    90_000,
  )

  test('one that hangs is left for another, and no call fails', async () => {
    const name = cluster.nameAt(keepers[0]?.status.endpoint ?? '')
    const hanging = cluster.process(name)
    hanging.signal('SIGSTOP')
    try {
      await allGoOn()
      const places = keepers.map((keeper) => cluster.nameAt(keeper.status.endpoint))
      expect(places).not.toContain(name)
    } finally {
      hanging.signal('SIGCONT')
    }
    await allGoOn()
    expect(counters.flatMap(({ wrong }) => wrong)).toEqual([])
  }, 60_000)
})

const silent = { debug() {}, info() {}, warn() {}, error() {} }
