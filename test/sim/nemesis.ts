import type { Random } from '../../keeper/src/base/random.js'
import type { RestFault } from './disk/faults.js'
import { fairWeather, type SimNetwork } from './network.js'
import type { SimProcess } from './process.js'
import type { SessionClient } from './session-client.js'
import type { Trace } from './trace.js'
import type { VirtualTime } from './virtual-time.js'

export interface NemesisParts {
  readonly time: VirtualTime
  readonly random: Random
  readonly trace: Trace
  readonly network: SimNetwork
  readonly processes: readonly SimProcess[]
  readonly sessions: readonly SessionClient[]
}

const restFaults: readonly RestFault[] = [
  { kind: 'lost-wal', place: 'log' },
  { kind: 'lost-wal', place: 'state' },
  { kind: 'dropped-records', place: 'log' },
  { kind: 'dropped-records', place: 'state' },
  { kind: 'torn-tail', place: 'log', count: 3 },
  { kind: 'bit-flip', place: 'log' },
  { kind: 'bit-flip', place: 'state' },
  { kind: 'bit-flip', place: 'mark' },
  { kind: 'unreadable', place: 'state' },
  { kind: 'missing-table', place: 'log' },
  { kind: 'missing-file', place: 'side' },
  { kind: 'missing-file', place: 'mark' },
]

/** Does harm, as much as Raft promises to stand: any number of crashes, lost data on fewer than half of the disks at a time. */
export class Nemesis {
  readonly #parts: NemesisParts
  #over = false
  faults = 0

  constructor(parts: NemesisParts) {
    this.#parts = parts
  }

  async run(): Promise<void> {
    const { time, random } = this.#parts
    while (!this.#over) {
      await time.sleep(100 + random.below(1_200))
      if (!this.#over) this.#strike()
    }
  }

  /** All harm ends (but for disk faults that wait for a write): everything runs, everything is connected. */
  heal(): void {
    this.#over = true
    const { network, processes, trace } = this.#parts
    trace.note('heals')
    network.heal()
    network.weather = fairWeather
    for (const process of processes) {
      process.resume()
      if (process.halted) process.crash('kill')
      process.start()
    }
  }

  #strike(): void {
    const actions: readonly [number, () => boolean][] = [
      [14, () => this.#crash()],
      [24, () => this.#restart()],
      [6, () => this.#stop()],
      [8, () => this.#pause()],
      [10, () => this.#partition()],
      [14, () => this.#healNetwork()],
      [8, () => this.#changeWeather()],
      [6, () => this.#breakConnection()],
      [6, () => this.#failWrite()],
      [7, () => this.#damage()],
      [5, () => this.#jumpClock()],
      [14, () => this.#troubleSession()],
    ]
    const total = actions.reduce((sum, [weight]) => sum + weight, 0)
    let at = this.#parts.random.below(total)
    for (const [weight, action] of actions) {
      at -= weight
      if (at >= 0) continue
      if (action()) this.faults++
      return
    }
  }

  #any(): SimProcess {
    const { random, processes } = this.#parts
    return processes[random.below(processes.length)] as SimProcess
  }

  #crash(): boolean {
    const process = this.#any()
    if (!process.running) return false
    process.crash(this.#parts.random.unit() < 0.6 ? 'power' : 'kill')
    return true
  }

  #restart(): boolean {
    for (const process of this.#parts.processes) {
      if (process.halted) process.crash('kill')
      process.start()
    }
    return false
  }

  #stop(): boolean {
    const process = this.#any()
    if (!process.member || process.halted) return false
    process.stop()
    return true
  }

  #pause(): boolean {
    const process = this.#any()
    if (!process.running) return false
    process.pause(200 + this.#parts.random.below(3_000))
    return true
  }

  /** One member alone, or one direction of one path. */
  #partition(): boolean {
    const { network, processes, random, trace } = this.#parts
    const alone = this.#any()
    const others = processes.filter((process) => process !== alone)
    const direction = random.below(4)
    trace.note(`cut off n${alone.id} (${['both ways', 'both ways', 'hears nothing', 'says nothing'][direction]})`)
    for (const other of others) {
      if (direction !== 3) network.cut(other.id, alone.id)
      if (direction !== 2) network.cut(alone.id, other.id)
      if (random.unit() < 0.5) network.local.breakConnection(alone.id, other.id)
    }
    return true
  }

  #healNetwork(): boolean {
    this.#parts.trace.note('network heals')
    this.#parts.network.heal()
    return false
  }

  #changeWeather(): boolean {
    const { network, random } = this.#parts
    const bad = random.unit() < 0.6
    network.weather = bad
      ? { lossShare: random.unit() * 0.2, repeatShare: random.unit() * 0.2, lateShare: random.unit() * 0.2 }
      : fairWeather
    return bad
  }

  #breakConnection(): boolean {
    const [one, two] = [this.#any(), this.#any()]
    if (one === two) return false
    this.#parts.network.local.breakConnection(one.id, two.id)
    return true
  }

  #failWrite(): boolean {
    const { random } = this.#parts
    const process = this.#any()
    const kinds = ['write-error', 'no-space', 'sync-error', 'sync-error'] as const
    process.inject({ kind: kinds[random.below(kinds.length)] ?? 'sync-error', after: random.below(20) })
    return true
  }

  /** Takes something off a disk; only while every other disk is whole. */
  #damage(): boolean {
    const { processes, random } = this.#parts
    const process = this.#any()
    if (processes.some((one) => one !== process && one.damaged)) return false
    const fault = restFaults[random.below(restFaults.length)] as RestFault
    process.damage(fault)
    return true
  }

  #jumpClock(): boolean {
    const process = this.#any()
    process.wallOffset += Math.round((this.#parts.random.unit() - 0.5) * 20_000)
    return true
  }

  #troubleSession(): boolean {
    const { sessions, random } = this.#parts
    const session = sessions[random.below(sessions.length)] as SessionClient
    const kind = random.below(3)
    if (kind === 0) session.breakStream()
    else if (kind === 1) session.stall(200 + random.below(3_000))
    else session.restart()
    return true
  }
}
