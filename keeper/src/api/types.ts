/** What the api room asks of the rooms it stands on; each as narrow as it uses it. */

import type { Clock } from '../base/clock.js'
import type { Logger } from '../base/logger.js'
import type { IncomingFiles } from '../compile/read-tree-incoming.js'
import type { CompileOutput, SourceTree } from '../compile/types.js'
import type { Agreement } from '../control/agreement.js'
import type { Members } from '../control/members.js'
import type { Publisher } from '../control/publisher.js'
import type { Secrets } from '../control/secrets.js'
import type { SourceState } from '../control/types.js'
import type { Member } from '../node/types.js'
import type { PushHub } from '../push/hub.js'
import type { SystemKeys } from './system-keys.js'
import type { UserEvents } from './user-events.js'

/** Takes what comes from one attached stream. */
export interface StreamHandler {
  /** One message's bytes, without gRPC's prefix. A thrown KeeperError ends the stream with it. */
  onFrame(bytes: Uint8Array): void
  /** The stream is over: by the peer, a reset, or the network. Called once. */
  onClosed(): void
}

/** The push room as seen from here. */
export type SessionHub = Pick<PushHub, 'attach' | 'drain' | 'everywhere' | 'nameOf' | 'readers' | 'stats'>

export interface TreeCompiler {
  compile(tree: SourceTree): Promise<CompileOutput>
  /** A large file comes: what is known of those before it is not worth its memory any more. */
  forget?(): Promise<void>
}

/** Everything the services work with. */
export interface ApiContext {
  readonly member: Member
  readonly memberName: string
  readonly version: string
  readonly hub: SessionHub
  readonly publisher: Publisher
  readonly compiler: TreeCompiler
  /** Where large files lie that are on their way in; without it, in memory. */
  readonly incoming?: Pick<IncomingFiles, 'begin'>
  readonly members: Members
  readonly secrets: Secrets
  /** Whether the members were started alike. */
  readonly agreement: Pick<Agreement, 'disagreements'>
  readonly clock: Clock
  readonly logger: Logger
  readonly authorize: Authorize
  readonly startedUnixMs: number
  readonly systemKeys: SystemKeys
  readonly userEvents: UserEvents
  /** Directories that this member watches. */
  sources(): readonly SourceState[]
  /** May requests be served? What health says. */
  ready(): boolean
}

/** May `principal` do it? Throws a KeeperError (E_PERMISSION) if not. */
export type Authorize = (principal: string, action: Action, resource: string) => void

export type Action =
  | 'session.attach'
  | 'config.read'
  | 'config.publish'
  | 'config.approve'
  | 'config.subscribe'
  | 'cluster.read'
  | 'cluster.change'
  | 'cluster.snapshot'
  | 'secret.read'
  | 'secret.write'
  | 'kv.read'
  | 'kv.write'
  | 'kv.request'
