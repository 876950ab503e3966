// One process full of sessions, for the push bench: joins them, notes when each hears of each update.
import { join } from 'node:path'
import * as grpc from '@grpc/grpc-js'
import { loadSync } from '@grpc/proto-loader'
import { Keeper } from '@keeper/sdk'

export type LoadKind = 'keeper' | 'etcd' | 'etcd-ack'

export type FromLoad =
  | { kind: 'joined' }
  /** Milliseconds since the Unix epoch at which each session's callback ran, by update. */
  | { kind: 'heard'; times: Record<number, number[]> }

const [kind, endpoint = '', first = '0', count = '0'] = process.argv.slice(2) as [LoadKind, string, string, string]
const times: Record<number, number[]> = {}
const now = () => performance.timeOrigin + performance.now()

function heard(seq: number): void {
  const all = times[seq] ?? []
  times[seq] = all
  all.push(now())
}

async function joinKeeper(index: number): Promise<void> {
  const keeper = await Keeper.join({
    cluster: 'push',
    role: 'room',
    instance: `room-${index}`,
    endpoints: [endpoint],
    stateDir: false,
  })
  const config = await keeper.config('push/room')
  config.onUpdate((value) => heard((value as { seq: number }).seq))
}

function etcdServices() {
  const loaded = grpc.loadPackageDefinition(
    loadSync(join(import.meta.dirname, 'etcd.proto'), { longs: String, defaults: true }),
  ) as unknown as { etcdserverpb: Record<'KV' | 'Watch', grpc.ServiceClientConstructor> }
  return loaded.etcdserverpb
}

type EtcdWatchAnswer = { created: boolean; events: { kv: { value: Buffer } }[] }
type EtcdWatch = grpc.ClientDuplexStream<object, EtcdWatchAnswer>
type EtcdWatchClient = grpc.Client & { watch(): EtcdWatch }
type EtcdKvClient = grpc.Client & { put(request: object, done: (error: Error | null) => void): void }

/** A watch on one connection of its own; with `ack`, a Put of the process' own key for each update, as a ledger in etcd needs. */
function joinEtcd(index: number, ack: boolean): Promise<void> {
  const { Watch, KV } = etcdServices_
  const options = { 'grpc.use_local_subchannel_pool': 1 }
  const client = new Watch(endpoint, grpc.credentials.createInsecure(), options) as unknown as EtcdWatchClient
  const kv = ack
    ? (new KV(endpoint, grpc.credentials.createInsecure(), {
        channelOverride: client.getChannel(),
      }) as unknown as EtcdKvClient)
    : undefined
  return new Promise((resolve) => {
    const stream = client.watch()
    stream.on('error', () => {})
    stream.on('data', (answer: EtcdWatchAnswer) => {
      if (answer.created) resolve()
      for (const { kv: event } of answer.events) {
        const { seq } = JSON.parse(event.value.toString()) as { seq: number }
        heard(seq)
        kv?.put(
          { key: Buffer.from(`ledger/room-${index}`), value: Buffer.from(`{"seq":${seq},"state":"applied"}`) },
          () => {},
        )
      }
    })
    stream.write({ createRequest: { key: Buffer.from('push/room') } })
  })
}

const etcdServices_ = kind === 'keeper' ? ({} as ReturnType<typeof etcdServices>) : etcdServices()

process.on('message', (message) => {
  if (message === 'report') process.send?.({ kind: 'heard', times } satisfies FromLoad)
  if (message === 'end') process.exit(0)
})
process.on('disconnect', () => process.exit(0))

const batch = 50
for (let at = Number(first); at < Number(first) + Number(count); at += batch) {
  const end = Math.min(at + batch, Number(first) + Number(count))
  await Promise.all(
    Array.from({ length: end - at }, (_, i) =>
      kind === 'keeper' ? joinKeeper(at + i) : joinEtcd(at + i, kind === 'etcd-ack'),
    ),
  )
}
process.send?.({ kind: 'joined' } satisfies FromLoad)
