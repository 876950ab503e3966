import { parseArgs } from 'node:util'
import { table } from '../../keeper/src/cli/output.js'
import type { SourceFile } from '../../keeper/src/compile/types.js'
import { CompileWorker } from '../../keeper/src/compile/worker.js'
import { give, median, positive } from './report.js'

const help = `npm run bench -- compile [--configs 10000] [--overlaid 100] [--overlays 50] [--refs 1000] [--schemas 1000] [--edits 20]

The compiler as a keeper runs it, in its thread: a tree of so many configs; some with overlays of two labels, half the
overlays each, so that every pair is a combination; some that refer, half of them to one shared config and half to
configs with overlays; some with a schema of their own. Cold, and after one changed file of each kind, a file that comes
and goes and the settings among them. The first edit of a kind counts as any other: what matters is the worst.
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
  const rows = figures.edits.map(({ of, firstMs, p50Ms, maxMs }) => [
    ...[of, firstMs.toFixed(0), p50Ms.toFixed(0), maxMs.toFixed(0)],
  ])
  const text = table(['ONE CHANGED FILE', 'FIRST ms', 'p50 ms', 'WORST ms'], rows)
  const { files, variants, coldMs, worstMs } = figures
  const head = `${files} files, ${variants} variants: ${coldMs.toFixed(0)} ms cold, worst of all edits ${worstMs.toFixed(0)} ms`
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
    const reports = []
    for (const [of, path, edited] of kindsOf(sizes))
      reports.push({ of, ...(await editTimes(worker, files, path, edited, edits)) })
    const worstMs = Math.max(...reports.map(({ maxMs }) => maxMs))
    return { files: files.size, variants, coldMs, worstMs, edits: reports }
  } finally {
    await worker.close()
  }
}

/** The text of a file after so many edits; undefined when there is none. */
type Edited = (before: string, edit: number) => string | undefined

const oneMore: Edited = (before, edit) => `${before}edited: ${edit}\n`

/** What is edited, where, and how. */
function kindsOf({ configs, overlaid, schemas }: Sizes): readonly (readonly [string, string, Edited])[] {
  const audience = (edit: number) => `audiences: {"push/role${configs - 2}/c": {zone: z${edit}}}\n`
  return [
    ['a plain config', `push/role${configs - 1}/c.yaml`, oneMore],
    [
      'a schema',
      `push/role${configs - schemas}/c.schema.json`,
      (before, edit) => before.replace('"title":"', `$&${edit} `),
    ],
    ['a config with overlays', 'push/role0/c.yaml', oneMore],
    ['an overlay', 'push/role0/c@zone=z1.yaml', oneMore],
    ['the shared config', '_shared/base.yaml', oneMore],
    ['what others take of it', '_shared/base.yaml', (_, edit) => `redis: {addr: "10.0.0.${edit}:6379", db: 0}\n`],
    [
      'a config that others refer to',
      `push/common/c${overlaid - 1}@zone=z1.yaml`,
      (_, edit) => `redis: {addr: new${edit}}\n`,
    ],
    ['a new config', 'push/new/c.yaml', (_, edit) => (edit % 2 === 1 ? 'a: 1\n' : undefined)],
    ['an audience in the settings', '_keeper/settings.yaml', (_, edit) => audience(edit)],
  ]
}

async function editTimes(
  worker: CompileWorker,
  files: Map<string, SourceFile>,
  path: string,
  edited: Edited,
  edits: number,
) {
  const times: number[] = []
  const before = Buffer.from(files.get(path)?.bytes ?? []).toString()
  for (let edit = 1; edit <= edits; edit++) {
    const text = edited(before, edit)
    if (text === undefined) files.delete(path)
    else files.set(path, { path, bytes: Buffer.from(text) })
    const [ms, output] = await timed(() => worker.compile({ files: [...files.values()], problems: [] }))
    if (!output.ok) throw new Error(JSON.stringify(output.diagnostics[0]))
    times.push(ms)
  }
  return { firstMs: times[0] ?? 0, p50Ms: median(times), maxMs: Math.max(...times) }
}

async function timed<T>(act: () => Promise<T>): Promise<[number, T]> {
  const start = performance.now()
  const result = await act()
  return [performance.now() - start, result]
}

export function treeOf({ configs, overlaid, overlays, refs, schemas }: Sizes): Map<string, SourceFile> {
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
