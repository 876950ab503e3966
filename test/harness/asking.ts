import type { RangeResponse__Output, StatusResponse__Output } from '@keeper/proto'
import { KeeperClient } from '../../keeper/src/cli/client.js'

/** Asks one keeper, without a process of the command line in between. */
export async function asking<T>(endpoint: string, ask: (client: KeeperClient) => Promise<T>): Promise<T> {
  const client = new KeeperClient([endpoint])
  return await ask(client).finally(() => client.close())
}

export const putAt = (endpoint: string, key: string, value: string): Promise<unknown> =>
  asking(endpoint, (client) =>
    client.call('kv', 'Txn', { txn: { success: [{ put: { key: Buffer.from(key), value: Buffer.from(value) } }] } }),
  )

/** Undefined when there is no such key. */
export async function valueAt(endpoint: string, key: string): Promise<string | undefined> {
  const range = (client: KeeperClient) => client.call<RangeResponse__Output>('kv', 'Range', { key: Buffer.from(key) })
  return (await asking(endpoint, range)).kvs[0]?.value.toString()
}

export const statusAt = (endpoint: string): Promise<StatusResponse__Output> =>
  asking(endpoint, (client) => client.call('cluster', 'Status', {}))
