import { describe, expect, test } from 'vitest'
import { HpackDecoder } from '../../../keeper/src/api/h2/hpack.js'
import { Cluster } from '../subjects/cluster.js'
import { etcdBlueprint, etcdVersion } from '../subjects/etcd.js'
import { withScratch } from '../subjects/scratch.js'
import { zooKeeperBlueprint, zooKeeperVersion } from '../subjects/zookeeper.js'
import { type BenchClient, openClient } from './client.js'
import { HeaderWriter } from './header-writer.js'
import { ZooKeeperClient, ZooKeeperError } from './zookeeper.js'

const many = Array.from({ length: 300 }, (_, at) => `k${at}`)
const value = Buffer.alloc(1_000, 'v')

/** A bench that counts answers must not count refusals, nor reads that found nothing. */
async function speaks(client: BenchClient): Promise<void> {
  await Promise.all(many.map((key) => client.create(key, value)))
  await Promise.all(many.map((key) => client.put(key, value)))
  await Promise.all(many.flatMap((key) => [client.get(key), client.getLocal(key)]))
  await expect(client.get('nothing-here')).rejects.toThrow()
  await expect(client.getLocal('nothing-here')).rejects.toThrow()
  await client.get('k0')
}

describe.skipIf(zooKeeperVersion() === undefined)('beside ZooKeeper', () => {
  test('pipelined requests find their answers; what the server refuses rejects with its code', () =>
    withScratch(async (folder) => {
      const cluster = await Cluster.start(await zooKeeperBlueprint(folder, 1))
      try {
        const { endpoints } = cluster.blueprint
        const client = await openClient('zookeeper', endpoints, 'test')
        await speaks(client)
        await client.close()
        const bare = new ZooKeeperClient(endpoints)
        await bare.opened()
        const outcomes = await Promise.allSettled([
          bare.create('/bench/k0', value),
          bare.getData('/bench/k0'),
          bare.setData('/none', value),
        ])
        expect(outcomes).toMatchObject([
          { reason: new ZooKeeperError(-110) },
          { status: 'fulfilled' },
          { reason: new ZooKeeperError(-101) },
        ])
        bare.close()
      } finally {
        await cluster.stop()
      }
    }))
})

describe.skipIf(etcdVersion() === undefined)('beside etcd', () => {
  test('pipelined calls find their answers', () =>
    withScratch(async (folder) => {
      const cluster = await Cluster.start(await etcdBlueprint(folder, 1))
      try {
        const client = await openClient('etcd', cluster.blueprint.endpoints, 'test')
        await speaks(client)
        await client.close()
      } finally {
        await cluster.stop()
      }
    }))
})

test('header blocks say the same fields each time, the second time in an octet each', () => {
  const [put, range] = ['Put', 'Range'].map((name): [string, string][] => [
    [':method', 'POST'],
    [':path', `/etcdserverpb.KV/${name}`],
    ['te', 'trailers'],
  ]) as [[string, string][], [string, string][]]
  const [writer, reader] = [new HeaderWriter(), new HpackDecoder()]
  const blocks = [put, put, range, put, range, put, put].map((fields) => ({ fields, block: writer.block(fields) }))
  for (const { fields, block } of blocks) expect(reader.decode(block)).toEqual(fields)
  expect(blocks.slice(3).map(({ block }) => block.length)).toEqual([3, 3, 3, 3])
})
