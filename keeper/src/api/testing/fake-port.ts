/** The client port without a network: bytes are fed by hand, one call per chunk, and whatever throws reaches the test. */

import type { Socket } from 'node:net'
import { Duplex } from 'node:stream'
import { type Clock, systemClock } from '../../base/clock.js'
import { asKeeperError, type KeeperError } from '../../base/errors.js'
import type { Connection } from '../../push/types.js'
import { DirectConnection } from '../h2/connection.js'
import type { ConnectionError } from '../h2/frames.js'
import type { DirectHost } from '../h2/host.js'
import { Lobby, type LobbyHost } from '../h2/lobby.js'
import type { StreamHandler } from '../types.js'

class FakeSocket extends Duplex {
  readonly written: Buffer[] = []

  override _read(): void {}

  override _write(chunk: Buffer, _encoding: string, done: () => void): void {
    this.written.push(chunk)
    done()
  }
}

export class FakePort implements DirectHost, LobbyHost {
  readonly clock: Clock
  readonly lobby: Lobby
  readonly connections = new Set<DirectConnection>()
  readonly attached: Connection[] = []
  readonly messages: Buffer[] = []
  readonly defects: unknown[] = []
  /** What went to the other server. */
  readonly handedOn: Buffer[] = []
  readonly broken: number[] = []
  full = false
  closedHandlers = 0
  begunStreams = 0
  closedStreams = 0

  constructor(clock: Clock = systemClock) {
    this.clock = clock
    this.lobby = new Lobby(this)
  }

  client(): FakeSocket {
    const socket = new FakeSocket()
    this.lobby.enter(socket as unknown as Socket)
    return socket
  }

  mayAttach(): boolean {
    return !this.full
  }

  direct(socket: Socket, bytes: Buffer, greeted: boolean): void {
    const connection = new DirectConnection(socket, this)
    this.connections.add(connection)
    this.begunStreams++
    connection.start(bytes, greeted)
  }

  indirect(socket: Socket, bytes: Buffer): void {
    this.handedOn.push(bytes)
    socket.destroy()
  }

  accept(connection: Connection): StreamHandler {
    this.attached.push(connection)
    return {
      onFrame: (bytes) => this.messages.push(Buffer.from(bytes)),
      onClosed: () => this.closedHandlers++,
    }
  }

  publicError(thrown: unknown): KeeperError {
    const error = asKeeperError(thrown)
    if (error.code === 'E_INTERNAL') this.defects.push(thrown)
    return error
  }

  broke(error: ConnectionError): void {
    this.broken.push(error.code)
  }

  linger(): void {}

  closed(): void {
    this.closedStreams++
  }

  gone(connection: DirectConnection): void {
    this.connections.delete(connection)
  }
}
