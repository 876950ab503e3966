import type { IncomingMessage, ServerResponse } from 'node:http'
import { asKeeperError, KeeperError } from '../../base/errors.js'
import { limits } from '../../base/limits.js'
import type { Reader } from '../../push/readers.js'
import { ANONYMOUS } from '../authorize.js'
import { effective, viewerOf } from '../effective.js'
import type { ApiContext } from '../types.js'
import { publicError } from '../wire-status.js'
import { isNamed, takeAcks } from './acks.js'
import { type Answer, emptyAnswer, errorAnswer, valueAnswer } from './answer.js'
import { Bodies } from './bodies.js'
import { readJson } from './body.js'
import { invalid, type Question, readQuestion } from './question.js'
import { WaitingRooms } from './waiting-room.js'

/** One look at a config: which value it has, or why there is none. The value itself is read when it is to be sent. */
type Look = Found | Refusal
interface Found {
  readonly revision: number
  readonly hash: string
  readonly etag: string
  readonly namesSecrets: boolean
}
interface Refusal {
  readonly error: KeeperError
  readonly answer: Answer
}

const configs = '/v1/configs/'
const newest = { revision: 0, stepsBack: 0 } as const
const acks = '/v1/acks'

/** Those of base/limits.ts when absent. */
export interface HttpBounds {
  /** Long polls that wait at one time. */
  readonly waitersMax?: number
  /** Who takes nothing of its answer for so long is cut off. */
  readonly stallMs?: number
}

/** Configs for programs without the SDK: `GET /v1/configs/NAME`, with a long poll, and `POST /v1/acks`. */
export class ConfigsHttp {
  readonly #context: ApiContext
  readonly #rooms: WaitingRooms<Look>
  readonly #bodies: Bodies
  readonly #stallMs: number

  constructor(context: ApiContext, { waitersMax, stallMs }: HttpBounds = {}) {
    this.#stallMs = stallMs ?? limits.httpStallMs
    this.#context = context
    this.#bodies = new Bodies(context.member.store)
    this.#rooms = new WaitingRooms(context.systemKeys, waitersMax ?? limits.httpWaitersMax)
  }

  /** Long polls that wait now. */
  get waiting(): number {
    return this.#rooms.seats
  }

