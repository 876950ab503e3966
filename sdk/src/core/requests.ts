import { type Reply__Output, type Request, type RequestBatch, toSafe } from '@keeper/proto/wire'
import { errorOfStatus, KeeperClientError } from '../errors.js'
import { limits } from '../limits.js'
import type { CancelTimer, Runtime } from '../runtime.js'
import { jittered } from './backoff.js'

/** A request's body as the wire has it, made for this request alone: its sequence is written into it when it is taken up. */
export type RequestBody = Omit<Request, 'traceparent' | 'body'>

export interface RequestOptions {
  readonly timeoutMs?: number | undefined
  readonly signal?: AbortSignal | undefined
}

/** What a caller waits for. */
interface Caller {
  /** Makes the result of the answer, or throws. */
  readonly read: (reply: Reply__Output) => unknown
  readonly resolve: (value: unknown) => void
  readonly reject: (error: unknown) => void
}

/** A class, not a literal: there is one for each call, and its fields are where the compiler expects them. */
class Pending {
  sequence: number
  readonly body: RequestBody
  readonly timeoutMs: number
  /** By the monotonic clock. */
  readonly deadlineMs: number
  readonly caller: Caller
  /** Written to the stream of this attachment, or about to be. */
  sent = false
  /** Written to some stream of this session: it may have happened. */
  maybeDone = false
  sentAtMs = 0
  /** Refused in a row, and with what last. */
  refusals = 0
  refused = ''
  /** Stops listening to the caller's signal. */
  release: (() => void) | undefined

  constructor(sequence: number, body: RequestBody, timeoutMs: number, deadlineMs: number, caller: Caller) {
    this.sequence = sequence
    this.body = body
    this.timeoutMs = timeoutMs
    this.deadlineMs = deadlineMs
    this.caller = caller
  }
}

/** Asking twice does no harm, whatever the session. */
const readOnly = ({ body }: Pending): boolean => body.range !== undefined

/**
 * What a keeper answers when it could not try, or does not know: the same request is put again, under the same number.
 * A member whose disk failed is of these: another one serves, and has the request if this one passed it on.
 */
const repeatable = new Set([
  'E_UNAVAILABLE',
  'E_NOT_LEADER',
  'E_PROPOSAL_DROPPED',
  'E_UNCERTAIN',
  'E_STOPPED',
  'E_TOO_MANY',
  'E_DISK',
  'E_HALTED',
])
/** Too much to do is no sign that another member could do it. */
const mayMove = (code: string): boolean => code !== 'E_TOO_MANY'

export interface RequestsHost {
  /** There is something to write. */
  wake(): void
  /** A request waits longer than it should: does the keeper still live? */
  slow(): void
  /** For some time this keeper has only refused. */
  stuck(why: string): void
}

/**
 * Pipelined requests of one session. A request keeps its sequence until it is answered, over as many streams as that
 * takes, so that a keeper that saw it before gives the same result. A new session begins anew: what was never written
 * is asked again there, what was written may have happened and fails as E_UNCERTAIN.
 */
export class Requests {
  readonly #runtime: Runtime
  readonly #host: RequestsHost
  #pending = new Map<number, Pending>()
  /** Those to be written, in order; one that is settled meanwhile stays here until it is taken. */
  #unsent: Pending[] = []
  #next = 1
  #closed: KeeperClientError | undefined
  #cancelWatch: CancelTimer | undefined
  /** One timer for all deadlines: when it is due, and how to stop it. */
  #sweepAtMs = Number.POSITIVE_INFINITY
  #cancelSweep: CancelTimer | undefined
  /** Since when this stream's keeper has served nothing and refused something. */
  #refusedSinceMs: number | undefined

  constructor(runtime: Runtime, host: RequestsHost) {
    this.#runtime = runtime
    this.#host = host
  }

  /** Does any wait for an answer? */
  get waiting(): boolean {
    return this.#pending.size > 0
  }

