// One process full of sessions, for the reconnect bench: notes when each goes away and is back, and what it is sent twice.
import { grpcTransport } from '../../../sdk/src/edge/grpc-transport.js'
import { noStore } from '../../../sdk/src/edge/last-good-store.js'
import { systemRuntime } from '../../../sdk/src/edge/system-runtime.js'
import { join } from '../../../sdk/src/join.js'
import { Keeper } from '../../../sdk/src/keeper.js'
import { silentLogger } from '../../../sdk/src/logger.js'
import { resolveOptions } from '../../../sdk/src/options.js'
import type { Transport } from '../../../sdk/src/transport.js'

/** What a process tells of its sessions. Times are Unix milliseconds. */
export interface LoadReport {
  /** Sessions with a stream now, by the keeper's address. */
  readonly at: Readonly<Record<string, number>>
  /** When each that went away did, and when it was back. */
  readonly away: readonly number[]
  readonly back: readonly number[]
  /** Attempts to attach since the start, and why streams ended. */
  readonly attempts: number
  readonly ends: Readonly<Record<string, number>>
  readonly pushes: number
  /** Values that came to one session more than once. */
  readonly sentTwice: number
  /** Sessions by the revision that they run with. */
  readonly revisions: Readonly<Record<number, number>>
}

const [endpoints = '', first = '0', count = '0'] = process.argv.slice(2)
const runtime = systemRuntime()
const now = () => performance.timeOrigin + performance.now()
const away: number[] = []
const back: number[] = []
const keepers: Keeper[] = []
const transport = grpcTransport(undefined)
const ends: Record<string, number> = {}
let attempts = 0
let pushes = 0
let sentTwice = 0

const note = (end: string) => {
  ends[end] = (ends[end] ?? 0) + 1
}

/** The real transport, looked at: each session has one of its own. */
function watched(): Transport {
  const seen = new Set<string>()
  return {
    open(endpoint, events) {
      attempts++
      return transport.open(endpoint, {
        ...events,
        onFrame: (frame) => {
          if (frame.push) pushes++
          if (frame.goodbye) note(`goodbye ${frame.goodbye.status?.code}`)
          for (const { name, revision } of frame.push?.changes ?? []) {
            if (seen.has(`${name}@${revision}`)) sentTwice++
            seen.add(`${name}@${revision}`)
          }
          events.onFrame(frame)
        },
        onClosed: (error) => {
          note(error?.code ?? 'ended')
          events.onClosed(error)
        },
      })
    },
  }
}

async function joinOne(index: number): Promise<void> {
  const about = { cluster: 'push', role: 'room', instance: `room-${index}`, joinTimeoutMs: 60_000 }
  const options = resolveOptions({ ...about, endpoints: endpoints.split(','), logger: silentLogger }, {})
  const keeper = new Keeper(await join(options, { runtime, transport: watched(), store: noStore }))
  await keeper.config('push/room', { timeoutMs: 60_000 })
  keeper.onConnection(({ state }) => {
    if (state === 'away') away.push(now())
    if (state === 'live') back.push(now())
  })
  keepers.push(keeper)
}

function report(): LoadReport {
  const at: Record<string, number> = {}
  const revisions: Record<number, number> = {}
  for (const { status } of keepers) {
    if (status.state === 'live') at[status.endpoint] = (at[status.endpoint] ?? 0) + 1
    revisions[status.revision ?? 0] = (revisions[status.revision ?? 0] ?? 0) + 1
  }
  return { at, away, back, attempts, ends, pushes, sentTwice, revisions }
}

process.on('message', (message) => {
  if (message === 'report') process.send?.(report())
  if (message === 'end') process.exit(0)
})
process.on('disconnect', () => process.exit(0))

const together = 100
for (let at = Number(first); at < Number(first) + Number(count); at += together) {
  const end = Math.min(at + together, Number(first) + Number(count))
  await Promise.all(Array.from({ length: end - at }, (_, i) => joinOne(at + i)))
}
process.send?.('joined')
