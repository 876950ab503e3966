import { parseArgs } from 'node:util'
import { limits } from '../../keeper/src/base/limits.js'
import { table } from '../../keeper/src/cli/output.js'
import type { CompileOutput } from '../../keeper/src/compile/types.js'
import { CompileWorker } from '../../keeper/src/compile/worker.js'
import { type Edit, type Scene, scenesOf } from './compile-edits.js'
import type { Files, Sizes } from './compile-trees.js'
import { give, median, pause, positive } from './report.js'

const help = `npm run bench -- compile [--configs 10000] [--overlaid 100] [--overlays 50] [--refs 1000] [--schemas 1000] [--edits 20] [--only WORDS]

The compiler as a keeper runs it, in its thread: a tree of so many configs; some with overlays of two labels, half the
overlays each, so that every pair is a combination; some that refer, half of them to one shared config and half to
configs with overlays; some with a schema of their own. Cold, and after one changed file of each kind, a file that comes
and goes and the settings among them. Then a tree of which every config takes the same value, and one with schemas that
are all the same and overlays that contradict each other, so that their order matters. The first edit of a kind counts as
any other: what matters is the worst.
  --only WORDS      kinds of edits with these words in their name alone
  --json FILE       the figures as JSON, beside the table
  --output json     the figures as JSON instead of the table`

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
      only: { type: 'string', default: '' },
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
  const figures = await measure(sizes, count('edits'), values.only)
  const rows = figures.edits.map(({ of, firstMs, p50Ms, maxMs }) => [
    ...[of, firstMs.toFixed(0), p50Ms.toFixed(0), maxMs.toFixed(0)],
  ])
  const text = table(['ONE CHANGED FILE', 'FIRST ms', 'p50 ms', 'WORST ms'], rows)
  const { files, variants, coldMs, worstMs } = figures
  const head = `${files} files, ${variants} variants: ${coldMs.toFixed(0)} ms cold, worst of all edits ${worstMs.toFixed(0)} ms`
  await give(values, `${head}\n${text}`, { sizes, ...figures })
}

async function measure(sizes: Sizes, edits: number, only: string) {
  const reports: Report[] = []
  const [first, ...others] = scenesOf(sizes)
  const { files, variants, coldMs } = await played(first(), edits, only, reports)
  for (const scene of others) await played(scene(), edits, only, reports)
  const worstMs = Math.max(...reports.map(({ maxMs }) => maxMs))
  return { files, variants, coldMs, worstMs, edits: reports }
}

interface Report {
  readonly of: string
  readonly firstMs: number
  readonly p50Ms: number
  readonly maxMs: number
}

/** One directory in a thread of its own, cold and after each of its edits. */
async function played({ files, edits: kinds }: Scene, edits: number, only: string, reports: Report[]) {
  const worker = new CompileWorker({ deadlineMs: 120_000 })
  try {
    await worker.compile({ files: [], problems: [] })
    const [coldMs, output] = await timed(() => compiled(worker, files))
    for (const kind of kinds) if (kind[0].includes(only)) reports.push(await editTimes(worker, files, kind, edits))
    const variants = output.configs.reduce((sum, config) => sum + config.variants.length, 0)
    return { files: files.size, variants, coldMs }
  } finally {
    await worker.close()
  }
}

async function compiled(worker: CompileWorker, files: Files): Promise<CompileOutput> {
  const output = await worker.compile({ files: [...files.values()], problems: [] })
  if (!output.ok) throw new Error(JSON.stringify(output.diagnostics[0]))
  return output
}

async function editTimes(worker: CompileWorker, files: Files, [of, edit]: Edit, edits: number): Promise<Report> {
  const times: number[] = []
  for (let number = 1; number <= edits; number++) {
    edit(files, number)
    // so long the watcher waits for more, at least
    await pause(limits.settleOneMs)
    times.push((await timed(() => compiled(worker, files)))[0])
  }
  return { of, firstMs: times[0] ?? 0, p50Ms: median(times), maxMs: Math.max(...times) }
}

async function timed<T>(act: () => Promise<T>): Promise<[number, T]> {
  const start = performance.now()
  const result = await act()
  return [performance.now() - start, result]
}
