import { execFileSync } from 'node:child_process'
import { cpuSeconds, residentBytes, until } from '../../harness/keeper-process.js'
import { Fleet } from './fleet.js'
import type { LoadKind } from './load.js'

/** Something that fans an update out to its sessions. */
export interface Subject {
  readonly name: string
  readonly kind: LoadKind
  readonly endpoint: string
  /** The server's process: what is measured. */
  readonly pid: number
  /** Publishes update `seq` with about `bytes` of payload; gives the Unix milliseconds of commit, if known. */
  publish(seq: number, bytes: number): Promise<number | undefined>
  stop(): Promise<void>
}

export interface PushReport {
  readonly name: string
  readonly sessions: number
  readonly updates: number
  readonly deliveries: number
  readonly expected: number
  /** From the publisher's request to the callback, milliseconds. */
  readonly p50Ms: number
  readonly p99Ms: number
  /** From the request to the last session's callback, median over updates. */
  readonly lastMs: number
  /** From the commit stamp to the callback, where the subject has one. */
  readonly commitP50Ms?: number
  readonly commitP99Ms?: number
  readonly cpuPerDeliveryUs: number
  readonly memoryPerSessionKb: number
}

export interface PushOptions {
  readonly sessions: number
  readonly updates: number
  /** Updates before the measured ones: a server that has run for a minute is what is measured. */
  readonly warmup: number
  readonly bytes: number
  readonly processes: number
  readonly paceMs: number
  /** Server on one core, load on the other: the server's cost without the load's threads in its caches. */
  readonly pin: boolean
}

/** All threads of the server to core 0, of the load to core 1. */
function pin(server: number, load: readonly number[]): void {
  execFileSync('taskset', ['-acp', '0', String(server)], { stdio: 'ignore' })
  for (const pid of load) execFileSync('taskset', ['-acp', '1', String(pid)], { stdio: 'ignore' })
}

const pause = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms))

/** Runs one subject: joins, measures idle memory, publishes paced updates, measures CPU over them. */
export async function runPush(subject: Subject, options: PushOptions): Promise<PushReport> {
  await subject.publish(0, options.bytes)
  const before = await settledMemory(subject.pid)
  const fleet = await Fleet.join(subject.kind, subject.endpoint, options.sessions, options.processes)
  if (options.pin) pin(subject.pid, fleet.pids)
  try {
    const idle = await settledMemory(subject.pid)
    const last = options.warmup + options.updates
    const everywhere = (seq: number) =>
      until(
        `update ${seq} everywhere`,
        async () => (await fleet.heard()).get(seq)?.length === options.sessions,
        120_000,
      )
    await publishAll(subject, options, 1, options.warmup)
    if (options.warmup > 0) await everywhere(options.warmup)
    await pause(1_500)
    const cpuBefore = await cpuSeconds(subject.pid)
    const { sent, committed } = await publishAll(subject, options, options.warmup + 1, last)
    await everywhere(last)
    await pause(1_500)
    const cpu = (await cpuSeconds(subject.pid)) - cpuBefore
    const heard = await fleet.heard()
    return report(subject, options, { sent, committed, heard, cpu, memory: idle - before })
  } finally {
    fleet.end()
  }
}

async function publishAll(subject: Subject, { bytes, paceMs }: PushOptions, first: number, last: number) {
  const sent = new Map<number, number>()
  const committed = new Map<number, number>()
  for (let seq = first; seq <= last; seq++) {
    const at = performance.timeOrigin + performance.now()
    sent.set(seq, at)
    const commit = await subject.publish(seq, bytes)
    if (commit !== undefined) committed.set(seq, commit)
    await pause(Math.max(0, paceMs - (performance.timeOrigin + performance.now() - at)))
  }
  return { sent, committed }
}

/** Resident memory once it no longer grows. */
async function settledMemory(pid: number): Promise<number> {
  let last = 0
  for (let same = 0; same < 3; ) {
    await pause(700)
    const now = await residentBytes(pid)
    same = Math.abs(now - last) < 512 * 1024 ? same + 1 : 0
    last = now
  }
  return last
}

interface Measured {
  sent: Map<number, number>
  committed: Map<number, number>
  heard: Map<number, number[]>
  cpu: number
  memory: number
}

function report(subject: Subject, options: PushOptions, { sent, committed, heard, cpu, memory }: Measured): PushReport {
  const updates = [...sent.keys()]
  const latencies = updates.flatMap((seq) => (heard.get(seq) ?? []).map((at) => at - (sent.get(seq) ?? at)))
  const commits = updates.flatMap((seq) => {
    const commit = committed.get(seq)
    return commit === undefined ? [] : (heard.get(seq) ?? []).map((at) => at - commit)
  })
  const lasts = updates.map((seq) => Math.max(...(heard.get(seq) ?? [0])) - (sent.get(seq) ?? 0))
  return {
    name: subject.name,
    sessions: options.sessions,
    updates: options.updates,
    deliveries: latencies.length,
    expected: options.sessions * options.updates,
    p50Ms: quantile(latencies, 0.5),
    p99Ms: quantile(latencies, 0.99),
    lastMs: quantile(lasts, 0.5),
    ...(commits.length > 0 ? { commitP50Ms: quantile(commits, 0.5), commitP99Ms: quantile(commits, 0.99) } : {}),
    cpuPerDeliveryUs: (cpu / latencies.length) * 1e6,
    memoryPerSessionKb: memory / options.sessions / 1024,
  }
}

/** The q-th quantile; NaN of nothing. */
export function quantile(values: readonly number[], q: number): number {
  const sorted = Float64Array.from(values).sort()
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * q))] ?? Number.NaN
}
