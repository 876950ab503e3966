import { KeeperError } from '../base/errors.js'
import type { Member } from '../node/types.js'
import { readMember, writeMember } from './member-book.js'
import type { FoundingMember, JoinAnswer, JoinRequest, MemberView } from './member-types.js'

const claimAttempts = 3

/**
 * Tells who comes with --join which member it is, and remembers its data folder: a name belongs to the first folder
 * that asks for it. Rejects E_MEMBER_UNKNOWN, E_MEMBER_DUPLICATE, E_UNSUPPORTED, E_CONFLICT.
 */
export async function answerJoin(
  request: JoinRequest,
  world: {
    readonly member: Member
    readonly founders: readonly FoundingMember[]
    readonly members: readonly MemberView[]
  },
): Promise<JoinAnswer> {
  const { member, founders, members } = world
  const { name, format } = request
  await member.linearizableRead()
  const found = members.find((one) => one.name === name && one.wanted !== 'removed')
  if (!found)
    throw new KeeperError(
      'E_MEMBER_UNKNOWN',
      `no member ${name} was added to this cluster: run \`keeper member add ${name}=HOST:PORT\` first`,
    )
  const version = member.store.clusterVersion()
  if (format < version)
    throw new KeeperError('E_UNSUPPORTED', `the cluster has version ${version}; ${name} understands ${format} only`)
  const { clusterId, storeEpoch } = member.status().identity
  const lostDisk = await claim(member, found, request)
  return {
    ...{ clusterId, storeEpoch, id: found.id, lostDisk, founders },
    learner: !found.voter,
    members: members.map(({ id, name: other, peer }) => ({ id, name: other, peer })),
  }
}

/** False when the folder is the member's; true when the member had another one that is gone. */
async function claim(member: Member, found: MemberView, { name, folder }: JoinRequest): Promise<boolean> {
  for (let attempt = 0; attempt < claimAttempts; attempt++) {
    const read = readMember(member.store, found.id)
    if (read?.record.folder === folder) return false
    if (read?.record.folder !== '') {
      if (found.active)
        throw new KeeperError(
          'E_MEMBER_DUPLICATE',
          `${name} runs already, with another data folder; a second one needs a name of its own`,
        )
      return true
    }
    if (await writeMember(member, { ...read.record, folder }, read)) return false
  }
  throw new KeeperError('E_CONFLICT', `the record of ${name} is written by others again and again`)
}