  /** Resolves with what `read` makes of the answer; rejects with what `body` or `read` throws, too. */
  ask<Result>(
    body: () => RequestBody,
    read: (reply: Reply__Output) => Result,
    options: RequestOptions = {},
  ): Promise<Result> {
    return new Promise((resolve, reject) => {
      if (this.#closed) throw this.#closed
      if (options.signal?.aborted) throw options.signal.reason
      if (this.#pending.size >= limits.requestsInFlightMax)
        throw new KeeperClientError('E_TOO_MANY', `${this.#pending.size} requests wait for an answer`)
      this.#add(body(), options, { read, resolve: resolve as (value: unknown) => void, reject })
    })
  }

  /** What is to be written now; undefined when there is nothing. */
  take(): RequestBatch | undefined {
    if (this.#unsent.length === 0) return undefined
    const now = this.#runtime.monotonicMs()
    const requests: Request[] = []
    for (const pending of this.#unsent) {
      if (!this.#waits(pending)) continue
      pending.sent = true
      pending.maybeDone = true
      pending.sentAtMs = now
      pending.body.sequence = pending.sequence
      requests.push(pending.body)
    }
    this.#unsent = []
    if (requests.length > 0) this.#watch()
    return requests.length > 0 ? { requests, lowWater: this.#lowWater() } : undefined
  }

  onReply(reply: Reply__Output): void {
    const sequence = toSafe(reply.sequence)
    const pending = this.#pending.get(sequence)
    if (!pending) return
    if (reply.error && repeatable.has(reply.error.code)) {
      this.#refused(pending, reply.error.code)
      return
    }
    this.#refusedSinceMs = undefined
    if (reply.error) this.#fail(pending, errorOfStatus(reply.error))
    else this.#answer(pending, reply)
  }

  /** A stream was welcomed: what is unanswered goes out again, under the same numbers if the session goes on. */
  welcomed(resumed: boolean): void {
    this.#refusedSinceMs = undefined
    const unanswered = [...this.#pending.values()]
    this.#unsent = []
    if (!resumed) {
      this.#pending = new Map()
      this.#next = 1
    }
    for (const pending of unanswered) {
      if (resumed) this.#putAgain(pending)
      else this.#takeOver(pending)
    }
  }

  close(error: KeeperClientError): void {
    this.#closed = error
    this.#cancelWatch?.()
    this.#cancelSweep?.()
    for (const pending of [...this.#pending.values()]) this.#fail(pending, error)
  }

  #add(body: RequestBody, { timeoutMs = limits.requestTimeoutMs, signal }: RequestOptions, caller: Caller): void {
    const deadlineMs = this.#runtime.monotonicMs() + timeoutMs
    const pending = new Pending(this.#next++, body, timeoutMs, deadlineMs, caller)
    if (signal) {
      const onAbort = () => this.#fail(pending, signal.reason)
      signal.addEventListener('abort', onAbort, { once: true })
      pending.release = () => signal.removeEventListener('abort', onAbort)
    }
    this.#pending.set(pending.sequence, pending)
    // while no keeper is there, they come and fail without being taken
    if (this.#unsent.length >= 2 * limits.requestsInFlightMax) this.#unsent = this.#unsent.filter(this.#waits)
    this.#unsent.push(pending)
    if (deadlineMs < this.#sweepAtMs) this.#armSweep(deadlineMs)
    this.#host.wake()
  }

  readonly #waits = (pending: Pending): boolean => this.#pending.get(pending.sequence) === pending

  #answer(pending: Pending, reply: Reply__Output): void {
    this.#forget(pending)
    try {
      pending.caller.resolve(pending.caller.read(reply))
    } catch (thrown) {
      pending.caller.reject(thrown)
    }
  }

  #fail(pending: Pending, error: unknown): void {
    this.#forget(pending)
    pending.caller.reject(error)
  }

  #forget(pending: Pending): void {
    if (this.#waits(pending)) this.#pending.delete(pending.sequence)
    pending.release?.()
  }

  #putAgain(pending: Pending): void {
    pending.sent = false
    this.#unsent.push(pending)
  }

  #takeOver(pending: Pending): void {
    if (pending.maybeDone && !readOnly(pending)) {
      this.#fail(
        pending,
        new KeeperClientError('E_UNCERTAIN', 'the session ended before the answer: it may have happened'),
      )
      return
    }
    pending.sequence = this.#next++
    this.#pending.set(pending.sequence, pending)
    this.#putAgain(pending)
  }

  #refused(pending: Pending, code: string): void {
    pending.refused = code
    const meanMs = Math.min(limits.repeatMaxMs, limits.repeatFirstMs * 2 ** Math.min(pending.refusals++, 8))
    const before = pending.sentAtMs
    this.#runtime.setTimer(jittered(meanMs, this.#runtime.unit()), () => {
      // Not when another stream has put it again meanwhile.
      if (pending.sentAtMs !== before || !pending.sent) return
      this.#putAgain(pending)
      this.#host.wake()
    })
    if (!mayMove(code)) return
    const now = this.#runtime.monotonicMs()
    this.#refusedSinceMs ??= now
    if (now - this.#refusedSinceMs < limits.moveAfterMs) return
    this.#refusedSinceMs = undefined
    this.#host.stuck(`answers ${code}`)
  }

  /** Looks again and again at what waits, as long as something does. */
  #watch(): void {
    this.#cancelWatch ??= this.#runtime.setTimer(limits.slowAfterMs, () => {
      this.#cancelWatch = undefined
      const sent = [...this.#pending.values()].filter((pending) => pending.sent)
      if (sent.length === 0) return
      const since = Math.min(...sent.map((pending) => pending.sentAtMs))
      if (this.#runtime.monotonicMs() - since >= limits.slowAfterMs) this.#host.slow()
      this.#watch()
    })
  }

  /** Most calls have the same timeout and are answered long before it: the timer is seldom set. */
  #armSweep(atMs: number): void {
    this.#cancelSweep?.()
    this.#sweepAtMs = atMs
    const delayMs = Math.min(Math.max(0, atMs - this.#runtime.monotonicMs()), limits.timerMsMax)
    this.#cancelSweep = this.#runtime.setTimer(delayMs, () => this.#sweep())
  }

  #sweep(): void {
    this.#cancelSweep = undefined
    this.#sweepAtMs = Number.POSITIVE_INFINITY
    const now = this.#runtime.monotonicMs()
    let next = Number.POSITIVE_INFINITY
    for (const pending of [...this.#pending.values()]) {
      if (pending.deadlineMs <= now) this.#fail(pending, timeout(pending.timeoutMs, pending.refused))
      else next = Math.min(next, pending.deadlineMs)
    }
    if (next < Number.POSITIVE_INFINITY) this.#armSweep(next)
  }

  #lowWater(): number {
    return this.#pending.keys().next().value ?? this.#next
  }
}

function timeout(timeoutMs: number, refused: string): KeeperClientError {
  const text = `no answer within ${timeoutMs} ms: it may still happen, look before you repeat`
  return refused === ''
    ? new KeeperClientError('E_TIMEOUT', text)
    : new KeeperClientError('E_TIMEOUT', `${text} (the keepers said ${refused})`, { refused })
}
