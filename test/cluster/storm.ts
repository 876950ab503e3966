import { type Random, seededRandom } from '../../keeper/src/base/random.js'
import { KeeperCluster } from '../harness/keeper-cluster.js'
import { until, withFolder } from '../harness/keeper-process.js'
import { Links } from '../harness/links.js'
import { Namespaces, noNamespaces } from '../harness/namespaces.js'
import { type Fault, type FaultWorld, faults, jumpingClock, noStrace } from './faults.js'
import { MixedLoad } from './load.js'
import { Witness } from './witness.js'

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
  /** What was seen around a pause that was longer than wanted, or while a call failed. */
  readonly onPause: (what: string, lines: readonly string[]) => void
}

/** Rounds are judged by themselves: the search for a contradiction takes longer than the history. */
const harmsPerRound = 12

/** Of the time, what is done to keepers on hosts of their own; the rest is what is done to the links between them. */
const hostsShare = 2 / 3

/** Does harm of all kinds to a cluster under load, and judges what the load saw: on hosts of their own, then over links. */
export async function torture(options: StormOptions): Promise<StormReport> {
  const phases = [
    { minutes: options.minutes * hostsShare, over: 'hosts' as const },
    { minutes: options.minutes * (1 - hostsShare), over: 'links' as const },
  ].filter(({ over }) => faults.some((fault) => belongs(fault, over) && fault.name.includes(options.only)))
  const share = options.minutes / phases.reduce((sum, { minutes }) => sum + minutes, 0)
  const report = new Report()
  for (const { minutes, over } of phases) {
    const phase = { ...options, minutes: minutes * share }
    if (over === 'hosts') await onHosts(phase, report)
    else await overLinks(phase, report)
  }
  return report
}

async function onHosts(options: StormOptions, report: Report): Promise<void> {
  const hosts = noNamespaces() === undefined ? new Namespaces(options.members) : undefined
  try {
    await storm(options, report, { hosts })
  } finally {
    hosts?.end()
  }
}

async function overLinks(options: StormOptions, report: Report): Promise<void> {
  const links = new Links()
  try {
    await storm(options, report, { links })
  } finally {
    links.end()
  }
}

type Between = Pick<FaultWorld, 'hosts' | 'links'>

async function storm(options: StormOptions, report: Report, { hosts, links }: Between): Promise<void> {
  await withFolder(async (folder) => {
    const around = { nodeFlags: ['--require', jumpingClock], ...(hosts && { hosts }), ...(links && { links }) }
    const cluster = await KeeperCluster.begin(folder, options.members, [], around)
    try {
      await new Storm(options, { cluster, hosts, links, lastsMs: options.lastsMs }, report).run()
    } finally {
      await cluster.end()
    }
  })
}

/** Is this kind of harm done where keepers have hosts of their own, or where links lie between them? */
const belongs = ({ needs }: Fault, over: 'hosts' | 'links'): boolean => (needs === 'links') === (over === 'links')

class Report implements StormReport {
  readonly gaps = new Map<string, number[]>()
  readonly failures: string[] = []
  readonly wrong: string[] = []
  calls = 0
  acknowledged = 0
}

class Storm {
  readonly #options: StormOptions
  readonly #world: FaultWorld
  readonly #report: Report

  constructor(options: StormOptions, world: FaultWorld, report: Report) {
    this.#options = options
    this.#world = world
    this.#report = report
  }

  async run(): Promise<void> {
    const { minutes, seed } = this.#options
    const random = seededRandom(seed)
    const kinds = this.#kinds()
    if (kinds.length === 0) throw new Error('there is no such harm, or it cannot be done here')
    const end = performance.now() + minutes * 60_000
    const witness = new Witness(this.#world.cluster)
    try {
      await this.#rounds(kinds, end, random, witness)
    } finally {
      witness.end()
    }
  }

  async #rounds(kinds: readonly Fault[], end: number, random: Random, witness: Witness): Promise<void> {
    const { seed } = this.#options
    for (let round = 0; performance.now() < end && this.#report.wrong.length === 0; round++) {
      const load = await MixedLoad.start(this.#world.cluster.endpoints, 6, seed + round * 100, `r${round}`, witness)
      for (let harm = 0; harm < harmsPerRound && performance.now() < end; harm++)
        await this.#harm(kinds[random.below(kinds.length)] as Fault, load, witness)
      await this.#judge(load)
    }
  }

  #kinds(): Fault[] {
    const { hosts, links } = this.#world
    const missing = { hosts: hosts ? undefined : noNamespaces(), links: undefined, strace: noStrace() }
    const over = links ? 'links' : 'hosts'
    const kinds = faults.filter((fault) => fault.name.includes(this.#options.only) && belongs(fault, over))
    return kinds.filter(({ name, needs }) => {
      const why = needs && missing[needs]
      if (why) this.#options.onHarm(`not done here: ${name} (${why})`)
      return why === undefined
    })
  }

  async #harm(fault: Fault, load: MixedLoad, witness: Witness): Promise<void> {
    const { onHarm, onPause } = this.#options
    const { gaps } = this.#report
    const since = performance.now()
    const failed = load.failures.length
    witness.note(`harm: ${fault.name}`)
    await fault.run(this.#world)
    witness.note('harm is over')
    const before = load.acknowledged
    await until('the load to go on', () => load.acknowledged > before + 20, 60_000)
    await this.#world.cluster.leader()
    const pause = load.longestGap(since)
    const gap = pause.to - pause.from
    gaps.set(fault.name, [...(gaps.get(fault.name) ?? []), gap])
    const failures = load.failures.length - failed
    const wanted = fault.gapMs === undefined ? '' : ` (${fault.gapMs} wanted)`
    onHarm(
      `${gap.toFixed(0).padStart(6)} ms${wanted}  ${fault.name}${failures > 0 ? `; ${failures} calls failed` : ''}`,
    )
    if (gap > (fault.gapMs ?? Number.POSITIVE_INFINITY) || failures > 0)
      onPause(`${fault.name}: ${gap.toFixed(0)} ms`, [
        ...load.failures.slice(failed),
        ...witness.report(failures > 0 ? { from: since, to: performance.now() } : pause),
      ])
  }

  async #judge(load: MixedLoad): Promise<void> {
    const report = this.#report
    await load.finish()
    report.calls += load.calls
    report.acknowledged += load.acknowledged
    report.failures.push(...load.failures)
    try {
      report.wrong.push(...load.judge())
    } catch (violation) {
      report.wrong.push(String(violation))
    }
  }
}
