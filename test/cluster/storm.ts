import { seededRandom } from '../../keeper/src/base/random.js'
import { KeeperCluster } from '../harness/keeper-cluster.js'
import { until, withFolder } from '../harness/keeper-process.js'
import { Namespaces, noNamespaces } from '../harness/namespaces.js'
import { type Fault, faults, jumpingClock, noStrace } from './faults.js'
import { MixedLoad } from './load.js'

export interface StormReport {
  /** Of each kind of harm, the longest pause of all writes that each time brought. */
  readonly gaps: ReadonlyMap<string, readonly number[]>
  readonly calls: number
  readonly acknowledged: number
  /** Calls of the SDK that did not succeed. */
  readonly failures: readonly string[]
  /** What contradicts the promises; must be empty. */
  readonly wrong: readonly string[]
}

interface StormOptions {
  readonly minutes: number
  readonly seed: number
  readonly members: number
  readonly lastsMs: number
  /** Only harm whose name has this in it. */
  readonly only: string
  readonly onHarm: (line: string) => void
}

/** Rounds are judged by themselves: the search for a contradiction takes longer than the history. */
const harmsPerRound = 12

/** Does harm of all kinds to a cluster under load, and judges what the load saw. */
export async function torture(options: StormOptions): Promise<StormReport> {
  const hosts = noNamespaces() === undefined ? new Namespaces(options.members) : undefined
  try {
    return await withFolder(async (folder) => {
      const flags = { nodeFlags: ['--require', jumpingClock] }
      const cluster = await KeeperCluster.begin(folder, options.members, [], hosts ? { hosts, ...flags } : flags)
      try {
        return await new Storm(options, cluster, hosts).run()
      } finally {
        await cluster.end()
      }
    })
  } finally {
    hosts?.end()
  }
}

class Storm {
  readonly #options: StormOptions
  readonly #cluster: KeeperCluster
  readonly #hosts: Namespaces | undefined
  readonly #gaps = new Map<string, number[]>()
  readonly #failures: string[] = []
  readonly #wrong: string[] = []
  #calls = 0
  #acknowledged = 0

  constructor(options: StormOptions, cluster: KeeperCluster, hosts: Namespaces | undefined) {
    this.#options = options
    this.#cluster = cluster
    this.#hosts = hosts
  }

  async run(): Promise<StormReport> {
    const { minutes, seed } = this.#options
    const random = seededRandom(seed)
    const kinds = this.#kinds()
    if (kinds.length === 0) throw new Error('there is no such harm, or it cannot be done here')
    const end = performance.now() + minutes * 60_000
    for (let round = 0; performance.now() < end && this.#wrong.length === 0; round++) {
      const load = await MixedLoad.start(this.#cluster.endpoints, 6, seed + round * 100, `r${round}`)
      for (let harm = 0; harm < harmsPerRound && performance.now() < end; harm++)
        await this.#harm(kinds[random.below(kinds.length)] as Fault, load)
      await this.#judge(load)
    }
    return {
      gaps: this.#gaps,
      calls: this.#calls,
      acknowledged: this.#acknowledged,
      failures: this.#failures,
      wrong: this.#wrong,
    }
  }

  #kinds(): Fault[] {
    const missing = { hosts: this.#hosts ? undefined : noNamespaces(), strace: noStrace() }
    const kinds = faults.filter(({ name }) => name.includes(this.#options.only))
    return kinds.filter(({ name, needs }) => {
      const why = needs && missing[needs]
      if (why) this.#options.onHarm(`not done here: ${name} (${why})`)
      return why === undefined
    })
  }

  async #harm(fault: Fault, load: MixedLoad): Promise<void> {
    const { lastsMs, onHarm } = this.#options
    const since = performance.now()
    const failed = load.failures.length
    await fault.run({ cluster: this.#cluster, hosts: this.#hosts, lastsMs })
    const before = load.acknowledged
    await until('the load to go on', () => load.acknowledged > before + 20, 60_000)
    await this.#cluster.leader()
    const gap = load.longestGapMs(since)
    const gaps = this.#gaps.get(fault.name) ?? []
    this.#gaps.set(fault.name, [...gaps, gap])
    const failures = load.failures.length - failed
    const wanted = fault.gapMs === undefined ? '' : ` (${fault.gapMs} wanted)`
    onHarm(
      `${gap.toFixed(0).padStart(6)} ms${wanted}  ${fault.name}${failures > 0 ? `; ${failures} calls failed` : ''}`,
    )
  }

  async #judge(load: MixedLoad): Promise<void> {
    await load.finish()
    this.#calls += load.calls
    this.#acknowledged += load.acknowledged
    this.#failures.push(...load.failures)
    try {
      this.#wrong.push(...load.judge())
    } catch (violation) {
      this.#wrong.push(String(violation))
    }
  }
}
