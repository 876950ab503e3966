import { readFileSync } from 'node:fs'
import type { Keeper } from '@keeper/sdk'
import type { KeeperCluster } from '../harness/keeper-cluster.js'

/** A time of performance.now() and what was seen then. */
interface Seen {
  readonly at: number
  readonly what: string
}

/** What a thread had of the processors since it began, milliseconds: it ran, or was ready to run and waited. */
interface Turns {
  readonly ranMs: number
  readonly waitedMs: number
}

export interface Gap {
  readonly from: number
  readonly to: number
}

const SAMPLE_MS = 50
/** As much of the past as a pause and what led to it. */
const KEPT_MS = 90_000
const SLOW_CALL_MS = 150
const WAITS_MAX = 20_000
/** What the kernel calls a tick of processor time. */
const TICK_MS = 10

/**
 * Writes down what members, clients and the machine do while harm is done, so that a pause which nobody expected can be
 * explained: connections as they go and come, calls that took long, the processor time and state of each process, how
 * late this process itself ran, and what the keepers said.
 */
export class Witness {
  readonly #cluster: KeeperCluster
  readonly #seen: Seen[] = []
  readonly #timer: NodeJS.Timeout
  #sampledAt = performance.now()
  readonly #turns = new Map<string, Turns>()
  readonly #waits: (Gap & { readonly name: string; readonly ranMs: number; readonly waitedMs: number })[] = []
  #idleMs = idleMs()

  constructor(cluster: KeeperCluster) {
    this.#cluster = cluster
    this.#timer = setInterval(() => this.#sample(), SAMPLE_MS)
  }

  end(): void {
    clearInterval(this.#timer)
  }

  /** Each change of a client's connection from now on. */
  follow(keeper: Keeper, client: string): void {
    keeper.onConnection(({ state, endpoint, error }) =>
      this.note(`client ${client} ${state} at ${this.#cluster.nameAt(endpoint)} ${error ? error.message : ''}`),
    )
  }

  note(what: string): void {
    const now = performance.now()
    this.#seen.push({ at: now, what })
    while ((this.#seen[0]?.at ?? now) < now - KEPT_MS) this.#seen.shift()
  }

  /** A call is over; nobody asks about quick ones. */
  called(client: string, what: string, began: number): void {
    const took = performance.now() - began
    if (took >= SLOW_CALL_MS) this.note(`client ${client} ${what} took ${took.toFixed(0)} ms`)
  }

  /** What was seen from a little before the pause to a little after it, in order, as lines. */
  report({ from, to }: Gap): string[] {
    const isNear = ({ at }: Seen) => at >= from - 300 && at <= to + 300
    const all = [...this.#seen.filter(isNear), ...this.#said().filter(isNear)].toSorted((a, b) => a.at - b.at)
    return [...this.#shares({ from, to }), ...all.map(({ at, what }) => lineOf(at - from, what))]
  }

  /** How much of a pause each member waited for a processor: that much of it is the machine's. */
  #shares({ from, to }: Gap): string[] {
    return this.#cluster.names.map((name) => {
      const during = this.#waits.filter((wait) => wait.name === name && wait.to > from && wait.from < to)
      const [ran, waited] = [sum(during.map(({ ranMs }) => ranMs)), sum(during.map(({ waitedMs }) => waitedMs))]
      return `${name} ran for ${ran.toFixed(0)} ms, and was ready to run and waited for ${waited.toFixed(0)} ms`
    })
  }

  /** What each member had of the processors, and whether this process itself was late. */
  #sample(): void {
    const now = performance.now()
    const passed = now - this.#sampledAt
    const lateMs = passed - SAMPLE_MS
    const idle = idleMs()
    const states = this.#cluster.names.map((name) => this.#stateOf(name, now)).join(', ')
    const words = [`machine idle ${(((idle - this.#idleMs) / passed) * 100).toFixed(0)} %`, states]
    if (lateMs > 100) words.unshift(`the load itself stood for ${lateMs.toFixed(0)} ms`)
    this.#sampledAt = now
    this.#idleMs = idle
    this.note(words.join('; '))
  }

  #stateOf(name: string, now: number): string {
    try {
      const { pid } = this.#cluster.process(name)
      const stat = readFileSync(`/proc/${pid}/stat`, 'utf8')
      const turns = turnsOf(pid)
      const before = this.#turns.get(`${pid}`) ?? turns
      this.#turns.set(`${pid}`, turns)
      const [ranMs, waitedMs] = [turns.ranMs - before.ranMs, turns.waitedMs - before.waitedMs]
      this.#waits.push({ name, from: this.#sampledAt, to: now, ranMs, waitedMs })
      if (this.#waits.length > WAITS_MAX) this.#waits.splice(0, WAITS_MAX / 2)
      return `${name} ${stat[stat.lastIndexOf(')') + 2]} ran ${ranMs.toFixed(0)} waited ${waitedMs.toFixed(0)} ms`
    } catch {
      return `${name} gone`
    }
  }

  /** Of those that run now, as far as they keep it. */
  #said(): Seen[] {
    return this.#cluster.names.flatMap((name) => {
      try {
        return this.#cluster
          .process(name)
          .errorOutput.split('\n')
          .flatMap((line) => saidBy(name, line))
      } catch {
        return []
      }
    })
  }
}

/** Of a process' main thread, which has its event loop. */
function turnsOf(pid: number): Turns {
  const [ran = 0, waited = 0] = readFileSync(`/proc/${pid}/schedstat`, 'utf8').trim().split(' ').map(Number)
  return { ranMs: ran / 1e6, waitedMs: waited / 1e6 }
}

const lineOf = (ms: number, what: string): string => `${ms.toFixed(0).padStart(6)} ms  ${what}`

const sum = (numbers: readonly number[]): number => numbers.reduce((total, one) => total + one, 0)

function saidBy(name: string, line: string): Seen[] {
  try {
    const { time, msg, ...rest } = JSON.parse(line) as { time: string | number; msg: string }
    const words = JSON.stringify(rest).slice(0, 200)
    return [{ at: new Date(time).getTime() - performance.timeOrigin, what: `${name} says ${msg} ${words}` }]
  } catch {
    return []
  }
}

function idleMs(): number {
  const [cpu = ''] = readFileSync('/proc/stat', 'utf8').split('\n')
  const fields = cpu.trim().split(/\s+/)
  return Number(fields[4]) * TICK_MS
}
