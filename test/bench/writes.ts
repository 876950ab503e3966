import { mkdir } from 'node:fs/promises'
import { resolve } from 'node:path'
import { parseArgs } from 'node:util'
import { table } from '../../keeper/src/cli/output.js'
import type { Operation } from './clients/client.js'
import { commonHelp, commonOptions, give, positive, UsageError } from './report.js'
import { subjects } from './subjects/all.js'
import { type Measured, measureThroughput, type ThroughputOptions } from './throughput.js'

const loadHelp = `  --loops N         closed loops, all processes together (256)
  --processes N     load processes, each with one connection, dealt out over the members (8)
  --keys N          keys of each loop, taken in turn (40)
  --bytes N         of each value (256)
  --warmup SECONDS  under the same load, before it counts: Node and Java compile meanwhile, Node for a good half minute (45)
  --seconds N       that count (10)
${commonHelp}
  --profile DIR     CPU profiles of keepers and load processes: then \`npm run bench -- profile DIR/*\`

Clients: the keeper's SDK; for etcd and ZooKeeper ones written here, one pipelined connection for each process, that
take less CPU than any other we know. Servers as they come, fsync on. Figures are the medians of the rounds.`

const writesHelp = `npm run bench -- writes [OPTIONS]

Writes a second in closed loops on distinct keys, beside etcd and ZooKeeper when installed: CPU for each write in servers
and clients apart (from /proc), latency, and one writer alone.

${loadHelp}

Examples:
  npm run bench -- writes
  npm run bench -- writes --only keeper,etcd --rounds 1 --seconds 5
  npm run bench -- writes --only keeper --rounds 1 --profile /tmp/profiles`

const readsHelp = `npm run bench -- reads [OPTIONS]

Reads a second of keys that are there, in closed loops, beside etcd and ZooKeeper when installed: linearizable ones (for
ZooKeeper sync, then getData) and such as a member answers from its own state.

${loadHelp}

Examples:
  npm run bench -- reads
  npm run bench -- reads --only keeper --seconds 5 --output json`

/** The writes bench. */
export const writesBench = (argv: readonly string[]): Promise<void> => throughputBench(argv, writesHelp, ['put'])

/** The reads bench. */
export const readsBench = (argv: readonly string[]): Promise<void> =>
  throughputBench(argv, readsHelp, ['get', 'getLocal'])

async function throughputBench(argv: readonly string[], help: string, operations: readonly Operation[]): Promise<void> {
  const { values } = parseArgs({
    args: [...argv],
    options: {
      ...commonOptions,
      loops: { type: 'string', default: '256' },
      processes: { type: 'string', default: '8' },
      keys: { type: 'string', default: '40' },
      bytes: { type: 'string', default: '256' },
      warmup: { type: 'string', default: '45' },
      seconds: { type: 'string', default: '10' },
      profile: { type: 'string' },
    },
  })
  if (values.help) return console.log(help)
  const number = (name: 'loops' | 'processes' | 'keys' | 'bytes' | 'warmup' | 'seconds' | 'rounds' | 'members') =>
    positive(name, values[name])
  const options: ThroughputOptions = {
    operations,
    processes: number('processes'),
    loops: number('loops'),
    keysPerLoop: number('keys'),
    bytes: number('bytes'),
    warmupMs: number('warmup') * 1_000,
    measureMs: number('seconds') * 1_000,
    rounds: number('rounds'),
    clientFlags: values.profile === undefined ? [] : await profileFlags(values.profile, 'load'),
    gently: values.profile !== undefined,
  }
  if (options.loops % options.processes !== 0)
    throw new UsageError(`--loops ${options.loops} cannot be shared evenly by --processes ${options.processes}`)
  const keeperFlags = values.profile === undefined ? [] : await profileFlags(values.profile, 'keeper')
  const measured = await measureThroughput(
    subjects({ only: values.only, members: number('members'), keeperFlags }),
    options,
  )
  await give(values, render(measured), { options, measured, ratios: ratios(measured) })
}

async function profileFlags(dir: string, name: string): Promise<string[]> {
  await mkdir(dir, { recursive: true })
  return ['--cpu-prof', '--cpu-prof-interval', '500', '--cpu-prof-dir', resolve(dir, name)]
}

const labels: Record<string, string> = {
  'keeper put': 'put',
  'etcd put': 'Put',
  'zookeeper put': 'setData',
  'keeper get': 'get, linearizable',
  'etcd get': 'Range, linearizable',
  'zookeeper get': 'sync + getData',
  'keeper getLocal': 'get, serializable',
  'etcd getLocal': 'Range, serializable',
  'zookeeper getLocal': 'getData',
}

const counterpart = (measured: readonly Measured[], one: Measured): Measured | undefined =>
  one.kind === 'keeper'
    ? undefined
    : measured.find((other) => other.kind === 'keeper' && other.operation === one.operation)

/** The keeper against each of the others, larger is better for the keeper. */
const ratios = (measured: readonly Measured[]) =>
  measured.flatMap((one) => {
    const keeper = counterpart(measured, one)
    if (!keeper) return []
    const ratio = (name: 'perSecond' | 'aloneAtLeaderMs') => keeper.median[name] / one.median[name]
    return [
      {
        against: one.kind,
        operation: one.operation,
        perSecond: ratio('perSecond'),
        alone: 1 / ratio('aloneAtLeaderMs'),
      },
    ]
  })

function render(measured: readonly Measured[]): string {
  const head = ['', 'OPERATION', 'PER SECOND', 'p50 ms', 'p99 ms', 'CPU µs/op SERVERS', 'CLIENTS', 'RSS MB', 'FAILED']
  const rows = measured.map((one) => {
    const { median: m } = one
    const keeper = counterpart(measured, one)
    return [
      one.title,
      labels[`${one.kind} ${one.operation}`] ?? one.operation,
      m.perSecond.toFixed(0),
      m.p50Ms.toFixed(1),
      m.p99Ms.toFixed(1),
      m.serverCpuUs.toFixed(1),
      m.clientCpuUs.toFixed(1),
      m.residentMb.toFixed(0),
      String(Object.values(one.failures).reduce((sum, count) => sum + count, 0)),
      `${m.aloneAtLeaderMs.toFixed(2)} / ${m.aloneAtFollowerMs.toFixed(2)}`,
      keeper ? `${(keeper.median.perSecond / m.perSecond).toFixed(2)} ×` : '',
    ]
  })
  const failures = measured.flatMap((one) =>
    Object.entries(one.failures).map(([name, count]) => `${one.title}, ${one.operation}: ${count} × ${name}`),
  )
  return [table([...head, 'ONE ALONE p50 ms, leader / follower', 'KEEPER / THIS'], rows), ...failures].join('\n')
}
