import { Server } from '@grpc/grpc-js'
import { ReflectionService } from '@grpc/reflection'
import { definition, services } from '@keeper/proto'
import type { HostPort } from '../base/address.js'
import type { Clock } from '../base/clock.js'
import { limits } from '../base/limits.js'
import type { Logger } from '../base/logger.js'
import type { Members } from '../control/members.js'
import type { Publisher } from '../control/publisher.js'
import type { Secrets } from '../control/secrets.js'
import type { SourceState } from '../control/types.js'
import type { Member } from '../node/types.js'
import { allowAll } from './authorize.js'
import { Calls } from './calls.js'
import { changesService } from './changes-service.js'
import { clusterService } from './cluster-service.js'
import { configsService } from './configs-service.js'
import { controlService } from './control-service.js'
import { GrpcListener, type GrpcListenerOptions } from './grpc-listener.js'
import { Health } from './health-service.js'
import { ConfigsHttp, type HttpBounds } from './http/configs-http.js'
import { kvService } from './kv-service.js'
import { membersService } from './members-service.js'
import { secretsService } from './secrets-service.js'
import { snapshotService } from './snapshot-service.js'
import { SystemKeys } from './system-keys.js'
import type { ApiContext, Authorize, SessionHub, TreeCompiler } from './types.js'
import { UserEvents } from './user-events.js'

export interface ApiOptions {
  readonly member: Member
  readonly memberName: string
  readonly version: string
  readonly hub: SessionHub
  readonly publisher: Publisher
  readonly compiler: TreeCompiler
  /** As of ApiContext. */
  readonly incoming?: NonNullable<ApiContext['incoming']>
  readonly members: Members
  readonly secrets: Secrets
  readonly agreement: ApiContext['agreement']
  /** Port 0: any free one. */
  readonly address: HostPort
  /** When this process began, milliseconds since the Unix epoch; default: now. */
  readonly startedUnixMs?: number
  readonly tls?: GrpcListenerOptions['tls']
  /** Listen beyond loopback without TLS. */
  readonly insecure?: boolean
  readonly clock: Clock
  readonly logger: Logger
  /** Directories that this member watches. */
  readonly sources?: () => readonly SourceState[]
  /** May requests be served? By default: the member is well. */
  readonly ready?: () => boolean
  readonly authorize?: Authorize
  /** Those of base/limits.ts when absent. */
  readonly sessionsMax?: number
  readonly watchersMax?: number
  readonly http?: HttpBounds
  /** See GrpcListenerOptions. */
  readonly directSessions?: boolean
}

export interface Api {
  readonly port: number
  /** HTTP/2 connections and attached session streams. */
  stats(): { connections: number; streams: number }
  /** What the HTTP port hands on. */
  readonly http: ConfigsHttp
  /** Readiness may have changed: tell those who watch health. */
  refreshHealth(): void
  /**
   * Health says NOT_SERVING, sessions are sent away, calls under way get `drainMs` to end, then everything is cut.
   */
  close(drain?: { drainMs?: number; reconnectAfterMs?: number }): Promise<void>
}

/**
 * The client port: sessions, our services, health and reflection on one address. Rejects E_INSECURE_LISTEN,
 * E_ADDRESS_IN_USE, E_INVALID_ARGUMENT.
 */
export async function startApi(options: ApiOptions): Promise<Api> {
  const { member, hub, clock, logger, address, tls, insecure = false } = options
  let closing = false
  const well = options.ready ?? (() => member.status().condition === 'clean')
  const context: ApiContext = {
    ...options,
    authorize: options.authorize ?? allowAll,
    startedUnixMs: options.startedUnixMs ?? clock.wall(),
    systemKeys: new SystemKeys(member),
    userEvents: new UserEvents(member),
    sources: options.sources ?? (() => []),
    ready: () => !closing && well(),
  }
  const health = new Health(() => context.ready())
  const server = makeServer(context, health, options.watchersMax)
  const listener = new GrpcListener({
    address,
    ...(tls && { tls }),
    insecure,
    server,
    accept: (connection, principal) => {
      context.authorize(principal, 'session.attach', '')
      return hub.attach(connection, principal)
    },
    clock,
    logger,
    ...(options.sessionsMax !== undefined && { sessionsMax: options.sessionsMax }),
    ...(options.directSessions !== undefined && { directSessions: options.directSessions }),
  })
  const port = await listener.listen()
  const http = new ConfigsHttp(context, options.http)
  return {
    port,
    http,
    stats: () => ({ connections: listener.connections, streams: listener.streams }),
    refreshHealth: () => health.refresh(),
    async close({ drainMs = limits.drainMs, reconnectAfterMs = limits.drainReconnectMs } = {}) {
      closing = true
      http.close()
      listener.refuse()
      health.refresh()
      hub.drain({ reconnectAfterMs })
      await listener.close(drainMs)
      server.forceShutdown()
      context.systemKeys.close()
      context.userEvents.close()
    },
  }
}

function makeServer(context: ApiContext, health: Health, watchersMax?: number): Server {
  const server = new Server({
    'grpc.enable_channelz': 0,
    'grpc.max_receive_message_length': limits.messageBytesMax,
    'grpc.max_send_message_length': limits.treeBytesMax,
  })
  const calls = new Calls(context.logger, watchersMax)
  server.addService(services.configs, configsService(context, calls))
  server.addService(services.changes, changesService(context, calls))
  server.addService(services.control, controlService(context, calls))
  server.addService(services.cluster, clusterService(context, calls))
  server.addService(services.members, membersService(context, calls))
  server.addService(services.secrets, secretsService(context, calls))
  server.addService(services.snapshots, snapshotService(context, calls))
  server.addService(services.kv, kvService(context, calls))
  server.addService(services.health, health.service(calls))
  new ReflectionService(definition).addToServer(server)
  return server
}
