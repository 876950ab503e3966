import type { ApplyHeader__Output } from '@keeper/proto'
import { KeeperError } from '../base/errors.js'
import { limits } from '../base/limits.js'
import type { CompileOutput } from '../compile/types.js'
import type { AffectedLimit } from '../control/guards.js'
import type { PlannedName, PublishRequest } from '../control/types.js'
import { DEFAULT_NAMESPACE } from '../store/records.js'
import { uint } from './calls.js'

/** What an apply's header asks of the publisher. Throws E_INVALID_ARGUMENT. */
export function publishRequest(header: ApplyHeader__Output, output: CompileOutput, principal: string): PublishRequest {
  return {
    namespace: header.namespace || DEFAULT_NAMESPACE,
    source: header.source || 'cli',
    output,
    author: header.author || principal,
    reason: header.reason,
    action: 'apply',
    takeover: header.takeover,
    release: header.release,
    dryRun: header.dryRun,
    gitCommit: header.gitCommit,
    principal,
    spreadMs: spreadOf(header.spreadMs),
    refuseTypeChanges: header.refuseTypeChanges,
    affected: affectedLimit(header.maxAffected),
    ...(header.place !== '' && { place: header.place }),
    ...(header.asPlanned && { planned: header.planned.map(plannedName) }),
  }
}

/** By hand everybody may be reached, unless it is said otherwise. Throws E_INVALID_ARGUMENT. */
export function affectedLimit(maxAffected: number): AffectedLimit {
  if (!(maxAffected >= 0 && maxAffected <= 1))
    throw new KeeperError('E_INVALID_ARGUMENT', `max_affected is a share between 0 and 1, not ${maxAffected}`)
  return { share: maxAffected === 0 ? 1 : maxAffected, atLeast: 1 }
}

export function spreadOf(spreadMs: number): number {
  if (spreadMs <= limits.spreadMsMax) return spreadMs
  throw new KeeperError('E_INVALID_ARGUMENT', `a spread is at most ${limits.spreadMsMax} ms, not ${spreadMs}`)
}

/** A plan is for the cluster that it was made on. Throws E_MOVED for another. */
export function checkCluster({ clusterId, asPlanned }: ApplyHeader__Output, own: string): void {
  if (asPlanned && clusterId !== '' && clusterId !== own)
    throw new KeeperError('E_MOVED', `the plan was made for cluster ${clusterId}, this is ${own}`, { own })
}

const plannedName = (wire: ApplyHeader__Output['planned'][number]): PlannedName => ({
  name: wire.name,
  fromRevision: uint('from_revision', wire.fromRevision),
  digest: wire.digest,
})
