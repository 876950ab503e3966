import type { MemberStatus__Output, MembersResponse__Output } from '@keeper/proto'
import { Command } from 'commander'
import { parseHostPort } from '../../base/address.js'
import { KeeperError } from '../../base/errors.js'
import { type Context, withContext } from '../context.js'
import { type Output, table } from '../output.js'
import { plain } from '../plain.js'
import { recoverQuorumCommand } from './recover-quorum.js'

/** `keeper member …`: who the keepers of the cluster are. */
export function memberCommand(): Command {
  return new Command('member')
    .description('the keepers of the cluster: list, add, promote, remove')
    .addHelpText('after', '\nExamples:\n  keeper member list\n  keeper member add n4=10.0.0.4:7401')
    .addCommand(listCommand())
    .addCommand(addCommand())
    .addCommand(promoteCommand())
    .addCommand(removeCommand())
    .addCommand(recoverQuorumCommand())
}

function listCommand(): Command {
  return new Command('list')
    .description('all members, as the leader sees them')
    .addHelpText('after', '\nExamples:\n  keeper member list\n  keeper member list --output json')
    .action(
      withContext<object, []>(async (context) => {
        const { members, clusterId } = await ask(context, 'List', {})
        if (context.output.json) for (const member of members) context.output.value(plain({ ...member, clusterId }))
        else printMembers(context.output, members)
        return 0
      }),
    )
}

function addCommand(): Command {
  return new Command('add')
    .argument('<name=host:port>', 'the new member and where the others will reach it')
    .description('add a member; it joins as a learner and becomes a voter once it has caught up')
    .option('--learner', 'it stays a learner: it serves sessions and counts for no majority')
    .option('--wait', 'until it has caught up, and votes unless it is to stay a learner')
    .addHelpText(
      'after',
      '\nExamples:\n  keeper member add n4=10.0.0.4:7401\n  keeper serve --name n4 --data-dir /var/lib/keeper --listen-peer 10.0.0.4:7401 --join 10.0.0.1:7401\n  keeper member add n5=10.0.0.5:7401 --learner --wait',
    )
    .action(
      withContext<{ learner?: boolean; wait?: boolean }, [string]>(async (context, [text], options) => {
        const { name, peer } = parseMember(text)
        const learner = options.learner ?? false
        const answer = await ask(context, 'Add', { name, peer, learner })
        const [any] = answer.members.filter((member) => member.name !== name).map((member) => member.peer)
        const next = `start it: keeper serve --name ${name} --listen-peer ${peer} --join ${any ?? 'HOST:PORT'}`
        if (options.wait) context.output.error(next)
        const members = options.wait ? await untilThere(context, name, learner) : answer.members
        const done = options.wait ? (learner ? 'is there as a learner' : 'votes') : `added; ${next}`
        return say(context.output, members, answer.memberId, `${name} ${done}`)
      }),
    )
}

function promoteCommand(): Command {
  return new Command('promote')
    .argument('<name>', 'a learner')
    .description('make a learner a voter; refused while it lags behind')
    .addHelpText('after', '\nExamples:\n  keeper member promote n5')
    .action(
      withContext<object, [string]>(async (context, [name]) => {
        const { members, memberId } = await ask(context, 'Promote', { name })
        return say(context.output, members, memberId, `${name} votes`)
      }),
    )
}

function removeCommand(): Command {
  return new Command('remove')
    .argument('<name>', 'the member')
    .description('take a member out of the cluster, dead or alive; one that leads hands over first')
    .option('--force', 'although those that stay make no quorum')
    .addHelpText(
      'after',
      '\nExamples:\n  keeper member remove n3\n  keeper member remove n3 && keeper member add n3=10.0.0.9:7401     replaces a dead member',
    )
    .action(
      withContext<{ force?: boolean }, [string]>(async (context, [name], { force = false }) => {
        const { members, memberId } = await ask(context, 'Remove', { name, force })
        return say(context.output, members, memberId, `${name} removed; its data folder is of no use any more`)
      }),
    )
}

/** Asks a keeper; all that may take a change of leadership. */
export const ask = (context: Context, method: string, request: object): Promise<MembersResponse__Output> =>
  context.client.call<MembersResponse__Output>('members', method, request)

/** Says what was done, or gives the member concerned as JSON. */
export function say(output: Output, members: readonly MemberStatus__Output[], id: string, text: string): number {
  if (output.json) output.value(plain(members.find((member) => member.id === id) ?? { id }))
  else output.line(text)
  return 0
}

async function untilThere(context: Context, name: string, learner: boolean): Promise<readonly MemberStatus__Output[]> {
  for (;;) {
    const { members } = await ask(context, 'List', {})
    const found = members.find((member) => member.name === name)
    if (!found) throw new KeeperError('E_NOT_FOUND', `${name} was removed meanwhile`)
    const there = learner
      ? found.active && Number(found.lag) === 0
      : found.role === 'follower' || found.role === 'leader'
    if (there) return members
    if (context.signal.aborted) throw new KeeperError('E_TIMEOUT', `stopped waiting: ${name} is ${stateOf(found)}`)
    context.output.progress(`${name}: ${stateOf(found)}`)
    await new Promise((resolve) => setTimeout(resolve, pollMs))
  }
}

const pollMs = 300

function printMembers(output: Output, members: readonly MemberStatus__Output[]): void {
  const rows = members.map((member) => [
    Number(member.id).toString(16).padStart(12, '0'),
    member.name,
    member.role,
    member.peer || '-',
    member.clients.join(',') || '-',
    member.version || '-',
    stateOf(member),
  ])
  output.line(table(['ID', 'NAME', 'ROLE', 'PEER', 'CLIENTS', 'VERSION', 'STATE'], rows))
}

function stateOf({ role, joined, active, replication, lag, wanted }: MemberStatus__Output): string {
  if (wanted === 'removed') return 'is being removed'
  if (!joined && role !== 'leader') return 'not started'
  if (!active) return 'away'
  if (replication === 'snapshot') return 'receives a snapshot'
  return Number(lag) === 0 ? 'current' : `${lag} entries behind`
}

/** `n4=10.0.0.4:7401`. */
function parseMember(text: string): { name: string; peer: string } {
  const at = text.indexOf('=')
  const [name, peer] = [text.slice(0, at), text.slice(at + 1)]
  if (at < 1) throw new KeeperError('E_INVALID_ARGUMENT', `expected NAME=HOST:PORT, got "${text}"`)
  parseHostPort(peer)
  return { name, peer }
}
