import { join } from 'node:path'
import type { RangeResponse__Output } from '@keeper/proto'
import { KeeperClient } from '../../../keeper/src/cli/client.js'
import { version } from '../../../keeper/src/cli/version.js'
import { asShipped } from '../../harness/as-shipped.js'
import { type Blueprint, readMetrics } from './cluster.js'
import { freePorts } from './scratch.js'

/** Keepers as shipped. `nodeFlags` are for profiles. */
export async function keeperBlueprint(
  folder: string,
  size: number,
  nodeFlags: readonly string[] = [],
): Promise<Blueprint> {
  const ports = await freePorts(size * 3)
  const address = (row: number) => Array.from({ length: size }, (_, at) => `127.0.0.1:${ports[row * size + at]}`)
  const [client, http, peer] = [address(0), address(1), address(2)]
  const initial = peer.map((one, at) => `n${at + 1}=${one}`).join(',')
  const { argv: shipped, env } = asShipped(nodeFlags)
  const peers = (at: number) => (size > 1 ? ['--listen-peer', peer[at] as string, '--initial-cluster', initial] : [])
  return {
    kind: 'keeper',
    title: `keeper ${version}`,
    size,
    endpoints: client,
    launch: (at) => ({
      argv: [
        ...shipped,
        ...['serve', '--output', 'json', '--log-level', 'warn'],
        ...['--name', `n${at + 1}`, '--data-dir', join(folder, `keeper-${at + 1}`)],
        ...['--listen-client', client[at] as string, '--listen-http', http[at] as string],
        ...peers(at),
      ],
      env,
    }),
    async probe(at) {
      const ready = await fetch(`http://${http[at]}/readyz`, { signal: AbortSignal.timeout(1_000) }).catch(
        () => undefined,
      )
      if (!ready?.ok) return undefined
      const metrics = await readMetrics(http[at] as string)
      if (!metrics) return undefined
      return {
        leader: metrics.get('keeper_raft_is_leader') === 1,
        term: metrics.get('keeper_raft_term') ?? 0,
      }
    },
    async compact() {
      const keeper = new KeeperClient(client)
      try {
        const { revision } = await keeper.call<RangeResponse__Output>('kv', 'Range', { key: Buffer.from('bench/none') })
        await keeper.call('kv', 'Compact', { revision })
      } finally {
        keeper.close()
      }
    },
  }
}
