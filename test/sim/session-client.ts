import { createHash } from 'node:crypto'
import {
  type ClientFrame,
  type ConfigChange__Output,
  clientFrame,
  type HeldConfig,
  type Push__Output,
  type ServerFrame__Output,
  serverFrame,
  toSafe,
} from '@keeper/proto'
import type { Random } from '../../keeper/src/base/random.js'
import type { Attached } from '../../keeper/src/push/hub.js'
import type { SessionChecker } from './checkers/sessions.js'
import { attachmentAt, hearLastWord } from './last-word.js'
import { Pipe } from './pipe.js'
import type { SimProcess } from './process.js'
import type { Trace } from './trace.js'
import type { VirtualTime } from './virtual-time.js'

export interface SessionParts {
  readonly name: string
  readonly role: string
  readonly subscriptions: readonly string[]
  readonly time: VirtualTime
  readonly random: Random
  readonly trace: Trace
  readonly processes: readonly SimProcess[]
  readonly checker: SessionChecker
}

export interface Held {
  readonly storeEpoch: number
  readonly revision: number
  readonly hash: string
  readonly value: unknown
}

interface Stream {
  readonly process: SimProcess
  readonly pipe: Pipe
  attached?: Attached
  open: boolean
  /** In the session's record when the stream was welcomed. */
  attachment: number
  /** It will be given up with its next ack on the way. */
  failing: boolean
  heartbeats: number
  answered: number
}

/** A process with the SDK, as far as the wire goes: joins, takes pushes, acknowledges, beats, and comes back after each break. */
export class SessionClient {
  readonly name: string
  readonly held = new Map<string, Held>()
  readonly #parts: SessionParts
  #session: { readonly id: string; readonly secret: Buffer } | undefined
  #stream: Stream | undefined
  #incarnation = 1
  pushes = 0
  /** Welcomes so far, and sessions that the keepers said they do not know. */
  welcomes = 0
  sessionsLost = 0

  constructor(parts: SessionParts) {
    this.#parts = parts
    this.name = parts.name
  }

  start(): void {
    this.#connect()
  }

