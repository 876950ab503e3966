/** The whole client port over the real store and the real hub, on a free port of loopback. */

import * as grpc from '@grpc/grpc-js'
import { type ClientFrame, clientFrame, type ServerFrame__Output, serverFrame, services, status } from '@keeper/proto'
import { systemClock } from '../../base/clock.js'
import { type Logger, silentLogger } from '../../base/logger.js'
import { systemRandom } from '../../base/random.js'
import type { SealingKeys } from '../../base/sealing.js'
import { compileTree } from '../../compile/compiler.js'
import { tree } from '../../compile/testing/tree.js'
import { Members } from '../../control/members.js'
import { Publisher } from '../../control/publisher.js'
import { Secrets } from '../../control/secrets.js'
import { PushHub } from '../../push/hub.js'
import { type LogMember, SharedLog } from '../../push/testing/shared-log.js'
import { createRequestExecutor } from '../kv-requests.js'
import { type Api, type ApiOptions, startApi } from '../start-api.js'

export interface ApiHouse {
  readonly api: Api
  readonly member: LogMember
  readonly log: SharedLog
  readonly hub: PushHub
  readonly publisher: Publisher
  readonly address: string
  readonly client: grpc.Client
  publish(files: Record<string, string>): Promise<number>
  call<Response>(service: keyof typeof services, method: string, request: object): Promise<Response>
  stream<Response>(service: keyof typeof services, method: string, request: object): Stream<Response>
  attach(): SessionCall
  close(): Promise<void>
}

export async function openApi(
  options: Partial<ApiOptions> = {},
  logger: Logger = silentLogger,
  keys?: SealingKeys,
): Promise<ApiHouse> {
  const log = new SharedLog(systemClock, ['n1'])
  const [member] = log.members
  if (!member) throw new Error('a house needs a member')
  const common = { member, memberName: 'n1', clock: systemClock, logger }
  const executeRequests = createRequestExecutor(member, logger)
  const hub = new PushHub({ ...common, random: systemRandom, executeRequests, ...(keys && { sealingKeys: keys }) })
  const publisher = new Publisher({ member, clock: systemClock, random: systemRandom })
  const compiler = { compile: async (files: Parameters<typeof compileTree>[0]) => compileTree(files) }
  const address = { host: '127.0.0.1', port: 0 }
  const own = () => ({
    ...{ name: 'n1', folder: 'f', peer: '127.0.0.1:7401', clients: [], version: '0.1.0', format: 1, features: 0 },
  })
  const secrets = new Secrets({ member, clock: systemClock, random: systemRandom, ...(keys && { keys }) })
  const members = new Members({ member, clock: systemClock, random: systemRandom, logger, own, founders: [] })
  const api = await startApi({
    ...common,
    version: '0.1.0',
    hub,
    publisher,
    compiler,
    members,
    secrets,
    agreement: { disagreements: () => [] },
    address,
    ...options,
  })
  const client = new grpc.Client(`127.0.0.1:${api.port}`, grpc.credentials.createInsecure(), {
    'grpc.use_local_subchannel_pool': 1,
  })
  return {
    api,
    member,
    log,
    hub,
    publisher,
    address: `127.0.0.1:${api.port}`,
    client,
    async publish(files) {
      const output = compileTree(tree(files))
      const words = { source: 'test', author: 'ops', reason: 'because', action: 'apply' }
      return (await publisher.publish({ output, ...words })).revision
    },
    call: (service, method, request) => unary(client, service, method, request),
    stream: (service, method, request) => new Stream(serverStream(client, service, method, request)),
    attach: () => new SessionCall(client),
    async close() {
      client.close()
      await api.close({ drainMs: 200 })
      hub.close()
    },
  }
}

function definitionOf(service: keyof typeof services, method: string): grpc.MethodDefinition<object, unknown> {
  const definition = services[service][method]
  if (!definition) throw new Error(`no ${service}.${method}`)
  return definition as grpc.MethodDefinition<object, unknown>
}

function unary<Response>(client: grpc.Client, service: keyof typeof services, method: string, request: object) {
  const { path, requestSerialize, responseDeserialize } = definitionOf(service, method)
  return new Promise<Response>((resolve, reject) => {
    client.makeUnaryRequest(path, requestSerialize, responseDeserialize, request, (error, response) =>
      error ? reject(failureOf(error)) : resolve(response as Response),
    )
  })
}

