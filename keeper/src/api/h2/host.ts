import type { Clock } from '../../base/clock.js'
import type { KeeperError } from '../../base/errors.js'
import type { Connection } from '../../push/types.js'
import type { StreamHandler } from '../types.js'
import type { DirectConnection } from './connection.js'
import type { ConnectionError } from './frames.js'

/** What a connection needs of its listener. */
export interface DirectHost {
  readonly clock: Clock
  accept(connection: Connection): StreamHandler
  /** The error to show for a thrown thing. */
  publicError(thrown: unknown): KeeperError
  broke(error: ConnectionError): void
  /** Calls `reset` unless the stream, and then its connection, end by themselves within `ms`. */
  linger(connection: DirectConnection, ms: number): void
  /** The stream is over; its connection may still be there. */
  closed(connection: DirectConnection): void
  gone(connection: DirectConnection): void
}
