import { parseArgs } from 'node:util'
import { table } from '../../keeper/src/cli/output.js'
import { residentBytes, until, withFolder } from '../harness/keeper-process.js'
import { Fleet } from './push/fleet.js'
import { quantile, type Subject } from './push/run.js'
import { keeperSubject } from './push/subjects.js'

const help = `npm run bench -- slow [--sessions 50] [--updates 10000] [--bytes 1000]

Stops one subscriber with SIGSTOP for the middle half of the updates: the others' latency and the keeper's memory, by
quarter, and what the stopped one hears when it goes on. Runs once without the stop as a control.`

interface Quarter {
  readonly p50Ms: number
  readonly p99Ms: number
  readonly residentMb: number
}

interface SlowReport {
  readonly stopped: boolean
  readonly quarters: readonly Quarter[]
  /** Updates that the subscriber heard of during the middle half and after it. */
  readonly heardWhileStopped: number
  readonly heardNewest: boolean
  readonly heardTwice: number
}

/** The slow-reader bench. */
export async function slowBench(argv: readonly string[]): Promise<void> {
  const { values } = parseArgs({
    args: [...argv],
    options: {
      sessions: { type: 'string', default: '50' },
      updates: { type: 'string', default: '10000' },
      bytes: { type: 'string', default: '1000' },
      help: { type: 'boolean', short: 'h' },
    },
  })
  if (values.help) return console.log(help)
  const options = { sessions: Number(values.sessions), updates: Number(values.updates), bytes: Number(values.bytes) }
  const reports = [await run(false, options), await run(true, options)]
  console.log(render(reports))
  console.log(JSON.stringify({ options, reports }))
}

const run = (stopped: boolean, options: { sessions: number; updates: number; bytes: number }): Promise<SlowReport> =>
  withFolder(async (folder) => {
    const subject = await keeperSubject(folder)
    try {
      return await measure(subject, stopped, options)
    } finally {
      await subject.stop()
    }
  })

async function measure(
  subject: Subject,
  stopped: boolean,
  { sessions, updates, bytes }: { sessions: number; updates: number; bytes: number },
): Promise<SlowReport> {
  await subject.publish(0, bytes)
  const others = await Fleet.join('keeper', subject.endpoint, sessions, 1)
  const one = await Fleet.join('keeper', subject.endpoint, 1, 1, sessions)
  const signal = (name: NodeJS.Signals) => {
    if (stopped) for (const pid of one.pids) process.kill(pid, name)
  }
  try {
    const sent = new Map<number, number>()
    const resident: number[] = []
    const quarter = Math.floor(updates / 4)
    for (let seq = 1; seq <= updates; seq++) {
      if (seq === quarter) signal('SIGSTOP')
      if (seq === quarter * 3) signal('SIGCONT')
      sent.set(seq, performance.timeOrigin + performance.now())
      await subject.publish(seq, bytes)
      if (seq % quarter === 0) resident.push(await residentBytes(subject.pid))
    }
    await until(
      'the newest everywhere',
      async () => (await others.heard()).get(updates)?.length === sessions && (await one.heard()).has(updates),
      60_000,
    )
    return report(stopped, updates, { sent, resident, others: await others.heard(), one: await one.heard() })
  } finally {
    signal('SIGCONT')
    others.end()
    one.end()
  }
}

interface Measured {
  sent: Map<number, number>
  resident: number[]
  others: Map<number, number[]>
  one: Map<number, number[]>
}

function report(stopped: boolean, updates: number, { sent, resident, others, one }: Measured): SlowReport {
  const quarter = Math.floor(updates / 4)
  const quarters = [0, 1, 2, 3].map((at) => {
    const latencies = Array.from({ length: quarter }, (_, i) => at * quarter + i + 1).flatMap((seq) =>
      (others.get(seq) ?? []).map((heard) => heard - (sent.get(seq) ?? heard)),
    )
    return {
      p50Ms: quantile(latencies, 0.5),
      p99Ms: quantile(latencies, 0.99),
      residentMb: (resident[at] ?? 0) / 2 ** 20,
    }
  })
  const middle = [...one.keys()].filter((seq) => seq > quarter && seq < quarter * 3)
  return {
    stopped,
    quarters,
    heardWhileStopped: middle.length,
    heardNewest: one.has(updates),
    heardTwice: [...one.values()].filter((times) => times.length > 1).length,
  }
}

function render(reports: readonly SlowReport[]): string {
  const rows = reports.flatMap((one) =>
    one.quarters.map((quarter, at) => [
      one.stopped ? 'one stopped' : 'control',
      `${at + 1}${one.stopped && (at === 1 || at === 2) ? ' (stopped)' : ''}`,
      quarter.p50Ms.toFixed(1),
      quarter.p99Ms.toFixed(1),
      quarter.residentMb.toFixed(0),
      at === 3
        ? `${one.heardWhileStopped} heard of the middle half, ${one.heardTwice} twice, newest ${one.heardNewest ? 'yes' : 'no'}`
        : '',
    ]),
  )
  return table(['RUN', 'QUARTER', 'P50 ms', 'P99 ms', 'RSS MB', 'THE ONE'], rows)
}