  /** The stream to `process` broke, or its process died. */
  lost(process: SimProcess): void {
    if (this.#stream?.process === process) this.#close(50 + this.#parts.random.below(300))
  }

  /** The connection breaks, the process does not: at once, or when an ack has just left, which arrives much later. */
  breakStream(): void {
    const { random } = this.#parts
    if (this.#stream && random.unit() < 0.5) this.#stream.failing = true
    else if (this.#stream) this.#close(random.below(200))
  }

  /** Reads nothing for a while. */
  stall(forMs: number): void {
    this.#stream?.pipe.stall(forMs)
  }

  /** Dies and starts again, with its last good values from its file and no session. */
  restart(): void {
    this.#incarnation++
    this.#session = undefined
    this.#close(this.#parts.random.below(500))
  }

  get connected(): boolean {
    return this.#stream?.open ?? false
  }

  #connect(): void {
    if (this.#stream) return
    const { time, random, processes } = this.#parts
    const process = processes[random.below(processes.length)] as SimProcess
    const pipe = new Pipe({
      time,
      random,
      arrive: (bytes) => this.#stream?.pipe === pipe && this.#take(serverFrame.decode(bytes)),
      closed: () => this.#stream?.pipe === pipe && this.#close(100 + random.below(300)),
    })
    const stream: Stream = { process, pipe, open: false, attachment: 0, failing: false, heartbeats: 0, answered: 0 }
    this.#stream = stream
    time.after(5_000, () => {
      if (this.#stream === stream && !stream.open) this.#close(random.below(300))
    })
    time.after(
      random.unit() * 2,
      () => {
        if (this.#stream !== stream) return
        if (!process.hub) return this.#close(50 + random.below(200))
        stream.attached = process.hub.attach(pipe, this.name)
        this.#say({ hello: this.#hello() })
      },
      process.owner,
    )
  }

  #close(againMs: number, noticedInMs = this.#parts.random.below(50)): void {
    const stream = this.#stream
    if (!stream) return
    this.#stream = undefined
    stream.pipe.break()
    const { time } = this.#parts
    time.after(noticedInMs, () => stream.attached?.onClosed(), stream.process.owner)
    time.after(againMs, () => this.#connect())
  }

  #hello() {
    const { name, role, subscriptions } = this.#parts
    const session = this.#session && { sessionId: this.#session.id, sessionSecret: this.#session.secret }
    const held = [...this.held].map(([config, { storeEpoch, revision, hash }]): HeldConfig => {
      return { name: config, storeEpoch, revision, hash, state: 'ACK_STATE_APPLIED' }
    })
    const identity = {
      cluster: 'push',
      role,
      instance: name,
      incarnation: `${name}-${this.#incarnation}`,
      labels: {},
      addresses: {},
      host: 'h',
      pid: 1,
    }
    return { protocol: 1, sdk: 'sim', identity, subscriptions: [...subscriptions], held, ...session }
  }

  /** In order, as TCP has it. */
  #say(frame: ClientFrame): void {
    const stream = this.#stream
    if (!stream) return
    const bytes = clientFrame.encode(frame)
    stream.pipe.back(() => stream.attached?.onFrame(bytes), stream.process.owner)
  }

  #take(frame: ServerFrame__Output): void {
    const stream = this.#stream
    if (!stream) return
    if (frame.welcome) {
      stream.open = true
      this.welcomes++
      const { sessionId, sessionSecret, heartbeatIntervalMs } = frame.welcome
      if (sessionSecret.length > 0) {
        this.#session = { id: String(sessionId), secret: sessionSecret }
      }
      stream.attachment = this.#session ? attachmentAt(stream.process, this.#session.id) : 0
      this.#note(`welcome ${frame.welcome.resumed ? 'back' : 'new'} at n${stream.process.id}`)
      this.#beat(stream, heartbeatIntervalMs)
    }
    if (frame.push) this.#push(frame.push)
    if (frame.heartbeat) stream.answered = toSafe(frame.heartbeat.sequence)
    if (frame.goodbye) this.#goodbye(frame.goodbye.status?.code ?? '')
  }

  #beat(stream: Stream, intervalMs: number): void {
    const { time, random } = this.#parts
    time.after(intervalMs, () => {
      if (this.#stream !== stream) return
      // a keeper that answers nothing for two beats is taken for dead
      if (stream.heartbeats - stream.answered > 2) return this.#close(random.below(200))
      this.#say({ heartbeat: { sequence: ++stream.heartbeats, eventLoopLagMs: 0 } })
      this.#beat(stream, intervalMs)
    })
  }

  #push(push: Push__Output): void {
    const storeEpoch = toSafe(push.storeEpoch)
    const revision = toSafe(push.revision)
    for (const change of push.changes) this.#change(storeEpoch, change)
    this.pushes++
    const ack = { storeEpoch, revision, state: 'ACK_STATE_APPLIED', reason: '', atUnixMs: 1 } as const
    if (this.#stream?.failing) this.#giveUp(this.#stream, clientFrame.encode({ acks: { acks: [ack] } }))
    else this.#say({ acks: { acks: [ack] } })
  }

  /** The stream is dead to the process, but not yet to its keeper, which still gets what was on the way. */
  #giveUp(stream: Stream, ack: Uint8Array): void {
    const { time, random, trace } = this.#parts
    const { process, attached, attachment } = stream
    const session = this.#session?.id
    const lateMs = 5 + random.below(700)
    this.#close(random.below(200), lateMs + 1)
    if (!attached || session === undefined) return
    const word = { who: this.name, session, process, attached, attachment, ack }
    const hear = () => {
      trace.note(`${this.name} is heard late at n${process.id}`)
      hearLastWord(word)
    }
    time.after(lateMs, hear, process.owner)
  }

  #change(storeEpoch: number, change: ConfigChange__Output): void {
    const { name, hash, removed } = change
    const revision = toSafe(change.revision)
    const before = this.held.get(name)
    const value = removed ? before?.value : JSON.parse(change.value.toString())
    const sum = createHash('sha256').update(change.value).digest('hex')
    this.#note(`gets ${name} e${storeEpoch} r${revision} ${removed ? 'removed' : change.value.toString().slice(0, 10)}`)
    this.#parts.checker.got(this.name, before, { name, storeEpoch, revision, hash, value, sum, removed })
    this.held.set(name, { storeEpoch, revision, hash, value })
  }

  #goodbye(code: string): void {
    this.#note(`goodbye ${code}`)
    if (code === 'E_SESSION_UNKNOWN') this.sessionsLost++
    if (code === 'E_SESSION_UNKNOWN' || code === 'E_UNAUTHENTICATED') this.#session = undefined
    this.#close(50 + this.#parts.random.below(300))
  }

  #note(what: string): void {
    this.#parts.trace.note(`${this.name} ${what}`)
  }
}
