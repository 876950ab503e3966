/** A hub over the shared log, ready for tests. */

import { silentLogger } from '../../base/logger.js'
import { seededRandom } from '../../base/random.js'
import { PushHub } from '../hub.js'
import type { PushHubOptions } from '../options.js'
import { ManualClock } from './manual-clock.js'
import { type LogMember, SharedLog } from './shared-log.js'

export interface House {
  readonly clock: ManualClock
  readonly log: SharedLog
  readonly member: LogMember
  readonly hub: PushHub
}

export function makeHub(member: LogMember, clock: ManualClock, options: Partial<PushHubOptions> = {}): PushHub {
  return new PushHub({
    member,
    memberName: member.name,
    clock,
    random: seededRandom(member.status().identity.memberId),
    logger: silentLogger,
    executeRequests: async (_session, batch) => batch.requests.map(({ sequence }) => ({ sequence })),
    ...options,
  })
}

/** One member and its hub; `log.members` has the others of `names`. */
export function makeHouse(options: Partial<PushHubOptions> = {}, names: readonly string[] = ['n1']): House {
  const clock = new ManualClock()
  const log = new SharedLog(clock, names)
  const [member] = log.members
  if (!member) throw new Error('a house needs a member')
  return { clock, log, member, hub: makeHub(member, clock, options) }
}
