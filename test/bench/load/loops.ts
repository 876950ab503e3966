// One process full of loops over one connection: the load of the writes, reads and failover benches.
import { type BenchClient, type Operation, openClient } from '../clients/client.js'
import { Histogram } from './histogram.js'
import { machineMs } from './machine-clock.js'
import type { FromLoad, LoadReport, LoadSpec, ToLoad } from './messages.js'

const spec = JSON.parse(process.argv[2] ?? '{}') as LoadSpec
const value = Buffer.alloc(spec.bytes, 'v')
const tell = (message: FromLoad) => process.send?.(message)

class Tally {
  done = 0
  failed = 0
  readonly latencies = new Histogram()
  readonly failures: Record<string, number> = {}
  readonly at: number[] = []

  report(): LoadReport {
    const { done, failed, failures, at } = this
    return { done, failed, failures, at, latencies: this.latencies.counts }
  }

  fail(error: unknown): void {
    const { code, message } = error as { code?: string | number; message?: string }
    const name = String(code ?? message ?? error)
    this.failed++
    this.failures[name] = (this.failures[name] ?? 0) + 1
  }
}

let tally = new Tally()
let running = false
let loops: Promise<unknown>[] = []

type Act = (key: string) => Promise<void>

const keyOf = (loop: number, turn: number): string => `${spec.name}-${loop}-${turn % spec.keysPerLoop}`

/** As fast as the answers come. */
async function closedLoop(act: Act, loop: number): Promise<void> {
  for (let turn = 0; running; turn++) {
    const since = performance.now()
    try {
      await act(keyOf(loop, turn))
      tally.done++
      tally.latencies.add(performance.now() - since)
    } catch (error) {
      tally.fail(error)
      // A subject that refuses at once would be asked without a turn for anything else.
      await new Promise((resolve) => setTimeout(resolve, 5))
    }
  }
}

const openMax = 512

/** One every `paceMs`, whether or not those before were answered: a call that hangs hides no gap, and makes none. */
async function pacedLoop(act: Act, loop: number, paceMs: number): Promise<void> {
  let open = 0
  let next = performance.now() + Math.random() * paceMs
  for (let turn = 0; running; turn++) {
    await new Promise((resolve) => setTimeout(resolve, Math.max(0, next - performance.now())))
    next = Math.max(next + paceMs, performance.now())
    if (open >= openMax) continue
    open++
    const since = performance.now()
    act(keyOf(loop, turn))
      .then(
        () => {
          tally.done++
          tally.at.push(machineMs())
          tally.latencies.add(performance.now() - since)
        },
        (error) => tally.fail(error),
      )
      .finally(() => open--)
  }
}

const acts = (client: BenchClient): Record<Operation, Act> => ({
  put: (key) => client.put(key, value),
  get: (key) => client.get(key),
  getLocal: (key) => client.getLocal(key),
})

const prepareMs = 60_000

/** A cluster that has just lost a leader may refuse a key; it is asked again. */
async function make(client: BenchClient, key: string): Promise<void> {
  for (const end = performance.now() + prepareMs; ; ) {
    try {
      return await client.create(key, value)
    } catch (error) {
      if (performance.now() > end) throw error
      await new Promise((resolve) => setTimeout(resolve, 100))
    }
  }
}

async function prepare(client: BenchClient): Promise<void> {
  for (let loop = 0; loop < spec.loops; loop++)
    await Promise.all(Array.from({ length: spec.keysPerLoop }, (_, turn) => make(client, keyOf(loop, turn))))
}

async function obey(client: BenchClient, message: ToLoad): Promise<void> {
  if (message.do === 'start') {
    const act = acts(client)[message.operation]
    running = true
    tally = new Tally()
    loops = Array.from({ length: message.loops }, (_, loop) =>
      message.paceMs > 0 ? pacedLoop(act, loop, message.paceMs) : closedLoop(act, loop),
    )
    tell({ kind: 'started' })
  } else if (message.do === 'mark') {
    tally = new Tally()
    tell({ kind: 'marked' })
  } else if (message.do === 'report') {
    tell({ kind: 'report', report: tally.report() })
  } else if (message.do === 'stop') {
    running = false
    await Promise.all(loops)
    tell({ kind: 'stopped' })
  }
}

let client: BenchClient | undefined
process.on('disconnect', () => process.exit(0))
// from the start: it may be told to end while it still waits for its connection
process.on('message', (message: ToLoad) => {
  if (message.do === 'end') process.exit(0)
  if (client) void obey(client, message)
})
try {
  const opened = await openClient(spec.kind, spec.endpoints, spec.name)
  await prepare(opened)
  client = opened
  tell({ kind: 'ready' })
} catch (error) {
  const reason = error instanceof Error ? (error.stack ?? error.message) : String(error)
  // Whatever is open would keep it: it has nothing left to do once it has said so.
  process.send?.({ kind: 'broken', reason } satisfies FromLoad, () => process.exit(1))
}
