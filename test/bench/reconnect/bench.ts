import { type ChildProcess, fork } from 'node:child_process'
import { once } from 'node:events'
import { mkdir, writeFile } from 'node:fs/promises'
import { cpus } from 'node:os'
import { join } from 'node:path'
import { setTimeout } from 'node:timers/promises'
import { parseArgs } from 'node:util'
import { table } from '../../../keeper/src/cli/output.js'
import { keeperCommand } from '../../harness/command-line.js'
import { KeeperCluster } from '../../harness/keeper-cluster.js'
import { cpuSeconds, until, withFolder } from '../../harness/keeper-process.js'
import { quantile } from '../push/run.js'
import type { LoadReport } from './load.js'

const help = `npm run bench -- reconnect [--sessions 3000] [--processes 2] [--signals SIGKILL,SIGTERM,SIGSTOP] [--json]

Three keepers in processes of their own, and sessions spread over them. The keeper with most sessions ends by each
signal in turn, and a new value is published while its sessions are on their way: when is each back at another keeper,
with the newest value, and was any value sent to it twice? Before that, what it costs that all of them do nothing.`

/** For so long they do nothing. */
const IDLE_MS = 10_000

interface Options {
  readonly sessions: number
  readonly processes: number
}

interface Report {
  readonly signal: string
  /** The one that ended led the others. */
  readonly led: boolean
  readonly lost: number
  /** From the signal until the last one noticed, milliseconds. */
  readonly noticedLastMs: number
  /** From the signal until so many were back. */
  readonly backFirstMs: number
  readonly backP50Ms: number
  readonly backP99Ms: number
  readonly backLastMs: number
  /** From the signal until the new value was published. */
  readonly publishedMs: number
  /** From the signal until every session ran with the value that was published meanwhile. */
  readonly newestMs: number
  readonly attempts: number
  readonly ends: Readonly<Record<string, number>>
  readonly sentTwice: number
  /** CPU seconds of the keepers that stayed, from the signal until all were back. */
  readonly keepersCpuSeconds: number
  /** The same of the processes with the sessions. */
  readonly loadCpuSeconds: number
  /** How much of the machine was ours meanwhile: where it is little, the times say nothing. */
  readonly shareOfMachine: number
}

/** The reconnect bench. */
export async function reconnectBench(argv: readonly string[]): Promise<void> {
  const { values } = parseArgs({
    args: [...argv],
    options: {
      sessions: { type: 'string', default: '3000' },
      processes: { type: 'string', default: '2' },
      signals: { type: 'string', default: 'SIGKILL,SIGTERM,SIGSTOP' },
      json: { type: 'boolean' },
      help: { type: 'boolean', short: 'h' },
    },
  })
  if (values.help) return console.log(help)
  const options = { sessions: Number(values.sessions), processes: Number(values.processes) }
  const signals = values.signals.split(',') as NodeJS.Signals[]
  const { idle, reports } = await withFolder((folder) => run(folder, options, signals))
  if (!values.json) console.log(`${render(reports)}\n\n${renderIdle(idle, options)}`)
  const machine = `${cpus().length} × ${cpus()[0]?.model}`
  console.log(JSON.stringify({ machine, node: process.version, options, idle, reports }))
}

/** Processor time of a second in which nothing happens, milliseconds. */
interface Idle {
  /** Of all keepers together. */
  readonly keepersMs: number
  readonly loadMs: number
}

async function idleness(cluster: KeeperCluster, load: Load): Promise<Idle> {
  const spent = async (pids: readonly number[]) => sumOf(await Promise.all(pids.map(cpuSeconds)))
  const keepers = cluster.names.map((name) => cluster.process(name).pid)
  const before = [await spent(keepers), await spent(load.pids)]
  const began = performance.now()
  await setTimeout(IDLE_MS)
  const seconds = (performance.now() - began) / 1000
  const perSecond = (now: number, then = 0) => ((now - then) * 1000) / seconds
  return {
    keepersMs: perSecond(await spent(keepers), before[0]),
    loadMs: perSecond(await spent(load.pids), before[1]),
  }
}

