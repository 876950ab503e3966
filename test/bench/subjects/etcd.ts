import { execFileSync } from 'node:child_process'
import { join } from 'node:path'
import type { Blueprint } from './cluster.js'
import { readMetrics } from './cluster.js'
import { freePorts } from './scratch.js'

/** etcd's version, when it is on the PATH. */
export function etcdVersion(): string | undefined {
  try {
    return /etcd Version: (\S+)/.exec(execFileSync('etcd', ['--version'], { encoding: 'utf8' }))?.[1]
  } catch {
    return undefined
  }
}

/** etcd as it comes: no option but names, addresses and folders. */
export async function etcdBlueprint(folder: string, size: number): Promise<Blueprint> {
  const ports = await freePorts(size * 2)
  const client = Array.from({ length: size }, (_, at) => `127.0.0.1:${ports[at]}`)
  const peer = Array.from({ length: size }, (_, at) => `127.0.0.1:${ports[size + at]}`)
  const initial = peer.map((address, at) => `n${at + 1}=http://${address}`).join(',')
  return {
    kind: 'etcd',
    title: `etcd ${etcdVersion()}`,
    size,
    endpoints: client,
    launch: (at) => ({
      argv: [
        'etcd',
        ...['--name', `n${at + 1}`, '--data-dir', join(folder, `etcd-${at + 1}`)],
        ...['--listen-client-urls', `http://${client[at]}`, '--advertise-client-urls', `http://${client[at]}`],
        ...['--listen-peer-urls', `http://${peer[at]}`, '--initial-advertise-peer-urls', `http://${peer[at]}`],
        ...['--initial-cluster', initial, '--logger', 'zap', '--log-level', 'error'],
      ],
    }),
    async probe(at) {
      const metrics = await readMetrics(client[at] as string)
      if (metrics?.get('etcd_server_has_leader') !== 1) return undefined
      const term = metrics.get('etcd_server_leader_changes_seen_total') ?? 0
      return { leader: metrics.get('etcd_server_is_leader') === 1, term }
    },
  }
}
