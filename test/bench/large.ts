import { mkdir, rename, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import type { HistoryResponse__Output } from '@keeper/proto'
import { KeeperClient } from '../../keeper/src/cli/client.js'
import { table } from '../../keeper/src/cli/output.js'
import { Keeper } from '../../sdk/src/index.js'
import { forgetPeak, KeeperProcess, peakBytes, residentBytes, until, withFolder } from '../harness/keeper-process.js'
import { CountingProxy } from './push/counting-proxy.js'

const help = `npm run bench -- large [--lines 200000] [--sessions 10] [--changed 1,100] [--more 10] [--yaml]

One large value, a list of many lines (JSON as it is sent, or YAML), of which a few change: bytes on the wire to each session (counted by a proxy
between them and the keeper, in frames of pushes alone, with all that is around them), from saving to the last callback, and the keeper's memory with one session and with all:
the most it took from before the value was there, as the kernel saw it (the first import and the first push to all at once among it), and some seconds after the last of so many
more changes of one line, when it has given back what they took.

Examples:
  npm run bench -- large
  npm run bench -- large --sessions 3 --changed 1,10,1000`

interface LargeReport {
  readonly changed: number
  /** Of the lines that changed. */
  readonly changeBytes: number
  readonly wireBytesPerSession: number
  readonly toLastCallbackMs: number
  readonly residentMb: number
}

/** The bench of one large value. */
export async function largeBench(argv: readonly string[]): Promise<void> {
  const { values } = parseArgs({
    args: [...argv],
    options: {
      lines: { type: 'string', default: '200000' },
      sessions: { type: 'string', default: '10' },
      changed: { type: 'string', default: '1,100' },
      more: { type: 'string', default: '10' },
      yaml: { type: 'boolean', default: false },
      help: { type: 'boolean', short: 'h' },
    },
  })
  if (values.help) return console.log(help)
  const changed = values.changed.split(',').map(Number)
  const lines = Number(values.lines)
  const more = Number(values.more)
  const yaml = values.yaml
  const alone = await withFolder((folder) => measure(folder, { lines, sessions: 1, changed, more, yaml }))
  const sessions = Number(values.sessions)
  const all = await withFolder((folder) => measure(folder, { lines, sessions, changed, more, yaml }))
  console.log(render(all.reports))
  console.log(renderMemory([alone, all]))
  console.log(JSON.stringify({ alone, all }))
}

type Measured = Awaited<ReturnType<typeof measure>>

const renderMemory = (all: readonly Measured[]) =>
  table(
    [
      'SESSIONS',
      'CHANGES',
      'VALUE MB',
      'KEEPER IDLE MB',
      'PEAK MB',
      'OVER IDLE',
      'IN VALUES',
      'SETTLED MB',
      'OVER IDLE',
    ],
    all.map(({ sessions, changes, valueBytes, idleBytes, peakBytes: peak, settledBytes }) => [
      ...[String(sessions), String(changes), mb(valueBytes), mb(idleBytes)],
      ...[mb(peak), mb(peak - idleBytes), ((peak - idleBytes) / valueBytes).toFixed(1)],
      ...[mb(settledBytes), mb(settledBytes - idleBytes)],
    ]),
  )

const mb = (bytes: number) => (bytes / 2 ** 20).toFixed(1)

const render = (reports: readonly LargeReport[]) =>
  table(
    ['LINES CHANGED', 'BYTES CHANGED', 'ON THE WIRE PER SESSION', 'RATIO', 'SAVE TO LAST CALLBACK ms', 'KEEPER MB'],
    reports.map((one) => [
      String(one.changed),
      String(one.changeBytes),
      one.wireBytesPerSession.toFixed(0),
      (one.wireBytesPerSession / one.changeBytes).toFixed(2),
      one.toLastCallbackMs.toFixed(0),
      one.residentMb.toFixed(0),
    ]),
  )

/** Of 40 bytes with quotes and comma: 200,000 of them are 8 MB. */
const line = (number: number) => `user-${String(number).padStart(8, '0')}-of-the-first-hundred-id`

interface Sizes {
  readonly lines: number
  readonly sessions: number
  readonly changed: readonly number[]
  readonly more: number
  readonly yaml: boolean
}

/** The keeper rests some seconds after the last change, and flushes before. */
const SETTLE_MS = 8_000

const later = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms))

