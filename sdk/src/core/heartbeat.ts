import { type HeartbeatReply__Output, toSafe } from '@keeper/proto/wire'
import type { CancelTimer, Runtime } from '../runtime.js'
import { waitPatiently } from './patience.js'
import { QuietWatch } from './quiet-watch.js'

export interface HeartbeatDeps {
  readonly runtime: Runtime
  send(sequence: number, lagMs: number): void
  /** A heartbeat was not answered in time, and nothing else was heard either. */
  onSilent(): void
}

/** What was negotiated. */
export interface HeartbeatTimes {
  readonly intervalMs: number
  /** How long an answer may take. */
  readonly silenceMs: number
  /** How often the keeper says something of itself; 0: never. */
  readonly beaconMs: number
}

/** How often in a row other frames may stand for a heartbeat: the event loop's lag travels in heartbeats alone. */
const skipsMax = 2

const intervalMsMin = 10
const none: CancelTimer = () => {}

/**
 * Says that this process lives, and notices when the keeper no longer does. An ack says as much as a heartbeat: a
 * process that hears of updates all the time hardly sends any. Whatever comes from the keeper answers. Most keepers say
 * of themselves that they live: then it need not ask, unless someone waits.
 */
export class Heartbeat {
  readonly #deps: HeartbeatDeps
  readonly #quiet: QuietWatch
  #cancelBeat: CancelTimer = none
  #cancelLook: CancelTimer = none
  /** When the heartbeat that is waited for went out. */
  #askedAtMs: number | undefined
  #sequence = 0
  #heardAtMs = 0
  #sentAtMs = 0
  #skipped = 0
  #times: HeartbeatTimes = { intervalMs: intervalMsMin, silenceMs: intervalMsMin, beaconMs: 0 }

  constructor(deps: HeartbeatDeps) {
    this.#deps = deps
    this.#quiet = new QuietWatch(deps.runtime, () => deps.onSilent())
  }

  start(times: HeartbeatTimes): void {
    this.stop()
    this.#times = bounded(times)
    this.#heardAtMs = this.#sentAtMs = this.#now()
    this.#deps.runtime.takeLagMs()
    this.#nextBeat(this.#times.intervalMs)
    if (this.#times.beaconMs > 0) this.#quiet.start(this.#quietMs)
  }

  stop(): void {
    this.#cancelBeat()
    this.#cancelLook()
    this.#quiet.stop()
    this.#askedAtMs = undefined
  }

  /** The keeper set another pace with its answer. */
  onReply(reply: HeartbeatReply__Output): void {
    if (toSafe(reply.sequence) > this.#sequence) return
    this.heard()
    const intervalMs = reply.heartbeatIntervalMs || this.#times.intervalMs
    const beaconMs = this.#times.beaconMs && (reply.beaconMs || this.#times.beaconMs)
    this.#times = bounded({ ...this.#times, intervalMs, beaconMs })
    this.#quiet.pace(this.#quietMs)
  }

  /** A frame went out that the keeper takes for a sign of life. */
  sent(): void {
    this.#sentAtMs = this.#now()
  }

  /** Something came from the keeper. */
  heard(): void {
    this.#heardAtMs = this.#now()
    this.#quiet.heard()
  }

  get #quietMs(): number {
    return this.#times.beaconMs + this.#times.silenceMs
  }

  /** Asks now, not at the next beat: someone waits for the keeper. */
  probe(): void {
    if (this.#askedAtMs === undefined) this.#say()
  }

  #now(): number {
    return this.#deps.runtime.monotonicMs()
  }

  #nextBeat(delayMs: number): void {
    this.#cancelBeat = this.#deps.runtime.setTimer(delayMs, () => this.#beat())
  }

  #beat(): void {
    const { intervalMs } = this.#times
    const sinceSentMs = this.#now() - this.#sentAtMs
    if (sinceSentMs < intervalMs && this.#skipped < skipsMax) {
      this.#skipped++
      this.#nextBeat(intervalMs - sinceSentMs)
      return
    }
    this.#say()
    this.#nextBeat(intervalMs)
  }

  #say(): void {
    this.#skipped = 0
    this.sent()
    this.#deps.send(++this.#sequence, Math.round(this.#deps.runtime.takeLagMs()))
    if (this.#askedAtMs !== undefined) return
    this.#askedAtMs = this.#now()
    this.#cancelLook = waitPatiently(this.#deps.runtime, this.#times.silenceMs, () => this.#look())
  }

  #look(): void {
    const isSilent = this.#heardAtMs < (this.#askedAtMs ?? 0)
    this.#askedAtMs = undefined
    if (isSilent) this.#deps.onSilent()
  }
}

const bounded = ({ intervalMs, silenceMs, beaconMs }: HeartbeatTimes): HeartbeatTimes => ({
  beaconMs,
  intervalMs: Math.max(intervalMsMin, intervalMs),
  silenceMs: Math.max(intervalMsMin, silenceMs),
})
