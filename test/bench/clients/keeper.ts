import { Keeper } from '@keeper/sdk'
import type { BenchClient } from './client.js'

const deadline = { timeoutMs: 10_000 }

/** The SDK as services embed it: one session, one stream. */
export async function openKeeper(endpoints: readonly string[], name: string): Promise<BenchClient> {
  const keeper = await Keeper.join({ cluster: 'bench', role: 'load', instance: name, endpoints, stateDir: false })
  const { kv } = keeper
  const found = (entry: unknown, key: string) => {
    if (entry === undefined) throw new Error(`no key ${key}`)
  }
  return {
    async create(key, value) {
      await kv.put(key, value, deadline)
    },
    async put(key, value) {
      await kv.put(key, value, deadline)
    },
    async get(key) {
      found(await kv.get(key, deadline), key)
    },
    async getLocal(key) {
      found(await kv.get(key, { ...deadline, serializable: true }), key)
    },
    close: () => keeper.leave(),
  }
}
