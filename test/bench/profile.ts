import { readdir, readFile, stat } from 'node:fs/promises'
import { basename, join } from 'node:path'
import { parseArgs } from 'node:util'
import { table } from '../../keeper/src/cli/output.js'

const help = `npm run bench -- profile [--top 25] [--together] FILE|FOLDER...

The functions that take most time themselves in .cpuprofile files, as \`npm run bench -- writes --profile DIR\` leaves them.

  --top N      functions of each (25)
  --together   all files as one

Examples:
  npm run bench -- profile /tmp/profiles/keeper
  npm run bench -- profile --together /tmp/profiles/load`

interface CpuProfile {
  readonly nodes: readonly {
    readonly id: number
    readonly callFrame: { readonly functionName: string; readonly url: string; readonly lineNumber: number }
  }[]
  readonly samples: readonly number[]
  readonly timeDeltas: readonly number[]
}

/** The profile tool. */
export async function profileTool(argv: readonly string[]): Promise<void> {
  const { values, positionals } = parseArgs({
    args: [...argv],
    allowPositionals: true,
    options: {
      top: { type: 'string', default: '25' },
      together: { type: 'boolean', default: false },
      help: { type: 'boolean', short: 'h' },
    },
  })
  if (values.help || positionals.length === 0) return console.log(help)
  const files = (await Promise.all(positionals.map(profilesAt))).flat()
  const times = await Promise.all(files.map(selfTimes))
  if (values.together) return print(`${files.length} profiles`, added(times), Number(values.top))
  for (const [at, file] of files.entries()) print(basename(file), times[at] as SelfTimes, Number(values.top))
}

async function profilesAt(path: string): Promise<string[]> {
  if ((await stat(path)).isFile()) return [path]
  return (await readdir(path)).filter((name) => name.endsWith('.cpuprofile')).map((name) => join(path, name))
}

/** Microseconds by function and place. */
type SelfTimes = ReadonlyMap<string, number>

async function selfTimes(file: string): Promise<SelfTimes> {
  const { nodes, samples, timeDeltas } = JSON.parse(await readFile(file, 'utf8')) as CpuProfile
  const names = new Map(nodes.map(({ id, callFrame }) => [id, nameOf(callFrame)]))
  const times = new Map<string, number>()
  for (const [at, id] of samples.entries()) {
    const name = names.get(id) ?? '(unknown)'
    times.set(name, (times.get(name) ?? 0) + (timeDeltas[at] ?? 0))
  }
  return times
}

function nameOf({ functionName, url, lineNumber }: CpuProfile['nodes'][number]['callFrame']): string {
  const place = url.replace(/^file:\/\//, '').replace(/^.*\/node_modules\//, '')
  const short = place.split('/').slice(-3).join('/')
  return `${functionName || '(anonymous)'}${url ? ` ${short}:${lineNumber + 1}` : ''}`
}

function added(all: readonly SelfTimes[]): SelfTimes {
  const times = new Map<string, number>()
  for (const one of all) for (const [name, us] of one) times.set(name, (times.get(name) ?? 0) + us)
  return times
}

/** Idle time is no work: shares are of what is left. */
function print(title: string, times: SelfTimes, top: number): void {
  const idle = times.get('(idle)') ?? 0
  const busy = [...times].filter(([name]) => name !== '(idle)').sort((a, b) => b[1] - a[1])
  const total = busy.reduce((sum, [, us]) => sum + us, 0)
  const rows = busy
    .slice(0, top)
    .map(([name, us]) => [`${((us * 100) / total).toFixed(1)} %`, (us / 1_000).toFixed(0), name])
  console.log(`\n${title}: ${(total / 1e6).toFixed(1)} s busy, ${(idle / 1e6).toFixed(1)} s idle`)
  console.log(table(['SELF', 'ms', 'FUNCTION'], rows))
}
