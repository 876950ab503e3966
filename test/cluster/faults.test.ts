import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { KeeperCluster } from '../harness/keeper-cluster.js'
import { until } from '../harness/keeper-process.js'
import { Namespaces, noNamespaces } from '../harness/namespaces.js'
import { type Fault, faults, jumpingClock, noStrace } from './faults.js'
import { MixedLoad } from './load.js'

const missing = { hosts: noNamespaces(), strace: noStrace(), links: 'see links.test.ts' }
const why = ({ needs }: Fault) => needs && missing[needs]

describe('three keepers under a load that reads, writes, swaps and holds leases', () => {
  let folder = ''
  let hosts: Namespaces | undefined
  let cluster: KeeperCluster
  let load: MixedLoad

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'keeper-faults-'))
    hosts = missing.hosts === undefined ? new Namespaces(3) : undefined
    const nodeFlags = ['--require', jumpingClock]
    cluster = await KeeperCluster.begin(folder, 3, [], hosts ? { hosts, nodeFlags } : { nodeFlags })
    load = await MixedLoad.start(cluster.endpoints, 4, 1)
  }, 30_000)

  afterAll(async () => {
    await cluster.end()
    hosts?.end()
    await rm(folder, { recursive: true })
  }, 30_000)

  for (const fault of faults.filter(({ long, needs }) => !long && needs !== 'links'))
    test.skipIf(why(fault))(`${fault.name}: it goes on${why(fault) ? ` (${why(fault)})` : ''}`, async () => {
      await fault.run({ cluster, hosts, lastsMs: 3_500 })
      const before = load.acknowledged
      await until('the load to go on', () => load.acknowledged > before + 20)
      await cluster.leader()
    })

  test('nothing that was acknowledged is lost, and what was seen makes sense', async () => {
    await load.finish()
    expect(load.judge()).toEqual([])
    expect(load.failures).toEqual([])
  })
})