function serverStream(client: grpc.Client, service: keyof typeof services, method: string, request: object) {
  const { path, requestSerialize, responseDeserialize } = definitionOf(service, method)
  return client.makeServerStreamRequest(path, requestSerialize, responseDeserialize, request)
}

export function bidi(client: grpc.Client, service: keyof typeof services, method: string) {
  const { path, requestSerialize, responseDeserialize } = definitionOf(service, method)
  return client.makeBidiStreamRequest(path, requestSerialize, responseDeserialize)
}

/** What a client sees of a failure: gRPC's code, and the registry's from the trailer. */
export class Failure extends Error {
  readonly grpc: number
  readonly code: string
  readonly details: string

  constructor(grpcCode: number, code: string, message: string, details: string) {
    super(message)
    this.grpc = grpcCode
    this.code = code
    this.details = details
  }
}

export function failureOf(error: grpc.ServiceError): Failure {
  const trailer = error.metadata?.get('keeper-error-bin')[0]
  const sent = trailer instanceof Buffer ? status.decode(trailer) : undefined
  return new Failure(error.code, sent?.code ?? '', error.details, sent?.detailsJson ?? '')
}

/** Messages of a call, one by one; `next` rejects with the call's failure, and gives undefined at its end. */
export class Stream<Response> {
  readonly call: grpc.ClientReadableStream<unknown> | grpc.ClientDuplexStream<object, unknown>
  readonly #messages: Response[] = []
  #end: (() => Response | undefined) | undefined
  #wake: () => void = () => {}

  constructor(call: grpc.ClientReadableStream<unknown> | grpc.ClientDuplexStream<object, unknown>) {
    this.call = call
    call.on('data', (message: unknown) => {
      this.#messages.push(message as Response)
      this.#wake()
    })
    call.on('error', (error: grpc.ServiceError) => this.#over(failureOf(error)))
    call.on('end', () => this.#over(undefined))
  }

  async next(): Promise<Response | undefined> {
    while (this.#messages.length === 0 && !this.#end) {
      await new Promise<void>((resolve) => {
        this.#wake = resolve
      })
    }
    const message = this.#messages.shift()
    return message ?? this.#end?.()
  }

  /** The next message that the test is after. */
  async find(wanted: (message: Response) => boolean): Promise<Response> {
    for (;;) {
      const message = await this.next()
      if (message === undefined) throw new Error('the stream ended without it')
      if (wanted(message)) return message
    }
  }

  get waiting(): number {
    return this.#messages.length
  }

  cancel(): void {
    this.call.cancel()
  }

  #over(failure: Failure | undefined): void {
    // A failed call ends after it failed: the failure is what counts.
    setImmediate(() => {
      this.#end ??= () => {
        if (failure) throw failure
        return undefined
      }
      this.#wake()
    })
  }
}

/** The session stream through grpc-js: what a foreign client would do. */
export class SessionCall extends Stream<ServerFrame__Output> {
  readonly #call: grpc.ClientDuplexStream<Buffer, ServerFrame__Output>

  constructor(client: grpc.Client) {
    const call = client.makeBidiStreamRequest(
      '/keeper.v1.Sessions/Attach',
      (bytes: Buffer) => bytes,
      (bytes: Buffer) => serverFrame.decode(bytes),
    )
    super(call as unknown as grpc.ClientDuplexStream<object, unknown>)
    this.#call = call
  }

  write(frame: ClientFrame): void {
    this.#call.write(clientFrame.encode(frame))
  }

  writeRaw(bytes: Buffer): void {
    this.#call.write(bytes)
  }

  end(): void {
    this.#call.end()
  }

  hello(instance: string, subscriptions: string[] = [], labels: Record<string, string> = {}): void {
    const identity = {
      cluster: 'push',
      role: 'room',
      instance,
      incarnation: `${instance}-1`,
      host: 'h',
      pid: 1,
      labels,
    }
    this.write({ hello: { protocol: 1, identity, subscriptions } })
  }
}
