import type { ClientFrame, ServerFrame__Output } from '@keeper/proto/wire'
import type { KeeperClientError } from './errors.js'

/** What a stream tells its owner. Never called from within `open` or `send`; nothing comes after `onClosed`. */
export interface StreamEvents {
  /** The endpoint takes the connection; it has not answered yet. Not before a turn of the event loop is over. */
  onReached?(): void
  onFrame(frame: ServerFrame__Output): void
  /** The stream is gone: ended by the keeper (no error), or broken. */
  onClosed(error: KeeperClientError | undefined): void
}

/** One attached stream. All calls are synchronous; a closed stream ignores them. */
export interface ClientStream {
  send(frame: ClientFrame): void
  /** No more frames will be sent; what was sent still goes out, then `onClosed`. */
  end(): void
  /** Gone at once; no event follows. */
  cancel(): void
}

/** Opens streams to keepers: over gRPC, in memory, or simulated. */
export interface Transport {
  open(endpoint: string, events: StreamEvents): ClientStream
}