const renderIdle = ({ keepersMs, loadMs }: Idle, { sessions }: Options): string =>
  `idle: ${sessions} sessions take ${keepersMs.toFixed(0)} ms of the keepers’ processors in a second, ${loadMs.toFixed(0)} ms of their own`

async function run(
  folder: string,
  options: Options,
  signals: readonly NodeJS.Signals[],
): Promise<{ idle: Idle; reports: Report[] }> {
  const cluster = await KeeperCluster.begin(folder)
  const publish = publisher(folder, cluster)
  await publish()
  const load = await Load.join(cluster.endpoints, options)
  const reports: Report[] = []
  const idle = await idleness(cluster, load)
  try {
    for (const signal of signals) {
      const name = await fullest(cluster, load)
      reports.push(await lose(cluster, load, publish, name, signal))
      if (signal === 'SIGSTOP') cluster.process(name).signal('SIGCONT')
      else await cluster.start(name)
    }
  } finally {
    load.end()
    await cluster.end()
  }
  return { idle, reports }
}

/** One keeper ends; resolves when all of its sessions are at others and run with the newest value. */
async function lose(
  cluster: KeeperCluster,
  load: Load,
  publish: () => Promise<number>,
  name: string,
  signal: NodeJS.Signals,
): Promise<Report> {
  const before = await load.report()
  const endpoint = cluster.endpoints[cluster.names.indexOf(name)] ?? ''
  const led = (await statusOf(endpoint)).role === 'leader'
  const others = cluster.names.filter((other) => other !== name).map((other) => cluster.process(other).pid)
  const cpu = async () => sumOf(await Promise.all(others.map(cpuSeconds)))
  const loadCpu = async () => sumOf(await Promise.all(load.pids.map(cpuSeconds)))
  const [cpuBefore, loadCpuBefore] = [await cpu(), await loadCpu()]
  const began = performance.timeOrigin + performance.now()
  const ended = signal === 'SIGSTOP' ? cluster.process(name).signal(signal) : cluster.kill(name, signal)
  const revision = await publish()
  const publishedMs = performance.timeOrigin + performance.now() - began
  const all = load.sessions
  const isBack = ({ at }: LoadReport) => sum(at) - (at[endpoint] ?? 0) === all
  await until('all sessions to be back', async () => isBack(await load.report()), 60_000)
  const keepersCpuSeconds = (await cpu()) - cpuBefore
  const loadCpuSeconds = (await loadCpu()) - loadCpuBefore
  const seconds = (performance.timeOrigin + performance.now() - began) / 1000
  const shareOfMachine = (keepersCpuSeconds + loadCpuSeconds) / seconds / cpus().length
  await until('all to have the newest', async () => (await load.report()).revisions[revision] === all, 60_000)
  const newestMs = performance.timeOrigin + performance.now() - began
  await ended
  const after = await load.report()
  const back = after.back.slice(before.back.length).map((at) => at - began)
  return {
    signal,
    led,
    lost: before.at[endpoint] ?? 0,
    noticedLastMs: Math.max(...after.away.filter((at) => at > began)) - began,
    backFirstMs: Math.min(...back),
    backP50Ms: quantile(back, 0.5),
    backP99Ms: quantile(back, 0.99),
    backLastMs: Math.max(...back),
    publishedMs,
    newestMs,
    attempts: after.attempts - before.attempts,
    ends: Object.fromEntries(Object.entries(after.ends).map(([end, n]) => [end, n - (before.ends[end] ?? 0)])),
    sentTwice: after.sentTwice - before.sentTwice,
    keepersCpuSeconds,
    loadCpuSeconds,
    shareOfMachine,
  }
}

const sumOf = (numbers: readonly number[]): number => numbers.reduce((total, one) => total + one, 0)

const sum = (counts: Readonly<Record<string, number>>): number =>
  Object.values(counts).reduce((total, count) => total + count, 0)

async function fullest(cluster: KeeperCluster, load: Load): Promise<string> {
  const { at } = await load.report()
  const [endpoint = ''] = Object.entries(at).toSorted(([, a], [, b]) => b - a)[0] ?? []
  return cluster.nameAt(endpoint)
}

