import { type Reply__Output, type Request, type RequestBatch, toSafe } from '@keeper/proto'
import { errorOfStatus, KeeperClientError } from '../errors.js'
import { limits } from '../limits.js'
import type { CancelTimer, Runtime } from '../runtime.js'
import { jittered } from './backoff.js'

/** A request's body as the wire has it; its sequence is given when it is taken up. */
export type RequestBody = Omit<Request, 'sequence' | 'traceparent' | 'body'>

export interface RequestOptions {
  readonly timeoutMs?: number | undefined
  readonly signal?: AbortSignal | undefined
}

interface Pending {
  sequence: number
  readonly body: RequestBody
  /** Asking twice does no harm, whatever the session. */
  readonly readOnly: boolean
  /** Written to the stream of this attachment. */
  sent: boolean
  /** Written to some stream of this session: it may have happened. */
  maybeDone: boolean
  sentAtMs: number
  /** Refused in a row, and with what last. */
  refusals: number
  refused: string
  settle(error: KeeperClientError | undefined, reply?: Reply__Output): void
}

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
  #next = 1
  #closed: KeeperClientError | undefined
  #cancelWatch: CancelTimer | undefined
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

  ask(body: RequestBody, options: RequestOptions = {}): Promise<Reply__Output> {
    if (this.#closed) return Promise.reject(this.#closed)
    if (options.signal?.aborted) return Promise.reject(options.signal.reason)
    if (this.#pending.size >= limits.requestsInFlightMax) {
      return Promise.reject(new KeeperClientError('E_TOO_MANY', `${this.#pending.size} requests wait for an answer`))
    }
    return new Promise((resolve, reject) => this.#add(body, options, resolve, reject))
  }

  /** What is to be written now; undefined when there is nothing. */
  take(): RequestBatch | undefined {
    const requests: Request[] = []
    for (const pending of this.#pending.values()) {
      if (pending.sent) continue
      pending.sent = true
      pending.maybeDone = true
      pending.sentAtMs = this.#runtime.monotonicMs()
      requests.push({ ...pending.body, sequence: pending.sequence })
    }
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
    pending.settle(reply.error ? errorOfStatus(reply.error) : undefined, reply)
  }

  /** A stream was welcomed: what is unanswered goes out again, under the same numbers if the session goes on. */
  welcomed(resumed: boolean): void {
    this.#refusedSinceMs = undefined
    const unanswered = [...this.#pending.values()]
    if (resumed) {
      for (const pending of unanswered) pending.sent = false
      return
    }
    this.#pending = new Map()
    this.#next = 1
    for (const pending of unanswered) this.#takeOver(pending)
  }

  close(error: KeeperClientError): void {
    this.#closed = error
    this.#cancelWatch?.()
    for (const pending of [...this.#pending.values()]) pending.settle(error)
  }

  #add(
    body: RequestBody,
    { timeoutMs = limits.requestTimeoutMs, signal }: RequestOptions,
    resolve: (reply: Reply__Output) => void,
    reject: (error: unknown) => void,
  ): void {
    const release: CancelTimer[] = []
    const end = (then: () => void) => {
      if (this.#pending.get(pending.sequence) === pending) this.#pending.delete(pending.sequence)
      for (const undo of release) undo()
      then()
    }
    const pending: Pending = {
      sequence: this.#next++,
      body,
      readOnly: body.range !== undefined,
      sent: false,
      maybeDone: false,
      sentAtMs: 0,
      refusals: 0,
      refused: '',
      settle: (error, reply) => end(() => (error || !reply ? reject(error) : resolve(reply))),
    }
    this.#pending.set(pending.sequence, pending)
    const onAbort = () => end(() => reject(signal?.reason))
    signal?.addEventListener('abort', onAbort, { once: true })
    release.push(() => signal?.removeEventListener('abort', onAbort))
    release.push(
      this.#runtime.setTimer(Math.min(timeoutMs, limits.timerMsMax), () =>
        pending.settle(timeout(timeoutMs, pending.refused)),
      ),
    )
    this.#host.wake()
  }

  #takeOver(pending: Pending): void {
    if (pending.maybeDone && !pending.readOnly) {
      pending.settle(new KeeperClientError('E_UNCERTAIN', 'the session ended before the answer: it may have happened'))
      return
    }
    pending.sent = false
    pending.sequence = this.#next++
    this.#pending.set(pending.sequence, pending)
  }

  #refused(pending: Pending, code: string): void {
    pending.refused = code
    const meanMs = Math.min(limits.repeatMaxMs, limits.repeatFirstMs * 2 ** Math.min(pending.refusals++, 8))
    const before = pending.sentAtMs
    this.#runtime.setTimer(jittered(meanMs, this.#runtime.unit()), () => {
      // Not when another stream has put it again meanwhile.
      if (pending.sentAtMs !== before) return
      pending.sent = false
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
