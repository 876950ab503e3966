import type { TlsFiles } from '@keeper/proto'
import type { KeeperClient, ServiceName, StreamCall } from './client.js'

/** What commands ask keepers through. */
export type Client = Pick<KeeperClient, 'call' | 'watch' | 'stream'>

/** A client that is loaded, with all of gRPC, by the first call: one that asks no keeper starts a third sooner. */
export class LateClient implements Client {
  readonly #endpoints: readonly string[]
  readonly #tls: TlsFiles | undefined
  #client: Promise<KeeperClient> | undefined

  constructor(endpoints: readonly string[], { tls }: { tls?: TlsFiles | undefined } = {}) {
    this.#endpoints = endpoints
    this.#tls = tls
  }

  async call<Response>(service: ServiceName, method: string, request: object): Promise<Response> {
    return (await this.#loaded()).call<Response>(service, method, request)
  }

  async watch<Response>(service: ServiceName, method: string, request: object): Promise<StreamCall<never, Response>> {
    return (await this.#loaded()).watch<Response>(service, method, request)
  }

  async stream<Request extends object, Response>(
    service: ServiceName,
    method: string,
  ): Promise<StreamCall<Request, Response>> {
    return (await this.#loaded()).stream<Request, Response>(service, method)
  }

  /** Closes what was loaded. */
  async close(): Promise<void> {
    ;(await this.#client)?.close()
  }

  #loaded(): Promise<KeeperClient> {
    this.#client ??= import('./client.js').then(
      ({ KeeperClient }) => new KeeperClient(this.#endpoints, { tls: this.#tls }),
    )
    return this.#client
  }
}
