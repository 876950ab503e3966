import { parseArgs } from 'node:util'
import { table } from '../../keeper/src/cli/output.js'
import { type CalmReport, calm, renderCalm } from './calm.js'
import type { ClientKind } from './clients/client.js'
import { longestGaps } from './gaps.js'
import { Crew } from './load/crew.js'
import { machineMs } from './load/machine-clock.js'
import { commonHelp, commonOptions, give, median, pause, positive, progress, UsageError } from './report.js'
import { type MakeBlueprint, subjects } from './subjects/all.js'
import { Cluster } from './subjects/cluster.js'
import { withScratch } from './subjects/scratch.js'

const help = `npm run bench -- failover [OPTIONS]
npm run bench -- failover --calm SECONDS [OPTIONS]

The longest gap between two acknowledged writes, of all writers together, when the leader is killed (SIGKILL), hangs
(SIGSTOP) or is stopped as planned (SIGTERM), beside etcd and ZooKeeper when installed. Paced writers, each with a
connection to one of the other members and several endpoints; they go on writing while answers are missing. The longest
gap of the calm seconds before tells what the machine itself does.

  --faults NAMES    of kill, hang, stop (all three)
  --writers N       load processes with one connection each (4)
  --rate N          writes a second, all writers together (1000)
  --watch SECONDS   how long the gap is looked for; twice as long when the leader hangs (8)
  --calm SECONDS    no fault: full load of 256 loops with compactions; tells how often a leader was elected meanwhile
${commonHelp}

Examples:
  npm run bench -- failover
  npm run bench -- failover --only keeper --faults kill,stop --rounds 10
  npm run bench -- failover --only keeper --calm 600`

const signals = { kill: 'SIGKILL', hang: 'SIGSTOP', stop: 'SIGTERM' } as const
type Fault = keyof typeof signals

interface FaultReport {
  readonly kind: ClientKind
  readonly title: string
  readonly fault: Fault
  readonly medianMs: number
  readonly longestMs: number
  readonly gapsMs: readonly number[]
  /** Writes were acknowledged again before the watch ended, every time; otherwise a gap is at least so long. */
  readonly over: boolean
  /** The longest gap of the seconds before each fault. */
  readonly calmMs: readonly number[]
  readonly failed: number
  readonly failures: Readonly<Record<string, number>>
}

interface FailoverOptions {
  readonly faults: readonly Fault[]
  readonly writers: number
  readonly rate: number
  readonly watchMs: number
  readonly rounds: number
}

/** The failover bench. */
export async function failoverBench(argv: readonly string[]): Promise<void> {
  const { values } = parseArgs({
    args: [...argv],
    options: {
      ...commonOptions,
      faults: { type: 'string', default: Object.keys(signals).join(',') },
      writers: { type: 'string', default: '4' },
      rate: { type: 'string', default: '1000' },
      watch: { type: 'string', default: '8' },
      calm: { type: 'string' },
    },
  })
  if (values.help) return console.log(help)
  const chosen = subjects({ only: values.only, members: positive('members', values.members) })
  if (values.calm !== undefined) {
    const seconds = positive('calm', values.calm)
    const reports: CalmReport[] = []
    for (const [, make] of chosen) reports.push(await calm(make, seconds))
    return give(values, renderCalm(reports), { seconds, reports })
  }
  const options: FailoverOptions = {
    faults: values.faults.split(',').map(faultOf),
    writers: positive('writers', values.writers),
    rate: positive('rate', values.rate),
    watchMs: positive('watch', values.watch) * 1_000,
    rounds: positive('rounds', values.rounds),
  }
  const reports: FaultReport[] = []
  for (const [, make] of chosen) for (const fault of options.faults) reports.push(await measure(make, fault, options))
  return give(values, render(reports), { options, reports })
}

function faultOf(name: string): Fault {
  if (name in signals) return name as Fault
  throw new UsageError(`--faults ${name}: there are ${Object.keys(signals).join(', ')}`)
}

