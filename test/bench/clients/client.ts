/** What a load process speaks to its subject with: one connection, pipelined. Every call rejects when it failed. */
export interface BenchClient {
  /** Makes `key`, so that it can be written and read. */
  create(key: string, value: Buffer): Promise<void>
  put(key: string, value: Buffer): Promise<void>
  /** Linearizable; rejects when there is no such key. */
  get(key: string): Promise<void>
  /** From the member's own state, maybe a little old. */
  getLocal(key: string): Promise<void>
  close(): Promise<void>
}

export type ClientKind = 'keeper' | 'etcd' | 'zookeeper'

/** One thing that a loop does over and over. */
export type Operation = 'put' | 'get' | 'getLocal'

export async function openClient(kind: ClientKind, endpoints: readonly string[], name: string): Promise<BenchClient> {
  if (kind === 'keeper') return (await import('./keeper.js')).openKeeper(endpoints, name)
  if (kind === 'etcd') return (await import('./etcd.js')).openEtcd(endpoints)
  return (await import('./zookeeper.js')).openZooKeeper(endpoints)
}
