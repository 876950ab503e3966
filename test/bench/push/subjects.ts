import { type ChildProcess, execFileSync, spawn } from 'node:child_process'
import { once } from 'node:events'
import { createServer } from 'node:net'
import { join } from 'node:path'
import * as grpc from '@grpc/grpc-js'
import { loadSync } from '@grpc/proto-loader'
import type { ApplyRequest, ApplyResponse__Output, HistoryResponse__Output } from '@keeper/proto'
import { KeeperClient } from '../../../keeper/src/cli/client.js'
import { KeeperProcess, until } from '../../harness/keeper-process.js'
import type { Subject } from './run.js'

const payload = (seq: number, bytes: number): Buffer => Buffer.from(JSON.stringify({ payload: 'x'.repeat(bytes), seq }))

/** A keeper as shipped; updates go through compile, Raft, fsync, store and push. */
export async function keeperSubject(folder: string, nodeFlags: readonly string[] = []): Promise<Subject> {
  const keeper = await KeeperProcess.start({ dataDir: join(folder, 'keeper'), nodeFlags })
  const client = new KeeperClient([keeper.endpoint])
  return {
    name: 'keeper',
    kind: 'keeper',
    endpoint: keeper.endpoint,
    pid: keeper.pid,
    async publish(seq, bytes) {
      const stream = await client.stream<ApplyRequest, ApplyResponse__Output>('configs', 'Apply')
      await stream.write({ header: { source: 'bench', author: 'bench', reason: `update ${seq}` } })
      await stream.write({ file: { path: 'push/room.json', bytes: payload(seq, bytes), last: true } })
      stream.end()
      for await (const answer of stream) {
        if (answer.result && !answer.result.ok) throw new Error(answer.result.status?.message ?? 'refused')
      }
      const { entries } = await client.call<HistoryResponse__Output>('configs', 'History', {
        name: 'push/room',
        limit: 1,
      })
      return Number(entries[0]?.wallMs)
    },
    async stop() {
      client.close()
      await keeper.kill('SIGTERM')
    },
  }
}

/** Is there an etcd on the PATH? Its version line, or undefined. */
export function etcdVersion(): string | undefined {
  try {
    return execFileSync('etcd', ['--version'], { encoding: 'utf8' }).split('\n', 1)[0]
  } catch {
    return undefined
  }
}

/** etcd as Debian ships it, one member, fsync on. With `ack`, every session writes a key of its own for each update. */
export async function etcdSubject(folder: string, ack: boolean): Promise<Subject> {
  const [clientPort, peerPort] = [await freePort(), await freePort()]
  const endpoint = `127.0.0.1:${clientPort}`
  const child: ChildProcess = spawn(
    'etcd',
    [
      '--data-dir',
      join(folder, ack ? 'etcd-ack' : 'etcd'),
      '--listen-client-urls',
      `http://${endpoint}`,
      '--advertise-client-urls',
      `http://${endpoint}`,
      '--listen-peer-urls',
      `http://127.0.0.1:${peerPort}`,
      '--initial-advertise-peer-urls',
      `http://127.0.0.1:${peerPort}`,
      '--initial-cluster',
      `default=http://127.0.0.1:${peerPort}`,
      '--log-level',
      'error',
    ],
    { stdio: 'ignore' },
  )
  const { KV } = (
    grpc.loadPackageDefinition(loadSync(join(import.meta.dirname, 'etcd.proto'), { longs: String })) as unknown as {
      etcdserverpb: { KV: grpc.ServiceClientConstructor }
    }
  ).etcdserverpb
  const kv = new KV(endpoint, grpc.credentials.createInsecure())
  const put = (key: string, value: Buffer) =>
    new Promise<void>((resolve, reject) =>
      kv.put?.({ key: Buffer.from(key), value }, (error: Error | null) => (error ? reject(error) : resolve())),
    )
  await until(
    'etcd to answer',
    () =>
      put('bench/ready', Buffer.from('1')).then(
        () => true,
        () => false,
      ),
    30_000,
  )
  return {
    name: ack ? 'etcd, each session writes its ack' : 'etcd, watch only',
    kind: ack ? 'etcd-ack' : 'etcd',
    endpoint,
    pid: child.pid as number,
    async publish(seq, bytes) {
      await put('push/room', payload(seq, bytes))
      return undefined
    },
    async stop() {
      kv.close()
      const exited = once(child, 'exit')
      child.kill('SIGTERM')
      await exited
    },
  }
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as { port: number }
  server.close()
  await once(server, 'close')
  return port
}