const measure = (make: MakeBlueprint, fault: Fault, options: FailoverOptions): Promise<FaultReport> =>
  withScratch(async (folder) => {
    const cluster = await Cluster.start(await make(folder))
    try {
      const rounds: Round[] = []
      for (let round = 1; round <= options.rounds; round++) {
        progress(`${cluster.blueprint.kind}, ${fault}: round ${round} of ${options.rounds}`)
        rounds.push(await withFault(cluster, fault, round, options))
      }
      const gapsMs = rounds.map((one) => one.gapMs)
      const failures: Record<string, number> = {}
      for (const one of rounds)
        for (const [name, count] of Object.entries(one.failures)) failures[name] = (failures[name] ?? 0) + count
      const { kind, title } = cluster.blueprint
      return {
        kind,
        title,
        fault,
        medianMs: median(gapsMs),
        longestMs: Math.max(...gapsMs),
        gapsMs,
        over: rounds.every((one) => one.over),
        calmMs: rounds.map((one) => one.calmMs),
        failed: rounds.reduce((sum, one) => sum + one.failed, 0),
        failures,
      }
    } finally {
      await cluster.stop()
    }
  })

interface Round {
  readonly gapMs: number
  readonly calmMs: number
  readonly over: boolean
  readonly failed: number
  readonly failures: Readonly<Record<string, number>>
}

const settleMs = 1_500
const calmMs = 2_000

async function withFault(cluster: Cluster, fault: Fault, round: number, options: FailoverOptions): Promise<Round> {
  const leader = await cluster.settled()
  const { kind, endpoints } = cluster.blueprint
  const others = endpoints.filter((_, at) => at !== leader)
  const loops = 4
  const crew = await Crew.start(
    Array.from({ length: options.writers }, (_, at) => ({
      kind,
      endpoints: others.map((_, turn) => others[(at + turn) % others.length] as string),
      name: `r${round}w${at}`,
      loops,
      keysPerLoop: 10,
      bytes: 256,
    })),
  )
  try {
    await crew.run('put', loops, (options.writers * loops * 1_000) / options.rate)
    await pause(settleMs)
    await crew.mark()
    await pause(calmMs)
    const faultAt = machineMs()
    cluster.signal(leader, signals[fault])
    await pause(fault === 'hang' ? options.watchMs * 2 : options.watchMs)
    const { at, failed, failures } = await crew.report()
    return { ...longestGaps(at, faultAt, machineMs()), failed, failures }
  } finally {
    await crew.end()
    await recover(cluster, leader, fault)
  }
}

async function recover(cluster: Cluster, leader: number, fault: Fault): Promise<void> {
  if (fault === 'hang') {
    cluster.signal(leader, 'SIGCONT')
  } else {
    await cluster.end(leader, signals[fault])
    cluster.restart(leader)
  }
  await cluster.settled()
}

const whatHappened: Record<Fault, string> = {
  kill: 'kill -9 of the leader',
  hang: 'leader hangs (SIGSTOP)',
  stop: 'planned stop (SIGTERM)',
}

function render(reports: readonly FaultReport[]): string {
  const rows = reports.map((one) => {
    const keeper = reports.find((other) => other.kind === 'keeper' && other.fault === one.fault)
    return [
      one.title,
      whatHappened[one.fault],
      one.medianMs.toFixed(0),
      `${one.over ? '' : '≥ '}${one.longestMs.toFixed(0)}`,
      Math.max(...one.calmMs).toFixed(0),
      String(one.failed),
      keeper && keeper !== one ? (keeper.medianMs / one.medianMs).toFixed(2) : '',
    ]
  })
  const head = ['', 'FAULT', 'GAP ms, median', 'longest', 'LONGEST IN CALM ms', 'WRITES FAILED', 'KEEPER / THIS']
  return table(head, rows)
}
