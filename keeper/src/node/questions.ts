import type { CancelTimer, Clock } from '../base/clock.js'
import { decodeText, encodeText } from '../base/codec.js'
import { asKeeperError, isErrorCode, KeeperError } from '../base/errors.js'
import { limits } from '../base/limits.js'
import type { MemberId } from '../raft/types.js'
import type { PeerMessage } from '../transport/types.js'

type Message<Kind extends PeerMessage['kind']> = Extract<PeerMessage, { kind: Kind }>

/** Answers questions on one topic; what it throws is the asker's to see. */
export type Answerer = (body: Uint8Array, from: MemberId) => Uint8Array | Promise<Uint8Array>

interface Asked {
  readonly to: MemberId
  readonly cancel: CancelTimer
  resolve(body: Uint8Array): void
  reject(error: KeeperError): void
}

export interface QuestionsParts {
  readonly clock: Clock
  readonly incarnation: string
  readonly send: (to: MemberId, messages: readonly PeerMessage[]) => void
}

/** Questions between members beside Raft's, for the rooms above: soft state that lies on one member is asked for there. */
export class Questions {
  readonly #parts: QuestionsParts
  readonly #answerers = new Map<string, Answerer>()
  readonly #asked = new Map<string, Asked>()
  #sequence = 0

  constructor(parts: QuestionsParts) {
    this.#parts = parts
  }

  /** Resolves with the answer. Rejects E_TIMEOUT, E_CONNECTION, and what the other member answers with. */
  ask(to: MemberId, topic: string, body: Uint8Array, timeoutMs: number = limits.peerAskTimeoutMs): Promise<Uint8Array> {
    const id = `${this.#parts.incarnation}/${++this.#sequence}`
    return new Promise((resolve, reject) => {
      const late = () =>
        this.#take(id)?.reject(new KeeperError('E_TIMEOUT', `member ${to} did not answer within ${timeoutMs} ms`))
      this.#asked.set(id, { to, resolve, reject, cancel: this.#parts.clock.setTimer(timeoutMs, late) })
      this.#parts.send(to, [{ kind: 'ask', id, topic, body }])
    })
  }

  /** Returns the way to stop it. */
  onAsk(topic: string, answerer: Answerer): () => void {
    this.#answerers.set(topic, answerer)
    return () => {
      if (this.#answerers.get(topic) === answerer) this.#answerers.delete(topic)
    }
  }

  async serve(from: MemberId, { id, topic, body }: Message<'ask'>): Promise<void> {
    this.#parts.send(from, [await this.#answer(from, id, topic, body)])
  }

  answered(from: MemberId, { id, code, body }: Message<'answer'>): void {
    if (this.#asked.get(id)?.to !== from) return
    const asked = this.#take(id)
    if (code === '') asked?.resolve(body)
    else asked?.reject(new KeeperError(isErrorCode(code) ? code : 'E_UNAVAILABLE', decodeText(body)))
  }

  /** The connection to a member broke: what it was asked is as good as not asked. */
  lost(to: MemberId): void {
    for (const [id, asked] of this.#asked)
      if (asked.to === to)
        this.#take(id)?.reject(new KeeperError('E_CONNECTION', `the connection to member ${to} broke`))
  }

  rejectAll(error: KeeperError): void {
    for (const id of [...this.#asked.keys()]) this.#take(id)?.reject(error)
  }

  async #answer(from: MemberId, id: string, topic: string, body: Uint8Array): Promise<Message<'answer'>> {
    try {
      const answerer = this.#answerers.get(topic)
      if (!answerer) throw new KeeperError('E_UNSUPPORTED', `this member knows no answer to "${topic}"`)
      const answer = await answerer(body, from)
      if (answer.length > limits.peerAnswerBytesMax)
        throw new KeeperError(
          'E_TOO_LARGE',
          `an answer of ${answer.length} bytes; ${limits.peerAnswerBytesMax} at most`,
        )
      return { kind: 'answer', id, code: '', body: answer }
    } catch (thrown) {
      const { code, message } = asKeeperError(thrown)
      return { kind: 'answer', id, code, body: encodeText(message) }
    }
  }

  #take(id: string): Asked | undefined {
    const asked = this.#asked.get(id)
    this.#asked.delete(id)
    asked?.cancel()
    return asked
  }
}
