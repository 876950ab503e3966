import { randomBytes } from 'node:crypto'
import { parseArgs } from 'node:util'
import { table } from '../../keeper/src/cli/output.js'
import { until } from '../harness/keeper-process.js'
import { type BenchClient, type ClientKind, openClient } from './clients/client.js'
import { commonHelp, commonOptions, give, positive, progress } from './report.js'
import { subjects } from './subjects/all.js'
import { type Blueprint, Cluster, readMetrics } from './subjects/cluster.js'
import { withScratch } from './subjects/scratch.js'

const help = `npm run bench -- scale [OPTIONS]

One member full of keys, beside etcd when installed: memory after the load, time from a restart (after SIGTERM, and
after SIGKILL) to the first linearizable read, and for the keeper the longest delay of its event loop while it idles and
while it flushes, compacts and is written to.

  --keys N          keys of --bytes each (1000000)
  --bytes N         bytes of a value (256)
  --rate N          writes a second to random keys while the delay is measured (500)
  --seconds N       how long it is measured; a flush comes every 30 s (70)
${commonHelp}

Examples:
  npm run bench -- scale
  npm run bench -- scale --only keeper --keys 200000`

interface ScaleOptions {
  readonly keys: number
  readonly bytes: number
  readonly rate: number
  readonly seconds: number
}

interface ScaleReport {
  readonly kind: ClientKind
  readonly title: string
  readonly loadSeconds: number
  readonly residentMegabytes: number
  /** After both restarts. */
  readonly residentAgainMegabytes: number
  readonly restartMs: number
  readonly killRestartMs: number
  /** Longest delays of the event loop, keeper only. */
  readonly idleDelayMs?: number
  readonly loadDelayMs?: number
  readonly busyDelayMs?: number
}

export async function scaleBench(argv: readonly string[]): Promise<void> {
  const { values } = parseArgs({
    args: [...argv],
    options: {
      ...commonOptions,
      keys: { type: 'string', default: '1000000' },
      bytes: { type: 'string', default: '256' },
      rate: { type: 'string', default: '500' },
      seconds: { type: 'string', default: '70' },
    },
  })
  if (values.help) return console.log(help)
  const options: ScaleOptions = {
    keys: positive('keys', values.keys),
    bytes: positive('bytes', values.bytes),
    rate: positive('rate', values.rate),
    seconds: positive('seconds', values.seconds),
  }
  const reports: ScaleReport[] = []
  for (const [kind, make] of subjects({ only: values.only ?? 'keeper,etcd', members: 1 }))
    reports.push(await withScratch(async (folder) => run(kind, await make(folder), options)))
  await give(values, render(reports), { options, reports })
}

async function run(kind: ClientKind, blueprint: Blueprint, options: ScaleOptions): Promise<ScaleReport> {
  const cluster = await Cluster.start(blueprint)
  try {
    progress(`${blueprint.title}: ${options.keys} keys`)
    const delay = delayReader(blueprint)
    const load = await withClient(blueprint, (client) => fill(client, options, delay))
    const resident = await settled(cluster)
    const delays = kind === 'keeper' ? await measureDelays(blueprint, options, delay) : {}
    const restartMs = await restart(cluster, 'SIGTERM', options)
    const killRestartMs = await restart(cluster, 'SIGKILL', options)
    return {
      kind,
      title: blueprint.title,
      loadSeconds: load.seconds,
      residentMegabytes: resident,
      residentAgainMegabytes: await settled(cluster),
      restartMs,
      killRestartMs,
      ...(kind === 'keeper' && { loadDelayMs: load.delayMs }),
      ...delays,
    }
  } finally {
    await cluster.stop('SIGKILL')
  }
}

const keyOf = (at: number) => `scale/${String(at).padStart(9, '0')}`
const noise = randomBytes(1 << 20)
/** Bytes that no compression makes smaller: values of keys side by side have nothing in common. */
const bytesOf = (at: number, bytes: number) => {
  const from = (Math.imul(at, 2_654_435_761) >>> 0) % (noise.length - bytes)
  return noise.subarray(from, from + bytes)
}