  /** Takes the request if it is one of ours, and answers it with `refusal` where there is one; never throws. */
  handle(request: IncomingMessage, response: ServerResponse, refusal?: KeeperError): boolean {
    const [path = '', search = ''] = (request.url ?? '').split(/\?(.*)/s, 2)
    if (path !== acks && !path.startsWith(configs)) return false
    if (refusal) {
      this.#send(request, response, errorAnswer(refusal))
      return true
    }
    const run = path === acks ? this.#ack(request) : this.#read(request, response, path.slice(configs.length), search)
    run
      .catch((thrown) => errorAnswer(publicError(thrown, this.#context.logger)))
      .then((answer) => this.#send(request, response, answer))
    return true
  }

  /** Nobody waits any longer: the keeper stops. */
  close(): void {
    const error = new KeeperError('E_STOPPED', `keeper ${this.#context.memberName} stops`)
    this.#rooms.close({ error, answer: errorAnswer(error) })
  }

  async #ack(request: IncomingMessage): Promise<Answer> {
    if (request.method !== 'POST') return methodNotAllowed('POST')
    takeAcks(this.#context, ANONYMOUS, await readJson(request))
    return emptyAnswer(204)
  }

  async #read(request: IncomingMessage, response: ServerResponse, path: string, search: string): Promise<Answer> {
    if (request.method !== 'GET' && request.method !== 'HEAD') return methodNotAllowed('GET, HEAD')
    const question = readQuestion(path, new URLSearchParams(search))
    const { authorize, member, hub } = this.#context
    authorize(ANONYMOUS, 'config.read', question.name)
    const signal = AbortSignal.timeout(limits.httpReadTimeoutMs)
    await member.linearizableRead({ signal }).catch((error) => {
      throw signal.aborted ? new KeeperError('E_UNAVAILABLE', 'no quorum confirms what is newest') : error
    })
    const tags = (request.headers['if-none-match'] ?? '').split(',').map((tag) => tag.trim().replace(/^W\//, ''))
    const reader = readerOf(question)
    const look = this.#looker(question)
    const first = look()
    if (reader && !('error' in first)) hub.readers.asks(reader, question.after ?? revisionOfTag(tags[0]))
    const isNews = newsFor(question, tags, this.#context)
    const seen = isNews(first) ? first : await this.#wait(question, look, isNews, response)
    if (!seen) return notModified(first)
    if (reader && !('error' in seen)) hub.readers.sent(reader, seen)
    return this.#answer(question.name, seen)
  }

  #send(request: IncomingMessage, response: ServerResponse, { status, headers, body }: Answer): void {
    if (response.destroyed) return
    // Who reads nothing of its answer holds it in memory.
    response.setTimeout(this.#stallMs, () => response.destroy())
    // What was not read of a refused request is not waited for.
    if (!request.complete) response.shouldKeepAlive = false
    response.writeHead(status, { ...headers, ...(body && { 'content-length': body.length }) })
    response.end(request.method === 'HEAD' ? undefined : body)
  }

  #answer(name: string, look: Look): Answer {
    if ('error' in look) return look.answer
    const { etag, revision, namesSecrets } = look
    const headers = { etag, 'keeper-revision': String(revision), ...(namesSecrets && { 'keeper-secrets': 'unopened' }) }
    return valueAnswer(this.#bodies.of(name, look), headers)
  }

  #looker({ namespace, name, instance, labels }: Question): () => Look {
    const { member } = this.#context
    // Who asks stays the same while it waits, whatever becomes of the instance it named.
    const viewer = viewerOf(member.store, namespace, instance, labels)
    return () => {
      try {
        const { storeEpoch } = member.status().identity
        const { revision, hash, removed, namesSecrets } = effective(
          member.store,
          { namespace, name, ...newest },
          viewer,
        )
        if (removed) throw new KeeperError('E_NOT_FOUND', `${name} was removed at r${revision}`, { name })
        return { revision, hash, namesSecrets, etag: `"${storeEpoch}.${revision}.${hash.slice(0, 16)}"` }
      } catch (thrown) {
        const error = asKeeperError(thrown)
        return { error, answer: errorAnswer(publicError(error, this.#context.logger)) }
      }
    }
  }

  /** The first look that is news; undefined when the time is over or the asker is gone. */
  #wait(
    { namespace, name, as, waitMs }: Question,
    look: () => Look,
    isNews: (look: Look) => boolean,
    response: ServerResponse,
  ): Promise<Look | undefined> {
    if (waitMs === 0) return Promise.resolve(undefined)
    return new Promise((resolve, reject) => {
      const finish = (seen: Look | undefined) => {
        cancel()
        leave()
        response.off('close', gone)
        resolve(seen)
      }
      const gone = () => finish(undefined)
      const offer = (seen: Look) => {
        if (!isNews(seen)) return false
        finish(seen)
        return true
      }
      let cancel = () => {}
      let leave = () => {}
      try {
        leave = this.#rooms.sit({ namespace, name, viewer: as, look }, { offer })
        cancel = this.#context.clock.setTimer(waitMs, gone)
        response.once('close', gone)
      } catch (error) {
        reject(error)
      }
    })
  }
}

/** Is a look something that the asker has not? An error always is. */
function newsFor({ after }: Question, tags: readonly string[], { member }: ApiContext): (look: Look) => boolean {
  const has = tags.filter((tag) => tag !== '')
  // A revision that is still to come is one of another history, before a restore.
  const isForeign = after !== undefined && after > member.store.revision('system')
  return (look) => {
    if ('error' in look || isForeign) return true
    if (has.includes(look.etag) || has.includes('*')) return false
    return after === undefined || look.revision > after
  }
}

const readerOf = ({ namespace, name, labels }: Question): Reader | undefined =>
  isNamed(labels) ? { namespace, name, labels } : undefined

const revisionOfTag = (tag = ''): number => Number(/^"\d+\.(\d{1,15})\./.exec(tag)?.[1] ?? 0)

const notModified = (look: Look): Answer =>
  'error' in look ? look.answer : emptyAnswer(304, { etag: look.etag, 'keeper-revision': String(look.revision) })

function methodNotAllowed(allow: string): Answer {
  const answer = errorAnswer(invalid(`${allow} only`))
  return { ...answer, status: 405, headers: { ...answer.headers, allow } }
}
