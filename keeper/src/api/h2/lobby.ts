import type { Socket } from 'node:net'
import type { CancelTimer, Clock } from '../../base/clock.js'
import { limits } from '../../base/limits.js'
import { greeting } from './greeting.js'
import { Opening } from './opening.js'

export interface LobbyHost {
  readonly clock: Clock
  /** May a session begin here? If not, whoever serves all else says why. */
  mayAttach(): boolean
  /** A session: `bytes` came after the preface; `greeted`: our settings were sent. */
  direct(socket: Socket, bytes: Buffer, greeted: boolean): void
  /** Anything else: `bytes` is all that came. */
  indirect(socket: Socket, bytes: Buffer): void
}

interface Guest {
  readonly socket: GuestSocket
  readonly lobby: Lobby
  readonly opening: Opening
  readonly since: number
}

const guest = Symbol('guest')
type GuestSocket = Socket & { [guest]?: Guest | undefined }

function onData(this: GuestSocket, chunk: Buffer): void {
  const own = this[guest]
  own?.lobby.heard(own, chunk)
}
function onEnd(this: GuestSocket): void {
  this.destroy()
}
function onClose(this: GuestSocket): void {
  const own = this[guest]
  own?.lobby.left(own)
}
function onError(): void {
  // `close` follows, and says all there is to say.
}

const SWEEP_MS = 500

/**
 * Where connections wait until their first call says who serves them. Many clients, grpc-js among them, call nothing
 * before they have the server's SETTINGS: they get ours, and if the connection then goes to another server, whose
 * SETTINGS are the same, the acknowledgement of ours is taken out of what that server reads.
 */
export class Lobby {
  readonly #host: LobbyHost
  readonly #guests = new Set<Guest>()
  #cancelSweep: CancelTimer | undefined

  constructor(host: LobbyHost) {
    this.#host = host
  }

  get size(): number {
    return this.#guests.size
  }

  enter(socket: Socket): void {
    const own = {
      socket,
      lobby: this,
      opening: new Opening(() => this.#host.mayAttach()),
      since: this.#host.clock.monotonic(),
    }
    ;(socket as GuestSocket)[guest] = own
    this.#guests.add(own)
    socket.on('error', onError)
    socket.on('close', onClose)
    socket.on('end', onEnd)
    socket.on('data', onData)
    this.#cancelSweep ??= this.#sweepLater()
  }

  /** Sends away whoever still waits. */
  close(): void {
    this.#cancelSweep?.()
    for (const { socket } of this.#guests) socket.destroy()
  }

  heard(own: Guest, chunk: Buffer): void {
    const { opening, socket } = own
    const verdict = opening.feed(chunk)
    if (verdict === 'attach') this.#direct(own)
    else if (verdict === 'other') this.#indirect(own)
    else if (verdict === 'broken') socket.destroy()
    else if (opening.begun && !opening.greeted) {
      opening.greet()
      socket.write(greeting)
    }
  }

  left(own: Guest): void {
    this.#guests.delete(own)
  }

  #direct(own: Guest): void {
    this.#release(own)
    this.#host.direct(own.socket, own.opening.afterPreface, own.opening.greeted)
  }

  #indirect(own: Guest): void {
    this.#release(own)
    own.socket.pause()
    this.#host.indirect(own.socket, own.opening.forOthers)
  }

  #release(own: Guest): void {
    const { socket } = own
    this.#guests.delete(own)
    socket[guest] = undefined
    socket.off('data', onData)
    socket.off('end', onEnd)
    socket.off('close', onClose)
  }

  #sweepLater(): CancelTimer {
    return this.#host.clock.setTimer(SWEEP_MS, () => {
      const now = this.#host.clock.monotonic()
      for (const own of this.#guests) this.#review(own, now - own.since)
      this.#cancelSweep = this.#guests.size > 0 ? this.#sweepLater() : undefined
    })
  }

  /** Who connected and calls nothing is served by the other server; who does not even connect is sent away. */
  #review(own: Guest, waitedMs: number): void {
    if (waitedMs > limits.h2OpeningTimeoutMs) own.socket.destroy()
    else if (waitedMs > limits.h2UndecidedMs && own.opening.begun && own.opening.mayGo) this.#indirect(own)
  }
}