async function statusOf(endpoint: string): Promise<{ role: string }> {
  const { stdout } = await keeperCommand(['status', '--endpoints', endpoint, '--output', 'json'])
  return JSON.parse(stdout) as { role: string }
}

/** Publishes a new value with each call, and gives its revision. */
function publisher(folder: string, cluster: KeeperCluster): () => Promise<number> {
  let seq = 0
  const directory = join(folder, 'config')
  return async () => {
    await mkdir(join(directory, 'push'), { recursive: true })
    await writeFile(join(directory, 'push/room.yaml'), `seq: ${++seq}\npadding: ${'x'.repeat(1000)}\n`)
    const endpoints = cluster.running.join(',')
    const args = ['apply', directory, '--endpoints', endpoints, '--reason', 'bench', '--output', 'json']
    return await until('a change to be published', async () => {
      const { code, stdout } = await keeperCommand(args)
      if (code !== 0) return undefined
      return (JSON.parse(stdout.trim().split('\n')[0] ?? '{}') as { revision?: number }).revision
    })
  }
}

/** Sessions in processes of their own. */
class Load {
  readonly sessions: number
  readonly #children: readonly ChildProcess[]

  private constructor(sessions: number, children: readonly ChildProcess[]) {
    this.sessions = sessions
    this.#children = children
  }

  static async join(endpoints: readonly string[], { sessions, processes }: Options): Promise<Load> {
    const share = Math.ceil(sessions / processes)
    const children = Array.from({ length: processes }, (_, at) => {
      const count = Math.min(share, sessions - at * share)
      const args = [endpoints.join(','), String(at * share), String(count)]
      return fork(join(import.meta.dirname, 'load.ts'), args, { execArgv: ['--import', 'tsx'] })
    })
    await Promise.all(children.map((child) => once(child, 'message')))
    return new Load(sessions, children)
  }

  get pids(): number[] {
    return this.#children.map((child) => child.pid as number)
  }

  async report(): Promise<LoadReport> {
    const parts = await Promise.all(
      this.#children.map(async (child) => {
        child.send('report')
        return ((await once(child, 'message')) as [LoadReport])[0]
      }),
    )
    return {
      at: added(parts.map(({ at }) => at)),
      away: parts.flatMap(({ away }) => away),
      back: parts.flatMap(({ back }) => back).toSorted((a, b) => a - b),
      attempts: parts.reduce((total, { attempts }) => total + attempts, 0),
      ends: added(parts.map(({ ends }) => ends)),
      pushes: parts.reduce((total, { pushes }) => total + pushes, 0),
      sentTwice: parts.reduce((total, { sentTwice }) => total + sentTwice, 0),
      revisions: added(parts.map(({ revisions }) => revisions)),
    }
  }

  end(): void {
    for (const child of this.#children) if (child.connected) child.send('end')
  }
}

function added(parts: readonly Readonly<Record<string, number>>[]): Record<string, number> {
  const all: Record<string, number> = {}
  for (const part of parts) for (const [key, count] of Object.entries(part)) all[key] = (all[key] ?? 0) + count
  return all
}

const render = (reports: readonly Report[]): string =>
  table(
    [
      '',
      'SESSIONS LOST',
      'ALL NOTICED ms',
      'BACK first ms',
      'p50',
      'p99',
      'last',
      'PUBLISHED ms',
      'ALL NEWEST ms',
      'ATTEMPTS',
      'SENT TWICE',
      'CPU s of keepers',
      'of load',
      'OF MACHINE',
    ],
    reports.map((one) => [
      `${one.signal}${one.led ? ' of the leader' : ''}`,
      String(one.lost),
      one.noticedLastMs.toFixed(0),
      one.backFirstMs.toFixed(0),
      one.backP50Ms.toFixed(0),
      one.backP99Ms.toFixed(0),
      one.backLastMs.toFixed(0),
      one.publishedMs.toFixed(0),
      one.newestMs.toFixed(0),
      String(one.attempts),
      String(one.sentTwice),
      one.keepersCpuSeconds.toFixed(2),
      one.loadCpuSeconds.toFixed(2),
      `${(one.shareOfMachine * 100).toFixed(0)} %`,
    ]),
  )
