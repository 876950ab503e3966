import type { Clock } from '../../keeper/src/base/clock.js'
import { silentLogger } from '../../keeper/src/base/logger.js'
import type { Random } from '../../keeper/src/base/random.js'
import type { FoundingMember } from '../../keeper/src/control/member-types.js'
import { Members } from '../../keeper/src/control/members.js'
import type { Member } from '../../keeper/src/node/types.js'
import { PushHub } from '../../keeper/src/push/hub.js'
import { CLUSTER_VERSION } from '../../keeper/src/store/cluster-version.js'

interface RoomParts {
  readonly clock: Clock
  readonly random: Random
  readonly name: string
}

/** Who the keepers are, as one of them sees it. It looks less often than in earnest: most of it is in vain. */
export function openMembers(
  member: Member,
  { name, founders, disks, ...parts }: RoomParts & { founders: readonly FoundingMember[]; disks: number },
): Members {
  const folder = `folder-${name}${'+'.repeat(disks)}`
  const own = { name, folder, peer: `${name}:7401`, clients: [], version: 'sim', format: CLUSTER_VERSION, features: 0 }
  const members = new Members({ ...parts, member, founders, logger: silentLogger, own: () => own, intervalMs: 150 })
  members.start()
  return members
}

/** The sessions of one keeper. */
export function openHub(member: Member, { clock, random, name }: RoomParts): PushHub {
  return new PushHub({
    ...{ member, clock, random, memberName: name, logger: silentLogger },
    executeRequests: async (_session, batch) => batch.requests.map(({ sequence }) => ({ sequence })),
    limits: { sessionTtlMs: 5_000, heartbeatIntervalMs: 1_500, reconnectDelayMs: 200 },
  })
}
