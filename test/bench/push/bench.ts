import { cpus } from 'node:os'
import { parseArgs } from 'node:util'
import { table } from '../../../keeper/src/cli/output.js'
import { withFolder } from '../../harness/keeper-process.js'
import { type PushReport, runPush, type Subject } from './run.js'
import { etcdSubject, etcdVersion, keeperSubject } from './subjects.js'

const help = `npm run bench -- push [--sessions 3000] [--updates 40] [--warmup 20] [--bytes 1000] [--processes 2] [--pace 500] [--json] [--pin] [--only keeper|etcd|etcd-ack]

Fans updates out to sessions on real sockets in other processes and reports latency, the server's CPU per delivery
(from /proc, acks included) and its memory per idle session. With etcd on the PATH the same through etcd's watch,
in the same run, with ratios: once as a bare watch, and once with an ack that each session writes back, which is what a
ledger needs. --pin keeps the server on one core and the sessions on another.`

/** The push bench: a table, then one JSON line with the same figures. */
export async function pushBench(argv: readonly string[]): Promise<void> {
  const { values } = parseArgs({
    args: [...argv],
    options: {
      sessions: { type: 'string', default: '3000' },
      updates: { type: 'string', default: '40' },
      warmup: { type: 'string', default: '20' },
      bytes: { type: 'string', default: '1000' },
      processes: { type: 'string', default: '2' },
      pace: { type: 'string', default: '500' },
      json: { type: 'boolean' },
      only: { type: 'string' },
      pin: { type: 'boolean', default: false },
      'node-flags': { type: 'string', default: '' },
      help: { type: 'boolean', short: 'h' },
    },
  })
  if (values.help) return console.log(help)
  const options = {
    sessions: Number(values.sessions),
    updates: Number(values.updates),
    warmup: Number(values.warmup),
    bytes: Number(values.bytes),
    processes: Number(values.processes),
    paceMs: Number(values.pace),
    pin: values.pin,
  }
  const reports: PushReport[] = []
  await withFolder(async (folder) => {
    for (const [kind, make] of subjects(folder, values['node-flags'].split(' ').filter(Boolean))) {
      if (values.only !== undefined && values.only !== kind) continue
      const subject = await make()
      try {
        reports.push(await runPush(subject, options))
      } finally {
        await subject.stop()
      }
    }
  })
  if (!values.json) console.log(render(reports))
  console.log(
    JSON.stringify({
      machine: `${cpus().length} × ${cpus()[0]?.model}`,
      node: process.version,
      etcd: etcdVersion() ?? null,
      options,
      reports,
    }),
  )
}

function subjects(folder: string, nodeFlags: readonly string[]): [string, () => Promise<Subject>][] {
  const keeper: [string, () => Promise<Subject>] = ['keeper', () => keeperSubject(folder, nodeFlags)]
  if (etcdVersion() === undefined) {
    console.error('no etcd on the PATH: keeper alone (Debian: apt-get install etcd-server)')
    return [keeper]
  }
  return [keeper, ['etcd', () => etcdSubject(folder, false)], ['etcd-ack', () => etcdSubject(folder, true)]]
}

function render(reports: readonly PushReport[]): string {
  const [keeper] = reports
  const rows = reports.map((one) => [
    one.name,
    `${one.deliveries}/${one.expected}`,
    one.p50Ms.toFixed(1),
    one.p99Ms.toFixed(1),
    one.lastMs.toFixed(1),
    one.commitP50Ms === undefined ? '-' : `${one.commitP50Ms.toFixed(1)} / ${one.commitP99Ms?.toFixed(1)}`,
    one.cpuPerDeliveryUs.toFixed(1),
    one.memoryPerSessionKb.toFixed(1),
    keeper && one !== keeper ? (keeper.cpuPerDeliveryUs / one.cpuPerDeliveryUs).toFixed(2) : '',
    keeper && one !== keeper ? (keeper.memoryPerSessionKb / one.memoryPerSessionKb).toFixed(2) : '',
  ])
  return table(
    [
      '',
      'DELIVERED',
      'P50 ms',
      'P99 ms',
      'LAST ms',
      'FROM COMMIT p50 / p99',
      'CPU µs/delivery',
      'KB/session',
      'KEEPER/THIS cpu',
      'memory',
    ],
    rows,
  )
}
