import type {
  ClientFrame,
  Goodbye__Output,
  HeartbeatReply__Output,
  Hello,
  Push__Output,
  PushChunk__Output,
  ServerFrame__Output,
  Welcome__Output,
} from '@keeper/proto/wire'
import { toBigInt } from '@keeper/proto/wire'
import { errorOfStatus, KeeperClientError, messageOf } from '../errors.js'
import { limits } from '../limits.js'
import type { CancelTimer, Runtime } from '../runtime.js'
import type { ClientStream, Transport } from '../transport.js'
import { Backoff } from './backoff.js'
import { Beside } from './beside.js'
import { ChunkAssembler } from './chunks.js'
import type { EndpointRing } from './endpoints.js'
import { Heartbeat } from './heartbeat.js'
import { waitPatiently } from './patience.js'

export interface SessionDeps {
  readonly runtime: Runtime
  readonly transport: Transport
  readonly endpoints: EndpointRing
  /** All of hello but who the session was before. */
  hello(): Hello
  onWelcome(welcome: Welcome__Output, endpoint: string): void
  /** A welcomed stream was lost. */
  onAway(error: KeeperClientError): void
  /** An attempt ended without welcome. */
  onFailed(error: KeeperClientError): void
  /** Someone newer took over: there will be no further attempt. */
  onFenced(error: KeeperClientError): void
  onPush(push: Push__Output, clusterId: string): void
  onFrame(frame: ServerFrame__Output): void
  /** Do requests wait for an answer? */
  isAsking(): boolean
}

type Phase = 'idle' | 'waiting' | 'greeting' | 'live' | 'over'

/** The session ended at the keepers: the next hello asks for a new one. */
const sessionIsLost = new Set(['E_SESSION_UNKNOWN', 'E_UNAUTHENTICATED'])

/**
 * One session over one stream at a time: hello, welcome, heartbeats, and again after each loss, until it is fenced or
 * closed. Id and secret live in memory only: a new start of the process is a new session.
 */
export class Session {
  readonly #deps: SessionDeps
  readonly #backoff: Backoff
  readonly #heartbeat: Heartbeat
  readonly #chunks = new ChunkAssembler()
  readonly #beside: Beside
  #phase: Phase = 'idle'
  #stream: ClientStream | undefined
  #cancelTimer: CancelTimer = () => {}
  #endpoint = ''
  #liveSinceMs = 0
  /** Attempts of this process so far, and in vain since a stream was good. */
  #attempts = 0
  #vain = 0
  /** Streams given up for silence: keepers that have too much to do must not be asked to do more by whoever leaves. */
  #silences = 0
  /** When the stream was given up, if it was for silence while somebody waited, and no other is good yet. */
  #silentAtMs: number | undefined
  #id = 0n
  #secret: Uint8Array = new Uint8Array()
  #clusterId = ''
  #onEnded: (() => void) | undefined

