import type { MembersHandlers } from '@keeper/proto'
import { parseHostPort } from '../base/address.js'
import { KeeperError } from '../base/errors.js'
import { limits } from '../base/limits.js'
import type { MembersAnswer, MemberView } from '../control/member-types.js'
import type { Calls } from './calls.js'
import type { ApiContext } from './types.js'

/** keeper.v1.Members: who the keepers are, and how that changes. */
export function membersService(context: ApiContext, calls: Calls): MembersHandlers {
  const { members, authorize } = context
  const changing = (principal: string, name: string) => authorize(principal, 'cluster.change', name)
  const response = (answer: MembersAnswer) => ({
    memberId: answer.id,
    members: answer.members.map(statusOf),
    clusterId: context.member.status().identity.clusterId,
  })
  return {
    List: calls.unary(async (_request, { principal }) => {
      authorize(principal, 'cluster.read', '')
      return response({ id: 0, members: await members.list(limits.membersListPatienceMs) })
    }),
    Add: calls.unary(async ({ name, peer, learner }, { principal }) => {
      changing(principal, name)
      checkName(name)
      checkPeer(peer)
      return response(await members.add({ name, peer, learner }))
    }),
    Promote: calls.unary(async ({ name }, { principal }) => {
      changing(principal, name)
      return response(await members.promote(name))
    }),
    Remove: calls.unary(async ({ name, force }, { principal }) => {
      changing(principal, name)
      return response(await members.remove(name, force))
    }),
    TransferLeadership: calls.unary(async ({ to }, { principal }) => {
      changing(principal, to)
      return response(await members.transfer(to))
    }),
  }
}

const statusOf = (view: MemberView) => ({
  id: view.id,
  name: view.name,
  role: view.leads ? 'leader' : view.voter ? 'follower' : view.takesPart ? 'learner' : 'none',
  peer: view.peer,
  clients: [...view.clients],
  version: view.version,
  joined: view.joined,
  active: view.active,
  wanted: view.wanted,
  match: view.match ?? 0,
  lag: view.lag ?? 0,
  replication: view.state ?? '',
})

function checkName(name: string): void {
  if (name === '' || /[/\p{Cc}\p{Cs}=,\s]/u.test(name) || Buffer.byteLength(name) > limits.segmentBytesMax)
    throw new KeeperError(
      'E_BAD_NAME',
      `member name "${name}": expected 1 to ${limits.segmentBytesMax} bytes without slash, space, comma, equals sign`,
    )
}

function checkPeer(peer: string): void {
  if (parseHostPort(peer).port === 0)
    throw new KeeperError(
      'E_INVALID_ARGUMENT',
      `peer address ${peer}: expected the port that the member will listen on`,
    )
}
