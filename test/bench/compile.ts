import { parseArgs } from 'node:util'
import { table } from '../../keeper/src/cli/output.js'
import type { SourceFile } from '../../keeper/src/compile/types.js'
import { CompileWorker } from '../../keeper/src/compile/worker.js'
import { give, median, positive } from './report.js'

const help = `npm run bench -- compile [--configs 10000] [--overlaid 100] [--overlays 50] [--refs 1000] [--schemas 1000] [--edits 20]

The compiler as a keeper runs it, in its thread: a tree of so many configs; some with overlays of two labels, half the
overlays each, so that every pair is a combination; some that refer, half of them to one shared config and half to
configs with overlays; some with a schema of their own. Cold, and after one changed file: of a plain config, of one with
overlays, and of the shared config that the others refer to.
  --json FILE       the figures as JSON, beside the table
  --output json     the figures as JSON instead of the table`

interface Sizes {
  readonly configs: number
  readonly overlaid: number
  readonly overlays: number
  readonly refs: number
  readonly schemas: number
}

/** The compile bench. */
export async function compileBench(argv: readonly string[]): Promise<void> {
  const { values } = parseArgs({
    args: [...argv],
    options: {
      configs: { type: 'string', default: '10000' },
      overlaid: { type: 'string', default: '100' },
      overlays: { type: 'string', default: '50' },
      refs: { type: 'string', default: '1000' },
      schemas: { type: 'string', default: '1000' },
      edits: { type: 'string', default: '20' },
      json: { type: 'string' },
      output: { type: 'string', default: 'text' },
      help: { type: 'boolean', short: 'h' },
    },
  })
  if (values.help) return console.log(help)
  const count = (name: 'configs' | 'overlaid' | 'overlays' | 'refs' | 'schemas' | 'edits') =>
    positive(name, values[name])
  const sizes: Sizes = {
    configs: count('configs'),
    overlaid: count('overlaid'),
    overlays: count('overlays'),
    refs: count('refs'),
    schemas: count('schemas'),
  }
  const figures = await measure(sizes, count('edits'))
  const rows = figures.edits.map(({ of, p50Ms, maxMs }) => [of, p50Ms.toFixed(0), maxMs.toFixed(0)])
  const text = table(['ONE CHANGED FILE OF', 'p50 ms', 'max ms'], rows)
  const head = `${figures.files} files, ${figures.variants} variants: ${figures.coldMs.toFixed(0)} ms cold`
  await give(values, `${head}\n${text}`, { sizes, ...figures })
}

async function measure(sizes: Sizes, edits: number) {
  const worker = new CompileWorker({ deadlineMs: 120_000 })
  try {
    const files = treeOf(sizes)
    await worker.compile({ files: [], problems: [] })
    const [coldMs, output] = await timed(() => worker.compile({ files: [...files.values()], problems: [] }))
    if (!output.ok) throw new Error(JSON.stringify(output.diagnostics[0]))
    const variants = output.configs.reduce((sum, config) => sum + config.variants.length, 0)
    const kinds = [
      ['a plain config', `push/role${sizes.configs - 1}/c.yaml`],
      ['a config with overlays', 'push/role0/c.yaml'],
      ['an overlay', 'push/role0/c@zone=z1.yaml'],
      ['the shared config', '_shared/base.yaml'],
    ] as const
    const reports = []
    for (const [of, path] of kinds) reports.push({ of, ...(await editTimes(worker, files, path, edits)) })
    return { files: files.size, variants, coldMs, edits: reports }
  } finally {
    await worker.close()
  }
}

async function editTimes(worker: CompileWorker, files: Map<string, SourceFile>, path: string, edits: number) {
  const times: number[] = []
  const before = Buffer.from(files.get(path)?.bytes ?? [])
  for (let edit = 1; edit <= edits; edit++) {
    files.set(path, { path, bytes: Buffer.concat([before, Buffer.from(`edited: ${edit}\n`)]) })
    const [ms, output] = await timed(() => worker.compile({ files: [...files.values()], problems: [] }))
    if (!output.ok) throw new Error(JSON.stringify(output.diagnostics[0]))
    times.push(ms)
  }
  return { p50Ms: median(times), maxMs: Math.max(...times) }
}

async function timed<T>(act: () => Promise<T>): Promise<[number, T]> {
  const start = performance.now()
  const result = await act()
  return [performance.now() - start, result]
}

function treeOf({ configs, overlaid, overlays, refs, schemas }: Sizes): Map<string, SourceFile> {
  const files = new Map<string, SourceFile>()
  const put = (path: string, text: string) => void files.set(path, { path, bytes: Buffer.from(text) })
  put('_shared/base.yaml', 'redis: {addr: "10.0.0.1:6379", db: 0}\n')
  for (let at = 0; at < configs; at++) {
    const name = `push/role${at}/c`
    // Those that refer come behind those with overlays.
    const refers = at >= overlaid && at < overlaid + refs
    const target = at % 2 === 0 ? '_shared/base#/redis/addr' : `push/common/c${at % overlaid}#/redis/addr`
    put(`${name}.yaml`, room(at, refers ? `$\{ref:${target}}` : `10.0.${at % 256}.1:6379`))
    if (at >= configs - schemas) put(`${name}.schema.json`, schema(at))
    if (at < overlaid) putOverlays(put, name, overlays)
  }
  for (let at = 0; at < Math.min(overlaid, refs); at++) {
    put(`push/common/c${at}.yaml`, room(at, 'a'))
    for (let zone = 0; zone < 5; zone++) put(`push/common/c${at}@zone=z${zone}.yaml`, `redis: {addr: z${zone}}\n`)
  }
  return files
}

function putOverlays(put: (path: string, text: string) => void, name: string, overlays: number): void {
  for (let at = 0; at < overlays; at++) {
    const half = at >> 1
    if (at % 2 === 0) put(`${name}@zone=z${half}.yaml`, `maxConnections: ${half}\nredis: {addr: z${half}}\n`)
    else put(`${name}@track=t${half}.yaml`, `idleSeconds: ${half}\n`)
  }
}

const room = (at: number, addr: string): string =>
  `maxConnections: ${at}\nidleSeconds: 300\nredis:\n  addr: "${addr}"\n  db: ${at % 16}\nhosts: [a, b, c]\nlimits:\n  perSecond: 100\n  burst: 200\n`

const schema = (at: number): string =>
  JSON.stringify({
    title: `config ${at}`,
    type: 'object',
    properties: {
      maxConnections: { type: 'integer', minimum: 0 },
      idleSeconds: { type: 'integer', unit: 's' },
      redis: { type: 'object', required: ['addr'], properties: { addr: { type: 'string' }, db: { type: 'integer' } } },
    },
  })
