import { once } from 'node:events'
import { connect, createServer, type Server, type Socket } from 'node:net'
import { seededRandom } from '../../keeper/src/base/random.js'

/** How what one member sends to another arrives. */
export interface Shape {
  readonly delayMs?: number
  /** Up to so much more, at random; order stays, as TCP keeps it. */
  readonly jitterMs?: number
  /** Share of pieces that are lost once and sent again after `resendMs`, as TCP does. */
  readonly loss?: number
  readonly bytesPerSecond?: number
  /** Nothing arrives until the links are healed. */
  readonly stalled?: boolean
}

interface Link {
  readonly from: string
  readonly to: string
  readonly shape: Shape
}

const resendMs = 200
const waitingBytesMax = 4 * 1024 * 1024
const asNow: Shape = {}

/** A proxy before the peer port of each keeper: all of what keepers say to each other passes here. */
export class Links {
  readonly #servers: Server[] = []
  readonly #calls = new Set<Call>()
  readonly #random = seededRandom(1)
  #links: readonly Link[] = []
  #healed = new Set<() => void>()

  /** Stands before `target`; gives the address at which the others reach `name`. */
  async before(name: string, target: string): Promise<string> {
    const server = createServer((socket) => {
      const call = new Call(socket, name, target, this)
      this.#calls.add(call)
      socket.once('close', () => this.#calls.delete(call))
    })
    this.#servers.push(server.listen(0, '127.0.0.1'))
    await once(server, 'listening')
    return `127.0.0.1:${(server.address() as { port: number }).port}`
  }

  /** From now on what `from` sends to `to` arrives so. */
  shape(from: string, to: string, shape: Shape): void {
    this.#links = [...this.#links.filter((link) => link.from !== from || link.to !== to), { from, to, shape }]
  }

  /** Both ways between `name` and each of `others`. */
  shapeAround(name: string, others: readonly string[], shape: Shape): void {
    for (const other of others) {
      this.shape(name, other, shape)
      this.shape(other, name, shape)
    }
  }

  /** Breaks every connection that stands. */
  reset(): void {
    for (const call of this.#calls) call.reset()
  }

  heal(): void {
    this.#links = []
    const healed = [...this.#healed]
    this.#healed = new Set()
    for (const go of healed) go()
  }

  end(): void {
    this.heal()
    this.reset()
    for (const server of this.#servers) server.close()
  }

  shapeOf(from: string, to: string): Shape {
    return this.#links.find((link) => link.from === from && link.to === to)?.shape ?? asNow
  }

  chance(): number {
    return this.#random.unit()
  }

  /** Resolves when the links are healed. */
  untilHealed(): Promise<void> {
    return new Promise((resolve) => this.#healed.add(resolve))
  }
}

/** One connection between two keepers. Who called says so in its hello, which passes first. */
class Call {
  readonly #near: Socket
  readonly #far: Socket
  caller = ''

  constructor(near: Socket, called: string, target: string, links: Links) {
    const [host, port] = target.split(':')
    this.#near = near
    this.#far = connect(Number(port), host)
    for (const socket of [this.#near, this.#far]) {
      socket.setNoDelay(true)
      socket.on('error', () => {})
    }
    near.on('data', (bytes: Buffer) => {
      if (this.caller === '') this.caller = /"name":"([^"]+)"/.exec(bytes.toString('latin1'))?.[1] ?? ''
    })
    void carry(this.#near, this.#far, links, () => links.shapeOf(this.caller, called))
    void carry(this.#far, this.#near, links, () => links.shapeOf(called, this.caller))
  }

  reset(): void {
    this.#near.resetAndDestroy()
    this.#far.resetAndDestroy()
  }
}

/** Hands on what comes from one socket to the other, as late as the link has it. */
async function carry(from: Socket, to: Socket, links: Links, shape: () => Shape): Promise<void> {
  const waiting: { readonly bytes: Buffer; readonly due: number }[] = []
  let [bytesWaiting, lastDue] = [0, 0]
  let wake = () => {}
  from.on('data', (bytes: Buffer) => {
    lastDue = Math.max(lastDue, dueOf(bytes.length, lastDue, shape(), links))
    waiting.push({ bytes, due: lastDue })
    bytesWaiting += bytes.length
    if (bytesWaiting > waitingBytesMax) from.pause()
    wake()
  })
  let over = false
  from.on('close', () => {
    over = true
    wake()
  })
  for (;;) {
    const next = waiting[0]
    if (!next) {
      if (over) break
      await new Promise<void>((resolve) => {
        wake = resolve
      })
      continue
    }
    const late = next.due - performance.now()
    if (late > 0) await new Promise((resolve) => setTimeout(resolve, late))
    while (shape().stalled) await links.untilHealed()
    waiting.shift()
    bytesWaiting -= next.bytes.length
    if (bytesWaiting <= waitingBytesMax) from.resume()
    to.write(next.bytes)
  }
  to.end()
}

function dueOf(
  bytes: number,
  lastDue: number,
  { delayMs = 0, jitterMs = 0, loss = 0, bytesPerSecond }: Shape,
  links: Links,
): number {
  const now = performance.now()
  const lost = loss > 0 && links.chance() < loss ? resendMs : 0
  const passes = bytesPerSecond === undefined ? 0 : (bytes / bytesPerSecond) * 1_000
  const latest = passes > 0 ? Math.max(now, lastDue) : now
  return latest + passes + delayMs + lost + jitterMs * links.chance()
}
