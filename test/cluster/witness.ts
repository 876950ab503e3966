import { readFileSync } from 'node:fs'
import type { Keeper } from '@keeper/sdk'
import type { KeeperCluster } from '../harness/keeper-cluster.js'

/** A time of performance.now() and what was seen then. */
interface Seen {
  readonly at: number
  readonly what: string
}

export interface Gap {
  readonly from: number
  readonly to: number
}

const SAMPLE_MS = 50
/** As much of the past as a pause and what led to it. */
const KEPT_MS = 90_000
const SLOW_CALL_MS = 150
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
  #spent = new Map<string, number>()
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
    return all.map(({ at, what }) => `${(at - from).toFixed(0).padStart(6)} ms  ${what}`)
  }

  /** Only what is out of the ordinary: somebody late, busy, stopped or waiting for a disk. */
  #sample(): void {
    const now = performance.now()
    const passed = now - this.#sampledAt
    const lateMs = passed - SAMPLE_MS
    const idle = idleMs()
    const states = this.#cluster.names.map((name) => this.#stateOf(name)).join(' ')
    const words = [`machine idle ${(((idle - this.#idleMs) / passed) * 100).toFixed(0)} %`, states]
    if (lateMs > 100) words.unshift(`the load itself stood for ${lateMs.toFixed(0)} ms`)
    this.#sampledAt = now
    this.#idleMs = idle
    this.note(words.join('; '))
  }

  #stateOf(name: string): string {
    try {
      const { pid } = this.#cluster.process(name)
      const stat = readFileSync(`/proc/${pid}/stat`, 'utf8')
      const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ')
      const spent = (Number(fields[11]) + Number(fields[12])) * TICK_MS
      const before = this.#spent.get(name) ?? spent
      this.#spent.set(name, spent)
      return `${name} ${fields[0]} ${spent - before} ms`
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
