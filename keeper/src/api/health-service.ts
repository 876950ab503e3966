import type { handleServerStreamingCall, handleUnaryCall, UntypedServiceImplementation } from '@grpc/grpc-js'
import { services } from '@keeper/proto'
import { KeeperError } from '../base/errors.js'
import type { Calls } from './calls.js'
import { Changes } from './changes.js'

interface Request {
  readonly service: string
}
interface Response {
  readonly status: 'SERVING' | 'NOT_SERVING' | 'SERVICE_UNKNOWN'
}
interface HealthHandlers extends UntypedServiceImplementation {
  Check: handleUnaryCall<Request, Response>
  Watch: handleServerStreamingCall<Request, Response>
}

const known = new Set([
  '',
  ...Object.values(services).map((service) => Object.values(service)[0]?.path.split('/')[1] ?? ''),
])

/** grpc.health.v1: every service serves when the member is ready, and none when it is not. */
export class Health {
  readonly #ready: () => boolean
  readonly #watches = new Set<Changes>()

  constructor(ready: () => boolean) {
    this.#ready = ready
  }

  /** Readiness may have changed: whoever watches is told. */
  refresh(): void {
    for (const watch of this.#watches) watch.note()
  }

  service(calls: Calls): HealthHandlers {
    return {
      Check: calls.unary(({ service }) => {
        if (!known.has(service)) throw new KeeperError('E_NOT_FOUND', `no service ${service.slice(0, 128)}`)
        return this.#status(service)
      }),
      Watch: calls.serverStream(async ({ service }, sink, { signal }) => {
        const changes = new Changes(signal)
        this.#watches.add(changes)
        signal.addEventListener('abort', () => this.#watches.delete(changes), { once: true })
        let sent = ''
        while (!signal.aborted) {
          const response = this.#status(service)
          if (response.status !== sent) sink.send(response)
          sent = response.status
          await changes.wait()
        }
      }),
    }
  }

  #status(service: string): Response {
    if (!known.has(service)) return { status: 'SERVICE_UNKNOWN' }
    return { status: this.#ready() ? 'SERVING' : 'NOT_SERVING' }
  }
}
