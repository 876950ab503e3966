import { mkdir, rename, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { table } from '../../keeper/src/cli/output.js'
import { readTree } from '../../keeper/src/compile/read-tree.js'
import { CompileWorker } from '../../keeper/src/compile/worker.js'
import { KeeperProcess, until, withFolder } from '../harness/keeper-process.js'
import { Fleet } from './push/fleet.js'
import { quantile } from './push/run.js'

const help = `npm run bench -- edit [--files 1000] [--edits 50]

From saving a file to the callback in a process, through watcher, compile, log, store and push: in a folder of 3 files
and in one of --files. And the compiler alone: that many files, cold, and one changed file among them.`

interface EditReport {
  readonly files: number
  readonly edits: number
  readonly p50Ms: number
  readonly p99Ms: number
  readonly compileAllMs: number
  readonly compileOneMs: number
}

/** The edit bench. */
export async function editBench(argv: readonly string[]): Promise<void> {
  const { values } = parseArgs({
    args: [...argv],
    options: {
      files: { type: 'string', default: '1000' },
      edits: { type: 'string', default: '50' },
      help: { type: 'boolean', short: 'h' },
    },
  })
  if (values.help) return console.log(help)
  const reports: EditReport[] = []
  for (const files of [3, Number(values.files)])
    reports.push(await withFolder((folder) => measure(folder, files, Number(values.edits))))
  const rows = reports.map((one) => [
    String(one.files),
    one.p50Ms.toFixed(0),
    one.p99Ms.toFixed(0),
    one.compileAllMs.toFixed(0),
    one.compileOneMs.toFixed(0),
  ])
  console.log(table(['FILES', 'EDIT TO CALLBACK p50 ms', 'p99 ms', 'COMPILE ALL ms', 'COMPILE ONE CHANGED ms'], rows))
  console.log(JSON.stringify({ reports }))
}

const room = (seq: number) => `payload: ${'x'.repeat(500)}\nseq: ${seq}\n`

async function measure(folder: string, files: number, edits: number): Promise<EditReport> {
  const configDir = join(folder, 'config')
  await writeConfigs(configDir, files)
  const compile = await compileTimes(configDir)
  const keeper = await KeeperProcess.start({ dataDir: join(folder, 'data'), configDir })
  const fleet = await Fleet.join('keeper', keeper.endpoint, 1, 1)
  try {
    const saved = new Map<number, number>()
    for (let seq = 1; seq <= edits; seq++) {
      saved.set(seq, performance.timeOrigin + performance.now())
      await save(join(configDir, 'push/room.yaml'), room(seq))
      await until(`edit ${seq} to arrive`, async () => (await fleet.heard()).has(seq))
      await new Promise((resolve) => setTimeout(resolve, 150))
    }
    const heard = await fleet.heard()
    const latencies = [...saved].map(([seq, at]) => (heard.get(seq)?.[0] ?? Number.NaN) - at)
    return { files, edits, p50Ms: quantile(latencies, 0.5), p99Ms: quantile(latencies, 0.99), ...compile }
  } finally {
    fleet.end()
    await keeper.kill('SIGTERM')
  }
}

/** As editors save: a new file renamed over the old one. */
async function save(file: string, text: string): Promise<void> {
  await writeFile(`${file}.tmp~`, text)
  await rename(`${file}.tmp~`, file)
}

const schema = JSON.stringify({
  type: 'object',
  required: ['maxConnections'],
  properties: {
    maxConnections: { type: 'integer', minimum: 1 },
    timeout: { type: 'integer', unit: 'ms', default: 300 },
    redis: { type: 'object', properties: { addr: { type: 'string', pattern: '^[^:]+:[0-9]+$' } } },
  },
})

/** `push/room.yaml`, and configs with schemas and overlays until there are `files` files. */
async function writeConfigs(dir: string, files: number): Promise<void> {
  await mkdir(join(dir, 'push'), { recursive: true })
  await writeFile(join(dir, 'push/room.yaml'), room(0))
  for (let at = 1; at < files; at++) {
    const name = join(dir, 'push', `svc${Math.floor(at / 4)}`)
    const base = 'maxConnections: 1000\ntimeout: 5s\nredis:\n  addr: 127.0.0.1:6379\nlist: [1, 2, 3]\n'
    const kind = at % 4
    if (kind === 0) await writeFile(`${name}.yaml`, base)
    else if (kind === 1 && at > 4) await writeFile(`${name}.schema.json`, schema)
    else if (at > 4) await writeFile(`${name}@zone=z${kind}.yaml`, `maxConnections: ${1000 + at}\n`)
    else await writeFile(join(dir, 'push', `extra${at}.yaml`), base)
  }
}

async function compileTimes(dir: string): Promise<{ compileAllMs: number; compileOneMs: number }> {
  const worker = new CompileWorker()
  try {
    await worker.compile({ files: [], problems: [] })
    const tree = await readTree(dir)
    const all = await timed(() => worker.compile(tree))
    const changed = {
      ...tree,
      files: tree.files.map((file) =>
        file.path === 'push/room.yaml' ? { ...file, bytes: Buffer.from(room(1)) } : file,
      ),
    }
    const one = await timed(() => worker.compile(changed))
    return { compileAllMs: all, compileOneMs: one }
  } finally {
    await worker.close()
  }
}

async function timed(body: () => Promise<{ ok: boolean }>): Promise<number> {
  const since = performance.now()
  const { ok } = await body()
  if (!ok) throw new Error('the bench’s own files do not compile')
  return performance.now() - since
}