  constructor(deps: SessionDeps) {
    this.#deps = deps
    this.#backoff = new Backoff(() => deps.runtime.unit())
    this.#heartbeat = new Heartbeat({
      runtime: deps.runtime,
      send: (sequence, eventLoopLagMs) => this.send({ heartbeat: { sequence, eventLoopLagMs } }),
      onSilent: () => this.#silent(),
    })
    this.#beside = new Beside({
      runtime: deps.runtime,
      next: () => (deps.endpoints.hasUntried ? deps.endpoints.next() : undefined),
      open: (endpoint) => this.#open(endpoint),
    })
  }

  get id(): bigint {
    return this.#id
  }

  get endpoint(): string {
    return this.#endpoint
  }

  get isLive(): boolean {
    return this.#phase === 'live'
  }

  start(clusterId: string): void {
    this.#clusterId = clusterId
    this.#attempt()
  }

  /** Sends on the live stream; without one the frame is dropped: hello says all that matters. */
  send(frame: ClientFrame): void {
    if (this.#phase !== 'live') return
    if (frame.acks) this.#heartbeat.sent()
    this.#stream?.send(frame)
  }

  /** Someone waits for this keeper: does it still live? */
  probe(): void {
    if (this.#phase === 'live') this.#heartbeat.probe()
  }

  /** Leaves a keeper that cannot serve, if there is another one to try. */
  move(why: string): void {
    if (this.#phase !== 'live' || this.#deps.endpoints.size < 2) return
    this.#broke(new KeeperClientError('E_UNAVAILABLE', `${this.#endpoint} ${why}`))
  }

  /** Says goodbye where someone listens. `onEnded` is called once, at the latest after `leaveTimeoutMs`. */
  leave(reason: string, onEnded: () => void): void {
    const wasLive = this.#phase === 'live'
    this.send({ leave: { reason } })
    this.#stopTimers()
    this.#phase = 'over'
    if (!wasLive) {
      this.abandon()
      onEnded()
      return
    }
    this.#onEnded = onEnded
    this.#stream?.end()
    this.#cancelTimer = this.#deps.runtime.setTimer(limits.leaveTimeoutMs, () => this.#ended())
  }

  /** Gone at once. */
  abandon(): void {
    this.#phase = 'over'
    this.#stopTimers()
    this.#dropStream()
  }

  #attempt(): void {
    const { endpoints, isAsking } = this.#deps
    const endpoint = endpoints.next()
    this.#phase = 'greeting'
    this.#chunks.clear()
    this.#greet(endpoint, this.#open(endpoint))
    if (isAsking()) this.#beside.start(limits.dialNextAfterMs * this.#slowness)
  }

  #greet(endpoint: string, stream: ClientStream): void {
    this.#endpoint = endpoint
    this.#stream = stream
    this.#cancelTimer = waitPatiently(this.#deps.runtime, this.#patienceMs(), () => {
      this.#vain++
      this.#broke(new KeeperClientError('E_TIMEOUT', `${this.#endpoint} does not answer`))
    })
    stream.send({
      hello: {
        ...this.#deps.hello(),
        sessionId: this.#id.toString(),
        sessionSecret: this.#secret,
        clusterId: this.#clusterId,
        attempt: ++this.#attempts,
      },
    })
  }

  /** Someone takes the connection: whoever is not as far is left alone. */
  #reached(stream: ClientStream): void {
    if (this.#phase !== 'greeting') return
    const other = this.#beside.take(stream)
    this.#beside.stop()
    if (other) this.#turnTo(other)
  }

  #turnTo({ endpoint, stream }: { endpoint: string; stream: ClientStream }): void {
    this.#cancelTimer()
    this.#dropStream()
    this.#greet(endpoint, stream)
  }

  /** Short at first where there are others to try; longer with each round that nobody answered, for all may be busy. */
  #patienceMs(): number {
    const { connectTimeoutMs, connectFirstTimeoutMs, connectTimeoutMsMax } = limits
    const firstMs = this.#deps.endpoints.size < 2 ? connectTimeoutMs : connectFirstTimeoutMs
    return Math.min(connectTimeoutMsMax, firstMs * this.#slowness)
  }

  /** Doubles with each round that nobody answered. */
  get #slowness(): number {
    return 2 ** Math.min(Math.floor(this.#vain / this.#deps.endpoints.size), 8)
  }

  #open(endpoint: string): ClientStream {
    const stream: ClientStream = this.#deps.transport.open(endpoint, {
      onReached: () => this.#reached(stream),
      onFrame: (frame) => {
        if (this.#stream === stream) this.#receive(frame)
      },
      onClosed: (error) => {
        if (this.#stream === stream) this.#closed(error)
        else this.#beside.take(stream)
      },
    })
    return stream
  }

  /** Whatever a frame does wrong costs the stream, never the process. */
  #receive(frame: ServerFrame__Output): void {
    if (this.#phase !== 'greeting' && this.#phase !== 'live') return
    try {
      this.#handle(frame)
    } catch (cause) {
      const code = cause instanceof KeeperClientError ? cause.code : 'E_FRAME_GARBAGE'
      this.#broke(new KeeperClientError(code, `${this.#endpoint}: ${messageOf(cause)}`, {}, { cause }))
    }
  }

  #handle(frame: ServerFrame__Output): void {
    this.#heartbeat.heard()
    if (frame.goodbye) this.#goodbye(frame.goodbye)
    else if (frame.welcome) this.#welcome(frame.welcome)
    else if (this.#phase !== 'live') throw new KeeperClientError('E_FRAME_ORDER', 'a frame before welcome')
    else if (frame.push) this.#deps.onPush(frame.push, this.#clusterId)
    else if (frame.chunk) this.#chunk(frame.chunk)
    else if (frame.heartbeat) this.#beaten(frame.heartbeat)
    else this.#deps.onFrame(frame)
  }

  #chunk(chunk: PushChunk__Output): void {
    const push = this.#chunks.add(chunk)
    if (push) this.#deps.onPush(push, this.#clusterId)
  }

  #beaten(reply: HeartbeatReply__Output): void {
    this.#heartbeat.onReply(reply)
    if (reply.reconnectDelayMs > 0) this.#backoff.setFirstMean(reply.reconnectDelayMs)
    const patienceMs = this.#deps.isAsking() ? limits.moveAfterMs : limits.moveIdleAfterMs
    if (reply.leaderlessMs >= patienceMs) this.move('knows no leader')
  }

  #welcome(welcome: Welcome__Output): void {
    if (this.#phase !== 'greeting') throw new KeeperClientError('E_FRAME_ORDER', 'a second welcome')
    this.#cancelTimer()
    this.#beside.stop()
    this.#adopt(welcome)
    this.#phase = 'live'
    this.#liveSinceMs = this.#deps.runtime.monotonicMs()
    this.#forgiveSilence()
    this.#deps.endpoints.succeeded(this.#endpoint)
    this.#deps.endpoints.learn(welcome.endpoints)
    this.#backoff.setFirstMean(welcome.reconnectDelayMs)
    const ttlMs = Math.min(welcome.ttlMs || 15_000, limits.ttlMsMax)
    const intervalMs = Math.min(welcome.heartbeatIntervalMs || ttlMs / 3, ttlMs)
    const silenceMs =
      (welcome.silenceMs || ttlMs - intervalMs) * 2 ** Math.min(this.#silences, limits.silenceDoublingsMax)
    this.#heartbeat.start({ intervalMs, silenceMs: Math.min(silenceMs, ttlMs), beaconMs: welcome.beaconMs })
    this.#deps.onWelcome(welcome, this.#endpoint)
  }

  #silent(): void {
    this.#silences++
    if (this.#deps.isAsking()) this.#silentAtMs = this.#deps.runtime.monotonicMs()
    this.#broke(new KeeperClientError('E_TIMEOUT', `${this.#endpoint} is silent`))
  }

  /** Another keeper had time for us at once: only the silent one was in trouble, and who waits shall not wait longer for it. */
  #forgiveSilence(): void {
    const silentAtMs = this.#silentAtMs
    this.#silentAtMs = undefined
    if (silentAtMs === undefined || this.#liveSinceMs - silentAtMs > limits.quickMoveMs) return
    this.#silences = Math.max(0, this.#silences - 1)
  }

  #adopt(welcome: Welcome__Output): void {
    this.#id = toBigInt(welcome.sessionId)
    if (!welcome.resumed) this.#secret = welcome.sessionSecret
    this.#clusterId = welcome.clusterId
  }

  #goodbye(goodbye: Goodbye__Output): void {
    const error = goodbye.status
      ? errorOfStatus(goodbye.status)
      : new KeeperClientError('E_UNAVAILABLE', `${this.#endpoint} said goodbye`)
    this.#deps.endpoints.learnMore(goodbye.endpoints)
    this.#backoff.askOnce(goodbye.reconnectAfterMs)
    this.#broke(error)
  }

  #closed(error: KeeperClientError | undefined): void {
    this.#stream = undefined
    const other = this.#phase === 'greeting' ? this.#beside.take() : undefined
    if (this.#phase === 'over') this.#ended()
    else if (other) this.#turnTo(other)
    else this.#broke(error ?? new KeeperClientError('E_UNAVAILABLE', `${this.#endpoint} ended the stream`))
  }

  /** The stream is of no more use, for this reason. */
  #broke(error: KeeperClientError): void {
    if (this.#phase === 'over') return
    const wasLive = this.#phase === 'live'
    this.#phase = 'waiting'
    this.#stopTimers()
    this.#dropStream()
    if (error.code === 'E_FENCED' && error.details.by !== 'attachment') {
      this.#phase = 'over'
      this.#deps.onFenced(error)
      return
    }
    if (sessionIsLost.has(error.code)) this.#forget()
    this.#cancelTimer = this.#deps.runtime.setTimer(this.#waitMs(wasLive, error), () => this.#attempt())
    if (wasLive) this.#deps.onAway(error)
    else this.#deps.onFailed(error)
  }

  /** A stream that was good is sought elsewhere at once; one that broke soon after it began waits like a failure. */
  #waitMs(wasLive: boolean, { code }: KeeperClientError): number {
    const { endpoints, runtime } = this.#deps
    const isAsking = this.#deps.isAsking()
    if (!wasLive) return this.#backoff.next(endpoints.hasUntried, isAsking)
    endpoints.leaving(this.#endpoint)
    const livedMs = runtime.monotonicMs() - this.#liveSinceMs
    const isStable = livedMs >= limits.stableAfterMs
    if (isStable) {
      this.#backoff.reset()
      this.#vain = 0
    }
    if (livedMs >= limits.calmAfterMs) this.#silences = 0
    return this.#backoff.next(endpoints.size > 1 && (isStable || code === 'E_STOPPED'), isAsking)
  }

  #forget(): void {
    this.#id = 0n
    this.#secret = new Uint8Array()
  }

  #ended(): void {
    this.#stopTimers()
    this.#dropStream()
    const onEnded = this.#onEnded
    this.#onEnded = undefined
    onEnded?.()
  }

  #stopTimers(): void {
    this.#cancelTimer()
    this.#heartbeat.stop()
    this.#beside.stop()
  }

  #dropStream(): void {
    const stream = this.#stream
    this.#stream = undefined
    stream?.cancel()
  }
}
