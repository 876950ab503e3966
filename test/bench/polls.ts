import { createConnection, type Socket } from 'node:net'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { table } from '../../keeper/src/cli/output.js'
import { keeperCommand } from '../harness/command-line.js'
import { cpuSeconds, KeeperProcess, residentBytes, until, withFolder } from '../harness/keeper-process.js'
import { writeTree } from '../harness/tree.js'
import { positive } from './report.js'

const help = `npm run bench -- polls [--polls 3000] [--kib 1,1024] [--output json]

So many long polls at one keeper's HTTP port, each on a connection of its own, answered by one change: those that all ask with
the same eyes (\`?as=cluster=…,role=…\`), and those that each name themselves, as they do who stand in the ledger. How long from
the change until the last one has its answer, the keeper's CPU for it, and its memory with all of them waiting and at its peak.

Examples:
  npm run bench -- polls
  npm run bench -- polls --polls 10000 --kib 1`

interface Report {
  readonly who: 'alike' | 'named'
  readonly polls: number
  readonly kib: number
  /** From no poll to all of them waiting. */
  readonly seatedMs: number
  readonly firstMs: number
  readonly lastMs: number
  readonly keeperCpuMs: number
  readonly idleMb: number
  readonly waitingMb: number
  readonly peakMb: number
}

/** The bench of many long polls. */
export async function pollsBench(argv: readonly string[]): Promise<void> {
  const { values } = parseArgs({
    args: [...argv],
    options: {
      polls: { type: 'string', default: '3000' },
      kib: { type: 'string', default: '1,1024' },
      output: { type: 'string', default: 'text' },
      help: { type: 'boolean', short: 'h' },
    },
  })
  if (values.help) return console.log(help)
  const polls = positive('polls', values.polls)
  const reports: Report[] = []
  for (const kib of values.kib.split(',').map((text) => positive('kib', text)))
    for (const who of ['alike', 'named'] as const)
      reports.push(await withFolder((folder) => measure(folder, { polls, kib, who })))
  console.log(values.output === 'json' ? JSON.stringify(reports) : render(reports))
}

const render = (reports: readonly Report[]) =>
  table(
    [
      'ASK',
      'POLLS',
      'VALUE KiB',
      'SEATED ms',
      'FIRST ms',
      'LAST ms',
      'KEEPER CPU ms',
      'IDLE MB',
      'WAITING MB',
      'PEAK MB',
    ],
    reports.map(({ who, ...figures }) => [who, ...Object.values(figures).map((figure) => figure.toFixed(0))]),
  )

const mb = (bytes: number) => bytes / 2 ** 20

async function measure(folder: string, { polls, kib, who }: Pick<Report, 'polls' | 'kib' | 'who'>): Promise<Report> {
  const keeper = await KeeperProcess.start({ dataDir: join(folder, 'data') })
  const config = join(folder, 'config')
  const publish = async (mark: string) => {
    await writeTree(config, { 'push/room.json': JSON.stringify({ mark, text: 'x'.repeat(kib * 1024) }) })
    const { code, stderr } = await keeperCommand(['apply', config, '--endpoints', keeper.endpoint])
    if (code !== 0) throw new Error(stderr)
  }
  const waiting: Poll[] = []
  try {
    await publish('before')
    const after = await revisionOf(keeper.ready.http)
    const idleMb = mb(await residentBytes(keeper.pid))
    const began = performance.now()
    for (let at = 0; at < polls; at++) {
      const as = `cluster=push,role=room${who === 'named' ? `,instance=room-${at}` : ''}`
      waiting.push(new Poll(keeper.ready.http, `as=${encodeURIComponent(as)}&after=${after}&wait=120s`))
      if (waiting.length % 1000 === 0) await Promise.all(waiting.map(({ sent }) => sent))
    }
    await Promise.all(waiting.map(({ sent }) => sent))
    await until('all of them wait', async () => (await waitingAt(keeper.ready.http)) === polls, 60_000)
    const seatedMs = performance.now() - began
    const waitingMb = mb(await residentBytes(keeper.pid))
    const [cpu, since] = [await cpuSeconds(keeper.pid), performance.now()]
    const watch = new PeakWatch(keeper.pid)
    await publish('after')
    const times = await Promise.all(waiting.map(({ answered }) => answered))
    const peakMb = mb(await watch.end())
    return {
      ...{ who, polls, kib, seatedMs },
      ...{ firstMs: Math.min(...times) - since, lastMs: Math.max(...times) - since },
      ...{ keeperCpuMs: ((await cpuSeconds(keeper.pid)) - cpu) * 1_000, idleMb, waitingMb, peakMb },
    }
  } finally {
    for (const poll of waiting) poll.end()
    await keeper.kill('SIGTERM')
  }
}

async function revisionOf(http: string): Promise<number> {
  const answer = await fetch(`http://${http}/v1/configs/push/room`)
  await answer.arrayBuffer()
  return Number(answer.headers.get('keeper-revision'))
}

async function waitingAt(http: string): Promise<number> {
  // to be asked is work for the keeper, too
  await new Promise((resolve) => setTimeout(resolve, 100))
  const text = await (await fetch(`http://${http}/metrics`)).text()
  return Number(/^keeper_http_polls_waiting (\d+)$/m.exec(text)?.[1])
}

/** A long poll on a connection of its own, which reads as fast as it can and keeps nothing. */
class Poll {
  readonly #socket: Socket
  readonly sent: Promise<void>
  /** When the last byte of its answer was there. Rejects when the answer is no value, or breaks off. */
  readonly answered: Promise<number>

  constructor(http: string, query: string) {
    const [host, port] = http.split(':') as [string, string]
    this.#socket = createConnection({ host, port: Number(port) })
    this.sent = new Promise((resolve) => this.#socket.once('connect', resolve))
    this.#socket.write(`GET /v1/configs/push/room?${query} HTTP/1.1\r\nHost: keeper\r\n\r\n`)
    this.answered = new Promise((resolve, reject) => {
      let missing: number | undefined
      this.#socket.on('data', (chunk: Buffer) => {
        const end = missing === undefined ? chunk.indexOf('\r\n\r\n') + 4 : 0
        missing ??= bodyBytes(chunk.toString('latin1', 0, end))
        missing -= chunk.length - end
        if (missing === 0) resolve(performance.now())
      })
      this.#socket.on('error', reject).on('close', () => reject(new Error('a poll was cut off')))
    })
    this.answered.catch(() => {})
  }

  end(): void {
    this.#socket.destroy()
  }
}

function bodyBytes(head: string): number {
  const length = /^HTTP\/1.1 200 [\s\S]*content-length: (\d+)/i.exec(head)?.[1]
  if (length === undefined) throw new Error(`a poll was answered with ${head.split('\r\n', 1)}`)
  return Number(length)
}

/** Looks at a process' memory again and again. */
class PeakWatch {
  #peak = 0
  #over = false
  readonly #running: Promise<void>

  constructor(pid: number) {
    this.#running = this.#run(pid)
  }

  async end(): Promise<number> {
    this.#over = true
    await this.#running
    return this.#peak
  }

  async #run(pid: number): Promise<void> {
    while (!this.#over) {
      this.#peak = Math.max(this.#peak, await residentBytes(pid))
      await new Promise((resolve) => setTimeout(resolve, 20))
    }
  }
}
