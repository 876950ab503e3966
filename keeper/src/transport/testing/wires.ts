import { once } from 'node:events'
import { connect, createServer, type Server, type Socket } from 'node:net'
import { vi } from 'vitest'
import type { Clock, MonotonicMs } from '../../base/clock.js'
import { systemClock } from '../../base/clock.js'

/** Resolves with what `look` gives once that is something. */
export const soon = <T>(look: () => T | undefined | false | 0): Promise<T> =>
  vi.waitFor(
    () => {
      const found = look()
      if (!found) throw new Error('not yet')
      return found
    },
    { timeout: 10_000, interval: 2 },
  )

export const portOf = (server: Server): number => {
  const address = server.address()
  if (address === null || typeof address === 'string') throw new Error('no port')
  return address.port
}

/** Both ends of one connection over loopback. */
export async function socketPair(): Promise<[Socket, Socket]> {
  const server = createServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  const dialled = connect(portOf(server), '127.0.0.1')
  const [accepted] = (await once(server, 'connection')) as [Socket]
  server.close()
  if (dialled.connecting) await once(dialled, 'connect')
  return [dialled, accepted]
}

/** What stands between two members: passes bytes on until it is told otherwise. */
export class Wire {
  readonly #server: Server
  readonly #sockets = new Set<Socket>()
  /** Connections that were made over it. */
  connections = 0
  /** What happens to bytes on their way to where `to` listens: true breaks the connection before they arrive. */
  breaks: (chunk: Buffer) => boolean = () => false
  /** Refuses whoever comes. */
  down = false

  private constructor(to: string) {
    this.#server = createServer((near) => {
      if (this.down) return near.destroy()
      this.connections++
      const far = connect(Number(to.split(':')[1]), '127.0.0.1')
      for (const socket of [near, far]) {
        this.#sockets.add(socket)
        socket.setNoDelay(true)
        socket.on('error', () => {})
        socket.on('close', () => this.#end(near, far))
      }
      near.on('data', (chunk) => (this.breaks(chunk) ? this.#end(near, far) : far.write(chunk)))
      far.on('data', (chunk) => near.write(chunk))
      return undefined
    })
  }

  static async to(address: string): Promise<Wire> {
    const wire = new Wire(address)
    wire.#server.listen(0, '127.0.0.1')
    await once(wire.#server, 'listening')
    return wire
  }

  get address(): string {
    return `127.0.0.1:${portOf(this.#server)}`
  }

  cut(): void {
    for (const socket of this.#sockets) socket.destroy()
  }

  close(): void {
    this.cut()
    this.#server.close()
  }

  #end(near: Socket, far: Socket): void {
    for (const socket of [near, far]) {
      this.#sockets.delete(socket)
      socket.destroy()
    }
  }
}

/** A clock on which fifty times as much passes as on the machine's: for what takes its time to give up. */
export const hurriedClock: Clock = {
  monotonic: () => (systemClock.monotonic() * 50) as MonotonicMs,
  wall: systemClock.wall,
  setTimer: (delayMs, fire) => systemClock.setTimer(delayMs / 50, fire),
}
