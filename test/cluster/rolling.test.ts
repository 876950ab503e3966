import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { KeeperCluster } from '../harness/keeper-cluster.js'
import { Counting } from './counting.js'

describe('three keepers, processes that write and read without a pause', () => {
  let cluster: KeeperCluster
  let folder = ''
  let counting: Counting

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'keeper-rolling-'))
    cluster = await KeeperCluster.begin(folder)
    counting = await Counting.start(cluster.endpoints, 6)
  }, 60_000)

  afterAll(async () => {
    await counting.end()
    await cluster.end()
    await rm(folder, { recursive: true, force: true })
  }, 60_000)

  test.each<[string, NodeJS.Signals]>([
    ['stopped and started one after the other', 'SIGTERM'],
    ['killed and started one after the other', 'SIGKILL'],
  ])(
    '%s: no call fails, and each takes place once',
    async (_what, signal) => {
      for (const name of cluster.names) {
        await counting.allGoOn()
        await cluster.kill(name, signal)
        await counting.allGoOn()
        await cluster.start(name)
      }
      await counting.allGoOn()
      expect(counting.wrong).toEqual([])
    },
    90_000,
  )

  test('one that hangs is left for another, and no call fails', async () => {
    const name = cluster.nameAt(counting.keepers[0]?.status.endpoint ?? '')
    const hanging = cluster.process(name)
    hanging.signal('SIGSTOP')
    try {
      await counting.allGoOn()
      const places = counting.keepers.map((keeper) => cluster.nameAt(keeper.status.endpoint))
      expect(places).not.toContain(name)
    } finally {
      hanging.signal('SIGCONT')
    }
    await counting.allGoOn()
    expect(counting.wrong).toEqual([])
  }, 60_000)
})
