import type { KvTxnResponse__Output, RangeResponse__Output } from '@keeper/proto'
import { seededRandom } from '../../keeper/src/base/random.js'
import { KeeperClient } from '../../keeper/src/cli/client.js'
import { KeeperProcess } from '../harness/keeper-process.js'

export interface KillLoopReport {
  readonly kills: number
  readonly acknowledged: number
  readonly uncertain: number
  /** Acknowledged writes that were not there after a restart. Must be empty. */
  readonly lost: readonly string[]
}

export interface Written {
  readonly revision: number
  readonly value: string
}

/**
 * Kills a keeper with SIGKILL at random moments under a load of writes, starts it again on the same folder, and looks
 * for every write that it had acknowledged: value and revision.
 */
export async function killLoop(options: {
  dataDir: string
  kills: number
  seed: number
  writers?: number
  onRound?: (round: number, acknowledged: number) => void
}): Promise<KillLoopReport> {
  const random = seededRandom(options.seed)
  const acknowledged = new Map<string, Written>()
  const lost: string[] = []
  let uncertain = 0
  for (let round = 0; round <= options.kills; round++) {
    const keeper = await KeeperProcess.start({ dataDir: options.dataDir })
    const client = new KeeperClient([keeper.endpoint], { deadlineMs: 5_000 })
    lost.push(...(await missing(client, acknowledged)))
    options.onRound?.(round, acknowledged.size)
    if (lost.length > 0 || round === options.kills) {
      client.close()
      await keeper.kill('SIGTERM')
      break
    }
    const stop = new AbortController()
    const load = Array.from({ length: options.writers ?? 16 }, (_, writer) =>
      write(client, `w${writer}/r${round}`, acknowledged, stop.signal, () => uncertain++),
    )
    const before = acknowledged.size
    const target = before + 1 + random.below(400)
    await waitFor(() => acknowledged.size >= target)
    await new Promise((resolve) => setTimeout(resolve, random.below(30)))
    await keeper.kill('SIGKILL')
    stop.abort()
    await Promise.all(load)
    client.close()
  }
  return { kills: options.kills, acknowledged: acknowledged.size, uncertain, lost }
}

export async function write(
  client: KeeperClient,
  prefix: string,
  acknowledged: Map<string, Written>,
  signal: AbortSignal,
  onUncertain: (error: unknown) => void,
): Promise<void> {
  for (let at = 0; !signal.aborted; at++) {
    const key = `${prefix}/${at}`
    const value = `${key}=${'x'.repeat(at % 300)}`
    try {
      const { revision } = await client.call<KvTxnResponse__Output>('kv', 'Txn', {
        txn: { success: [{ put: { key: Buffer.from(key), value: Buffer.from(value) } }] },
      })
      acknowledged.set(key, { revision: Number(revision), value })
    } catch (error) {
      onUncertain(error)
      return
    }
  }
}

export async function missing(client: KeeperClient, acknowledged: ReadonlyMap<string, Written>): Promise<string[]> {
  const found = new Map<string, Written>()
  for (let key = Buffer.from([0]), more = true; more; ) {
    const page = await client.call<RangeResponse__Output>('kv', 'Range', {
      key,
      rangeEnd: Buffer.from([0]),
      limit: 5_000,
    })
    for (const kv of page.kvs)
      found.set(kv.key.toString(), { revision: Number(kv.modRevision), value: kv.value.toString() })
    more = page.more
    const last = page.kvs.at(-1)
    if (last) key = Buffer.concat([last.key, Buffer.from([0])])
  }
  const lost: string[] = []
  for (const [key, { revision, value }] of acknowledged) {
    const there = found.get(key)
    if (there?.value !== value || there.revision !== revision)
      lost.push(`${key}: acknowledged at r${revision}, found ${there ? `r${there.revision}` : 'nothing'}`)
  }
  return lost
}

async function waitFor(condition: () => boolean): Promise<void> {
  const deadline = performance.now() + 20_000
  while (!condition()) {
    if (performance.now() > deadline) throw new Error('the load makes no progress')
    await new Promise((resolve) => setTimeout(resolve, 2))
  }
}
