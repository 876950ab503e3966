/** What a PushHub is built from. Everything it does to the world goes through these. */

import type { Reply, RequestBatch__Output } from '@keeper/proto'
import type { Clock } from '../base/clock.js'
import type { limits as defaults } from '../base/limits.js'
import type { Logger } from '../base/logger.js'
import type { Random } from '../base/random.js'
import type { SealingKeys } from '../base/sealing.js'
import type { Member } from '../node/types.js'
import type { ProcessIdentity } from '../store/process-records.js'
import type { LedgerEntry } from './types.js'

/** The entries of base/limits.ts that bound sessions. */
export type SessionLimits = { readonly [K in keyof typeof defaults]: number }

/** May `principal` do it? Throws a KeeperError (E_PERMISSION) if not. */
export type Authorize = (
  principal: string,
  action: 'session.attach' | 'config.subscribe' | 'kv.request',
  resource: string,
) => void

/** A session as other rooms see it. */
export interface SessionView {
  readonly id: bigint
  readonly namespace: string
  readonly principal: string
  readonly identity: ProcessIdentity
}

export interface PushHubOptions {
  readonly member: Member
  readonly memberName: string
  readonly clock: Clock
  /** Must be fit for secrets, but in a simulator. */
  readonly random: Random
  readonly logger: Logger
  /** Executes a session's requests, which wait for the same; resolves with one reply for each, in any order. */
  readonly executeRequests: (session: SessionView, batch: RequestBatch__Output) => Promise<readonly Reply[]>
  /** Allow-all when absent. */
  readonly authorize?: Authorize
  /** Which namespaces are served here; `default` alone when absent. */
  readonly namespaces?: (namespace: string) => boolean
  readonly limits?: Partial<SessionLimits>
  /** Told of each config that a process says it does not take, or fails on. */
  readonly onRefused?: (row: LedgerEntry, namespace: string) => void
  /** Open the secrets that values name; without them such values are not sent. */
  readonly sealingKeys?: SealingKeys
}
