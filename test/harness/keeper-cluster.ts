import { once } from 'node:events'
import { createServer } from 'node:net'
import { join } from 'node:path'
import { KeeperProcess } from './keeper-process.js'

interface Seat {
  readonly name: string
  readonly dataDir: string
  readonly peer: string
  readonly client: string
}

/** Real keepers that form one cluster, each in a process of its own; each comes back at its old addresses. */
export class KeeperCluster {
  readonly #seats: readonly Seat[]
  readonly #extra: readonly string[]
  readonly #running = new Map<string, KeeperProcess>()

  private constructor(seats: readonly Seat[], extra: readonly string[]) {
    this.#seats = seats
    this.#extra = extra
  }

  /** Starts `members` keepers below `folder`; resolves when each is ready. */
  static async begin(folder: string, members = 3, extra: readonly string[] = []): Promise<KeeperCluster> {
    const seats: Seat[] = []
    for (let at = 1; at <= members; at++) {
      const [peer, client] = [await freeAddress(), await freeAddress()]
      seats.push({ name: `n${at}`, dataDir: join(folder, `n${at}`), peer, client })
    }
    const cluster = new KeeperCluster(seats, extra)
    await Promise.all(cluster.names.map((name) => cluster.start(name)))
    return cluster
  }

  get names(): readonly string[] {
    return this.#seats.map(({ name }) => name)
  }

  /** Client addresses, running or not. */
  get endpoints(): readonly string[] {
    return this.#seats.map(({ client }) => client)
  }

  /** Client addresses of those that run. */
  get running(): readonly string[] {
    return [...this.#running.values()].map((process) => process.endpoint)
  }

  process(name: string): KeeperProcess {
    const process = this.#running.get(name)
    if (!process) throw new Error(`${name} does not run`)
    return process
  }

  nameAt(endpoint: string): string {
    return this.#seats.find(({ client }) => client === endpoint)?.name ?? ''
  }

  async start(name: string): Promise<void> {
    const seat = this.#seats.find((one) => one.name === name)
    if (!seat) throw new Error(`no seat ${name}`)
    const { dataDir, peer: listenPeer, client: listenClient } = seat
    const founders = this.#seats.map((one) => `${one.name}=${one.peer}`).join(',')
    const extra = ['--name', name, '--initial-cluster', founders, ...this.#extra]
    this.#running.set(name, await KeeperProcess.start({ dataDir, listenPeer, listenClient, extra }))
  }

  async kill(name: string, signal: NodeJS.Signals): Promise<number | null> {
    const process = this.process(name)
    this.#running.delete(name)
    return process.kill(signal)
  }

  async end(): Promise<void> {
    await Promise.all([...this.#running.keys()].map((name) => this.kill(name, 'SIGKILL')))
  }
}

/** An address of loopback that was free a moment ago. */
export async function freeAddress(): Promise<string> {
  const server = createServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  const address = server.address()
  server.close()
  await once(server, 'close')
  if (address === null || typeof address === 'string') throw new Error('no port')
  return `127.0.0.1:${address.port}`
}
