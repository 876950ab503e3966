import { cpuSeconds, residentBytes, until } from '../../harness/keeper-process.js'
import type { ClientKind } from '../clients/client.js'
import { ServerProcess } from './scratch.js'

/** What a member says of itself. */
export interface Standing {
  readonly leader: boolean
  /** Rises with each election. */
  readonly term: number
}

/** How a cluster of one kind is started and asked; everything else is the same for all. */
export interface Blueprint {
  readonly kind: ClientKind
  /** With its version, for people. */
  readonly title: string
  readonly size: number
  readonly endpoints: readonly string[]
  launch(at: number): { readonly argv: readonly string[]; readonly env?: Readonly<Record<string, string>> }
  /** Undefined while the member does not serve. */
  probe(at: number): Promise<Standing | undefined>
  /** Forgets old versions, where the subject has any. */
  compact?(): Promise<void>
}

const startTimeoutMs = 60_000

/** Members as real processes, with fsync, on ports of their own. */
export class Cluster {
  readonly blueprint: Blueprint
  readonly #members: ServerProcess[]

  private constructor(blueprint: Blueprint, members: ServerProcess[]) {
    this.blueprint = blueprint
    this.#members = members
  }

  /** Resolves when all members serve and one leads. */
  static async start(blueprint: Blueprint): Promise<Cluster> {
    const members = Array.from({ length: blueprint.size }, (_, at) => run(blueprint, at))
    const cluster = new Cluster(blueprint, members)
    try {
      await cluster.settled()
      return cluster
    } catch (error) {
      await cluster.stop('SIGKILL')
      throw error
    }
  }

  get pids(): number[] {
    return this.#members.filter((member) => !member.ended).map((member) => member.pid)
  }

  /** The number of the leader, once every member serves. */
  async settled(): Promise<number> {
    return until(
      `${this.blueprint.title}: all members to serve and one to lead`,
      async () => {
        const dead = this.#members.find((member) => member.ended)
        if (dead) throw new Error(`a member of ${this.blueprint.title} ended: ${dead.said}`)
        const standings = await this.standings()
        const leaders = standings.flatMap((one, at) => (one?.leader ? [at] : []))
        return standings.every(Boolean) && leaders.length === 1 ? { leader: leaders[0] as number } : undefined
      },
      startTimeoutMs,
    ).then(({ leader }) => leader)
  }

  standings(): Promise<(Standing | undefined)[]> {
    return Promise.all(this.#members.map((_, at) => this.blueprint.probe(at)))
  }

  /** The highest term that any member knows. */
  async term(): Promise<number> {
    return Math.max(...(await this.standings()).map((one) => one?.term ?? 0))
  }

  signal(at: number, signal: NodeJS.Signals): void {
    this.#members[at]?.signal(signal)
  }

  /** Resolves when the member is gone. */
  async end(at: number, signal: NodeJS.Signals): Promise<void> {
    await this.#members[at]?.end(signal)
  }

  /** Starts a member that ended on the folder that it had. */
  restart(at: number): void {
    if (this.#members[at]?.ended) this.#members[at] = run(this.blueprint, at)
  }

  async cpuSeconds(): Promise<number> {
    return sum(await Promise.all(this.pids.map(cpuSeconds)))
  }

  async residentBytes(): Promise<number> {
    return sum(await Promise.all(this.pids.map(residentBytes)))
  }

  /** With SIGTERM they may say goodbye, and write their profiles. */
  async stop(signal: NodeJS.Signals = 'SIGKILL'): Promise<void> {
    await Promise.all(
      this.#members.map((member) => {
        member.signal('SIGCONT')
        return member.end(signal)
      }),
    )
  }
}

function run(blueprint: Blueprint, at: number): ServerProcess {
  const { argv, env } = blueprint.launch(at)
  return new ServerProcess(argv, env)
}

export const sum = (values: readonly number[]): number => values.reduce((all, one) => all + one, 0)

const probeTimeoutMs = 1_000

/** The samples of a Prometheus page without labels; undefined when nobody answers in time. */
export async function readMetrics(address: string): Promise<Map<string, number> | undefined> {
  const page = await fetch(`http://${address}/metrics`, { signal: AbortSignal.timeout(probeTimeoutMs) })
    .then((answer) => answer.text())
    .catch(() => undefined)
  return page === undefined
    ? undefined
    : new Map(
        page
          .split('\n')
          .filter((line) => line !== '' && !line.startsWith('#'))
          .map((line) => line.split(' ') as [string, string])
          .map(([name, value]) => [name, Number(value)]),
      )
}
