import { limits } from '../../base/limits.js'
import { payloadLength } from './frame-reader.js'
import { Flag, FRAME_HEADER_BYTES, FrameType, PREFACE } from './frames.js'
import { HeaderBlock } from './header-blocks.js'
import { type Field, HpackDecoder } from './hpack.js'

export const ATTACH_PATH = '/keeper.v1.Sessions/Attach'

/** more: not known yet; attach: a session; other: anything else; broken: of no use to anybody. */
export type Verdict = 'more' | 'attach' | 'other' | 'broken'

const none = Buffer.alloc(0)

/**
 * What a client said before it is known who serves it: everything up to the header block of its first call. Only an
 * impeccable beginning of a session is `attach`; all that is unusual is `other`, for a server of every case.
 */
export class Opening {
  readonly #mayAttach: () => boolean
  #bytes: Buffer = none
  #length = 0
  /** Where the next frame begins; 0 until the preface is there. */
  #at = 0
  #verdict: Verdict = 'more'
  #greeted = false
  #settings = false
  #ackAt = 0
  #block: HeaderBlock | undefined

  /** `mayAttach`: is one more session welcome? If not, the other server says so. */
  constructor(mayAttach: () => boolean) {
    this.#mayAttach = mayAttach
  }

  /** The preface came, and our first frame may go. */
  get begun(): boolean {
    return this.#at > 0
  }

  get greeted(): boolean {
    return this.#greeted
  }

  /** We sent our settings; whoever else serves the connection must not see them acknowledged. */
  greet(): void {
    this.#greeted = true
  }

  /** Nothing stands in the way of handing the connection on. */
  get mayGo(): boolean {
    return !this.#greeted || this.#ackAt > 0
  }

  /** What a session's connection reads: all after the preface. */
  get afterPreface(): Buffer {
    return this.#bytes.subarray(PREFACE.length, this.#length)
  }

  /** What another server reads: all, without the acknowledgement of settings that it did not send. */
  get forOthers(): Buffer {
    const all = this.#bytes.subarray(0, this.#length)
    if (this.#ackAt === 0) return all
    return Buffer.concat([all.subarray(0, this.#ackAt), all.subarray(this.#ackAt + FRAME_HEADER_BYTES)])
  }

  feed(chunk: Buffer): Verdict {
    this.#append(chunk)
    try {
      this.#scan()
    } catch {
      this.#verdict = 'other'
    }
    if (this.#verdict === 'attach' || this.mayGo) return this.#bounded(this.#verdict)
    return this.#length > limits.h2OpeningBytesMax ? 'broken' : 'more'
  }

  #bounded(verdict: Verdict): Verdict {
    return verdict === 'more' && this.#length > limits.h2OpeningBytesMax ? 'other' : verdict
  }

  #append(chunk: Buffer): void {
    const length = this.#length + chunk.length
    if (length > this.#bytes.length) {
      const larger = Buffer.allocUnsafeSlow(this.#length === 0 ? length : length * 2)
      this.#bytes.copy(larger, 0, 0, this.#length)
      this.#bytes = larger
    }
    chunk.copy(this.#bytes, this.#length)
    this.#length = length
  }

  #scan(): void {
    if (this.#at === 0 && !this.#preface()) return
    while (this.#length - this.#at >= FRAME_HEADER_BYTES && this.#verdict !== 'attach') {
      const start = this.#at + FRAME_HEADER_BYTES
      const end = start + payloadLength(this.#bytes, this.#at)
      if (end > this.#length) return
      this.#frame(start, end)
      this.#at = end
      if (this.#verdict !== 'more' && this.mayGo) return
    }
  }

  #preface(): boolean {
    const common = Math.min(this.#length, PREFACE.length)
    if (!PREFACE.subarray(0, common).equals(this.#bytes.subarray(0, common))) this.#verdict = 'other'
    if (this.#verdict === 'other' || common < PREFACE.length) return false
    this.#at = PREFACE.length
    return true
  }

  #frame(start: number, end: number): void {
    const type = this.#bytes[this.#at + 3] ?? 0
    const flags = this.#bytes[this.#at + 4] ?? 0
    const acknowledges = type === FrameType.settings && (flags & Flag.ack) !== 0
    if (acknowledges && this.#greeted && this.#ackAt === 0 && start === end) this.#ackAt = this.#at
    else if (this.#verdict === 'more') this.#verdict = this.#judge(type, flags, start, end)
  }

  #judge(type: number, flags: number, start: number, end: number): Verdict {
    const id = this.#bytes.readUInt32BE(start - 4) & 0x7fff_ffff
    if (this.#block) return this.#blockJudged(this.#block, type, flags, id, start, end)
    if (!this.#settings) {
      this.#settings = type === FrameType.settings && (flags & Flag.ack) === 0
      return this.#settings ? 'more' : 'other'
    }
    if (type === FrameType.windowUpdate || type === FrameType.priority) return 'more'
    if (type === FrameType.settings && (flags & Flag.ack) === 0) return 'more'
    if (type !== FrameType.headers || id % 2 === 0) return 'other'
    this.#block = new HeaderBlock(id, flags, this.#bytes, start, end)
    return this.#fieldsJudged(this.#block)
  }

  #blockJudged(block: HeaderBlock, type: number, flags: number, id: number, start: number, end: number): Verdict {
    block.add(type, flags, id, this.#bytes, start, end)
    return this.#fieldsJudged(block)
  }

  #fieldsJudged(block: HeaderBlock): Verdict {
    if (!block.complete) return 'more'
    const attach = !block.endStream && isAttach(new HpackDecoder().decode(block.bytes))
    return attach && this.#mayAttach() ? 'attach' : 'other'
  }
}

const wantedPseudo: Readonly<Record<string, (value: string) => boolean>> = {
  ':method': (value) => value === 'POST',
  ':path': (value) => value === ATTACH_PATH,
  ':scheme': () => true,
  ':authority': () => true,
}

/** Fields of one connection only, which HTTP/2 forbids (RFC 9113, 8.2.2). */
const forbidden = new Set(['connection', 'keep-alive', 'proxy-connection', 'transfer-encoding', 'upgrade'])

function isAttach(fields: readonly Field[]): boolean {
  const regular = fields.findIndex(([name]) => !name.startsWith(':'))
  const pseudo = fields.slice(0, regular < 0 ? fields.length : regular)
  const names = new Set(pseudo.map(([name]) => name))
  if (names.size !== pseudo.length || ![':method', ':path', ':scheme'].every((name) => names.has(name))) return false
  if (!pseudo.every(([name, value]) => wantedPseudo[name]?.(value))) return false
  const rest = fields.slice(pseudo.length)
  return rest.every(allowed) && isGrpc(rest.find(([name]) => name === 'content-type')?.[1])
}

const allowed = ([name, value]: Field): boolean =>
  /^[!#$%&'*+.^_`|~0-9a-z-]+$/.test(name) &&
  !/[\0\r\n]/.test(value) &&
  !forbidden.has(name) &&
  (name !== 'te' || value === 'trailers')

/** `application/grpc`, or with `+proto`; not gRPC-Web, whose framing is another. */
export const isGrpc = (contentType: string | undefined): boolean =>
  /^application\/grpc(?:\+proto)?(?:;|$)/.test(contentType ?? '')