async function withClient<T>(blueprint: Blueprint, body: (client: BenchClient) => Promise<T>): Promise<T> {
  const client = await openClient(blueprint.kind, blueprint.endpoints, 'scale')
  try {
    return await body(client)
  } finally {
    await client.close()
  }
}

const loops = 512

async function fill(client: BenchClient, { keys, bytes }: ScaleOptions, delay: () => Promise<number>) {
  const begun = performance.now()
  let next = 0
  await delay()
  const loop = async () => {
    for (let at = next++; at < keys; at = next++) {
      if (at % 100_000 === 0) progress(`${at} keys`)
      await client.create(keyOf(at), bytesOf(at, bytes))
    }
  }
  await Promise.all(Array.from({ length: loops }, loop))
  return { seconds: (performance.now() - begun) / 1_000, delayMs: await delay() }
}

const pause = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms))

/** Resident memory once it no longer changes much, megabytes. */
async function settled(cluster: Cluster): Promise<number> {
  for (let before = 0; ; ) {
    const now = await cluster.residentBytes()
    if (Math.abs(now - before) < now / 50) return Math.round(now / 2 ** 20)
    before = now
    await pause(5_000)
  }
}

/** Gives the longest delay of the member's event loop since it was last asked, milliseconds. */
function delayReader(blueprint: Blueprint): () => Promise<number> {
  const { argv } = blueprint.launch(0)
  const http = argv[argv.indexOf('--listen-http') + 1] as string
  return async () => {
    if (blueprint.kind !== 'keeper') return 0
    const metrics = await readMetrics(http)
    return Math.round((metrics?.get('nodejs_eventloop_lag_max_seconds') ?? Number.NaN) * 1_000)
  }
}

async function measureDelays(blueprint: Blueprint, options: ScaleOptions, delay: () => Promise<number>) {
  await delay()
  await pause(10_000)
  const idleDelayMs = await delay()
  progress(`${options.seconds} s of writes and a compaction`)
  await withClient(blueprint, async (client) => {
    const end = performance.now() + options.seconds * 1_000
    let random = 1
    await blueprint.compact?.()
    while (performance.now() < end) {
      const tick = performance.now()
      const writes = Array.from({ length: options.rate / 20 }, () => {
        random = (Math.imul(random, 1_103_515_245) + 12_345) >>> 0
        return client.put(keyOf(random % options.keys), bytesOf(random, options.bytes))
      })
      await Promise.all(writes)
      await pause(Math.max(0, 50 - (performance.now() - tick)))
    }
  })
  return { idleDelayMs, busyDelayMs: await delay() }
}

/** Ends the member and starts it again; milliseconds from the start to the first linearizable read. */
async function restart(cluster: Cluster, signal: NodeJS.Signals, { keys }: ScaleOptions): Promise<number> {
  progress(`restart after ${signal}`)
  await cluster.end(0, signal)
  const begun = performance.now()
  cluster.restart(0)
  await until('the member to serve', () => cluster.blueprint.probe(0), 300_000)
  await withClient(cluster.blueprint, (client) => client.get(keyOf(keys - 1)))
  return Math.round(performance.now() - begun)
}

function render(reports: readonly ScaleReport[]): string {
  const ms = (value: number | undefined) => (value === undefined ? '' : `${value} ms`)
  const rows = reports.map((one) => [
    one.title,
    `${one.loadSeconds.toFixed(0)} s`,
    `${one.residentMegabytes} MB`,
    `${one.residentAgainMegabytes} MB`,
    ms(one.restartMs),
    ms(one.killRestartMs),
    ms(one.idleDelayMs),
    ms(one.loadDelayMs),
    ms(one.busyDelayMs),
  ])
  const titles = ['', 'LOAD', 'MEMORY', 'RESTARTED', 'RESTART', 'AFTER KILL', 'IDLE DELAY', 'LOAD DELAY', 'BUSY DELAY']
  return table(titles, rows, 'nothing was measured')
}
