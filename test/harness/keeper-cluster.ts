import { join } from 'node:path'
import type { TlsFiles } from '@keeper/proto'
import { KeeperClient } from '../../keeper/src/cli/client.js'
import { freeAddress } from '../../keeper/src/transport/testing/free-address.js'
import { KeeperProcess, until } from './keeper-process.js'
import type { Links } from './links.js'
import type { Namespaces } from './namespaces.js'

interface Seat {
  readonly name: string
  /** Its number among the hosts, from 1. */
  readonly host: number
  readonly dataDir: string
  /** Where the others reach it, and where it listens. */
  readonly peer: string
  readonly listenPeer: string
  readonly client: string
}

/** Where the keepers live. */
export interface Surroundings {
  /** Each on a host of its own, instead of all on loopback. */
  readonly hosts?: Namespaces
  /** What they say to each other passes here; on loopback only. */
  readonly links?: Links
  readonly nodeFlags?: readonly string[]
  /** A directory that each of them watches. */
  readonly configDirOf?: (name: string) => string
  /** Options of one of them alone. */
  readonly extraOf?: (name: string) => readonly string[]
  /** Of other keepers than those of this tree. */
  readonly program?: string | undefined
  /** Files with which clients come, where the keepers speak TLS. */
  readonly tls?: TlsFiles
}

/** Real keepers that form one cluster, each in a process of its own; each comes back at its old addresses. */
export class KeeperCluster {
  readonly #seats: readonly Seat[]
  readonly #extra: readonly string[]
  readonly #surroundings: Surroundings
  readonly #running = new Map<string, KeeperProcess>()

  private constructor(seats: readonly Seat[], extra: readonly string[], surroundings: Surroundings) {
    this.#seats = seats
    this.#extra = extra
    this.#surroundings = surroundings
  }

  /** Starts `members` keepers below `folder`; resolves when each is ready. */
  static async begin(
    folder: string,
    members = 3,
    extra: readonly string[] = [],
    surroundings: Surroundings = {},
  ): Promise<KeeperCluster> {
    const seats: Seat[] = []
    const { hosts, links } = surroundings
    for (let host = 1; host <= members; host++) {
      const [peer, client] = hosts
        ? [`${hosts.address(host)}:7401`, `${hosts.address(host)}:7400`]
        : [await freeAddress(), await freeAddress()]
      const name = `n${host}`
      const reached = links ? await links.before(name, peer) : peer
      seats.push({ name, host, dataDir: join(folder, name), peer: reached, listenPeer: peer, client })
    }
    const cluster = new KeeperCluster(seats, hosts ? ['--insecure', ...extra] : extra, surroundings)
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

  hostOf(name: string): number {
    return this.#seat(name).host
  }

  peerOf(name: string): string {
    return this.#seat(name).peer
  }

  /** As --initial-cluster takes them. */
  get founders(): string {
    return this.#seats.map(({ name, peer }) => `${name}=${peer}`).join(',')
  }

  dataDirOf(name: string): string {
    return this.#seat(name).dataDir
  }

  /** The name of the one that leads, as another one says too. */
  async leader(): Promise<string> {
    return await until('a leader', async () => {
      const said = await Promise.all([...this.#running].map(([, process]) => leaderBy(process, this.#surroundings.tls)))
      const found = said.find((name) => name && said.filter((one) => one === name).length * 2 > this.#seats.length)
      return this.#running.has(found ?? '') && found
    })
  }

  async follower(): Promise<string> {
    const leader = await this.leader()
    return [...this.#running.keys()].find((name) => name !== leader) as string
  }

  /** `wrap`: what its command line is put behind. */
  async start(
    name: string,
    options: { readonly wrap?: readonly string[]; readonly program?: string | undefined } = {},
  ): Promise<void> {
    const seat = this.#seat(name)
    const { dataDir, listenPeer, client: listenClient } = seat
    const { hosts, nodeFlags = [], configDirOf, extraOf } = this.#surroundings
    const configDir = configDirOf?.(name)
    const { wrap = [], program } = { program: this.#surroundings.program, ...options }
    const extra = ['--name', name, '--initial-cluster', this.founders, ...this.#extra, ...(extraOf?.(name) ?? [])]
    this.#running.set(
      name,
      await KeeperProcess.start({
        ...(configDir !== undefined && { configDir }),
        ...{ dataDir, listenPeer, listenClient, extra, nodeFlags, program },
        wrap: [...(hosts?.on(seat.host) ?? []), ...wrap],
      }),
    )
  }

  async kill(name: string, signal: NodeJS.Signals): Promise<number | null> {
    const process = this.process(name)
    this.#running.delete(name)
    return process.kill(signal)
  }

  async end(): Promise<void> {
    await Promise.all([...this.#running.keys()].map((name) => this.kill(name, 'SIGKILL')))
  }

  #seat(name: string): Seat {
    const seat = this.#seats.find((one) => one.name === name)
    if (!seat) throw new Error(`no seat ${name}`)
    return seat
  }
}

/** The leader's name as one keeper has it; undefined when it does not say. */
async function leaderBy(process: KeeperProcess, tls?: TlsFiles): Promise<string | undefined> {
  const client = new KeeperClient([process.endpoint], { deadlineMs: 1_000, tls })
  try {
    const status = await client.call<{ leader: string }>('cluster', 'Status', {})
    return status.leader || undefined
  } catch {
    return undefined
  } finally {
    client.close()
  }
}
