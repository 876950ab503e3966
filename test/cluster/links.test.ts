import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { KeeperCluster } from '../harness/keeper-cluster.js'
import { until } from '../harness/keeper-process.js'
import { Links } from '../harness/links.js'
import { faults } from './faults.js'
import { MixedLoad } from './load.js'

describe('three keepers whose words to each other are late, lost, stalled and cut off', () => {
  const links = new Links()
  let folder = ''
  let cluster: KeeperCluster
  let load: MixedLoad

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'keeper-links-'))
    cluster = await KeeperCluster.begin(folder, 3, [], { links })
    load = await MixedLoad.start(cluster.endpoints, 4, 1)
  }, 30_000)

  afterAll(async () => {
    await cluster.end()
    links.end()
    await rm(folder, { recursive: true })
  }, 30_000)

  for (const fault of faults.filter(({ needs, long }) => needs === 'links' && !long))
    test(`${fault.name}: it goes on`, async () => {
      await fault.run({ cluster, links, lastsMs: 1_500 })
      const before = load.acknowledged
      await until('the load to go on', () => load.acknowledged > before + 20)
    })

  test('nothing that was acknowledged is lost, and what was seen makes sense', async () => {
    await load.finish()
    expect(load.judge()).toEqual([])
    expect(load.failures).toEqual([])
  })
})