async function measure(folder: string, { lines, sessions, changed, more, yaml }: Sizes) {
  const configDir = join(folder, 'config')
  await mkdir(join(configDir, 'push'), { recursive: true })
  const list = Array.from({ length: lines }, (_, at) => line(at))
  const save = async () => {
    const text = yaml ? list.map((word) => `- ${word}\n`).join('') : JSON.stringify(list)
    await writeFile(join(configDir, 'push', '.saving'), text)
    await rename(join(configDir, 'push', '.saving'), join(configDir, 'push', yaml ? 'room.yaml' : 'room.json'))
  }
  await writeFile(join(configDir, 'push', 'common.json'), '{}')
  // every process is to get every change of the watched folder
  const extra = ['--max-affected', '100%']
  const keeper = await KeeperProcess.start({ dataDir: join(folder, 'data'), configDir, extra })
  await later(SETTLE_MS)
  const idleBytes = await residentBytes(keeper.pid)
  await forgetPeak(keeper.pid)
  const proxy = await CountingProxy.to(keeper.endpoint)
  try {
    await save()
    await published(keeper.endpoint, 'push/room')
    const fleet = await Promise.all(
      Array.from({ length: sessions }, (_, at) => Subscriber.join(proxy.endpoint, `room-${at}`, folder)),
    )
    const reports: LargeReport[] = []
    let next = lines
    const everywhere = async (word: string) => fleet.every((one) => one.has(word))
    for (const count of [...changed, ...Array<number>(more).fill(1)]) {
      for (let at = 0; at < count; at++) list[Math.floor(((at + 0.5) * lines) / count)] = line(next++)
      const [before, since] = [proxy.pushBytes, performance.now()]
      await save()
      const word = line(next - 1)
      await until('the change everywhere', () => everywhere(word), 120_000)
      if (reports.length === changed.length) continue
      const toLastCallbackMs = performance.now() - since
      reports.push({
        changed: count,
        changeBytes: count * (word.length + 3),
        wireBytesPerSession: (proxy.pushBytes - before) / sessions,
        toLastCallbackMs,
        residentMb: (await residentBytes(keeper.pid)) / 2 ** 20,
      })
    }
    await later(SETTLE_MS)
    const [peak, settledBytes] = [await peakBytes(keeper.pid), await residentBytes(keeper.pid)]
    for (const one of fleet) await one.leave()
    const valueBytes = JSON.stringify(list).length
    const changes = changed.length + more
    return { sessions, changes, reports, valueBytes, idleBytes, peakBytes: peak, settledBytes }
  } finally {
    proxy.close()
    await keeper.kill('SIGTERM')
  }
}

/** Resolves when there is such a config. */
async function published(endpoint: string, name: string): Promise<void> {
  const client = new KeeperClient([endpoint])
  const there = async () => {
    const { entries } = await client.call<HistoryResponse__Output>('configs', 'History', { name, limit: 1 })
    return entries.length > 0
  }
  await until(`config ${name}`, () => there().catch(() => false), 60_000).finally(() => client.close())
}

class Subscriber {
  readonly #keeper: Keeper
  #newest: readonly string[] = []

  private constructor(keeper: Keeper) {
    this.#keeper = keeper
  }

  static async join(endpoint: string, instance: string, folder: string): Promise<Subscriber> {
    const keeper = await Keeper.join({
      ...{ cluster: 'push', role: 'room', instance, endpoints: [endpoint] },
      stateDir: join(folder, instance),
    })
    const one = new Subscriber(keeper)
    const config = await keeper.config<readonly string[]>('push/room')
    config.onUpdate((value) => {
      one.#newest = value
    })
    return one
  }

  has(word: string): boolean {
    return this.#newest.includes(word)
  }

  leave(): Promise<void> {
    return this.#keeper.leave()
  }
}
