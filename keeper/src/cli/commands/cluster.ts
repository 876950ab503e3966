import type {
  InstancesResponse__Output,
  ListConfigsResponse__Output,
  SourceStatus__Output,
  Status__Output,
  StatusResponse__Output,
} from '@keeper/proto'
import { Command } from 'commander'
import { asKeeperError, errorKinds, isErrorCode, KeeperError } from '../../base/errors.js'
import { limits } from '../../base/limits.js'
import { oneLine } from '../../base/one-line.js'
import { withContext } from '../context.js'
import { ago, type Output, paint, table } from '../output.js'
import { plain } from '../plain.js'

/** `keeper status` and `keeper instances`. */
export const clusterCommands = (): Command[] => [statusCommand(), instancesCommand()]

function statusCommand(): Command {
  return new Command('status')
    .description('what this keeper is, what it holds, and how far its processes are')
    .addHelpText('after', '\nExamples:\n  keeper status\n  keeper status --output json')
    .action(
      withContext<object, []>(async ({ client, output, namespace }) => {
        const status = await client.call<StatusResponse__Output>('cluster', 'Status', { namespace })
        const listed = await client
          .call<ListConfigsResponse__Output>('configs', 'List', { namespace })
          .catch((thrown: unknown) => asKeeperError(thrown))
        if (listed instanceof KeeperError) return tellAlone(output, status, listed)
        if (output.json) output.value(plain({ ...status, configs: listed.configs }))
        else printStatus(output, status, listed.configs)
        return 0
      }),
    )
}

/** Without a leader a keeper still says what it is. Rethrows why it says no more. */
function tellAlone(output: Output, status: StatusResponse__Output, why: KeeperError): never {
  if (output.json) output.value(plain(status))
  else {
    printSelf(output, status)
    if (status.leader === '') output.line(paint(output, 'red', 'no leader: this keeper hears too few of the others'))
  }
  throw why
}

function printStatus(
  output: Output,
  status: StatusResponse__Output,
  configs: ListConfigsResponse__Output['configs'],
): void {
  printSelf(output, status)
  output.line('')
  const rows = configs.map((config) => [
    config.name,
    `r${config.revision}`,
    config.removed ? 'removed' : config.held ? 'held' : 'live',
    `${config.applied}/${config.processes}`,
    Object.entries(config.audience)
      .map(([label, value]) => `${label}=${value}`)
      .join(',') || 'nobody',
  ])
  output.line(table(['CONFIG', 'REVISION', 'STATE', 'APPLIED', 'AUDIENCE'], rows, 'no configs yet: keeper apply DIR'))
}

/** What it knows of itself. */
function printSelf(output: Output, status: StatusResponse__Output): void {
  output.line(
    `${paint(output, 'bold', `keeper ${status.memberName}`)} ${status.version} · ${status.role} of term ${status.term} · ${status.condition} · up since ${new Date(Number(status.startedUnixMs)).toISOString()}`,
  )
  output.line(
    `cluster ${status.clusterId} epoch ${status.storeEpoch} · applied ${status.appliedIndex} flushed ${status.flushedIndex} · r${status.systemRevision} · ${status.sessions} processes, ${status.sessionsHere} of them here · state ${status.stateHash}`,
  )
  for (const alarm of status.alarms) output.line(paint(output, 'red', `alarm ${alarm}: ${alarmMeaning(alarm)}`))
  for (const one of status.disagreements) for (const line of disagreement(output, one)) output.line(line)
  for (const line of sourceLines(output, status)) output.line(line)
}

/** What the keepers were not started alike with, and what to do about it. */
const disagreement = (output: Output, { code, message }: Status__Output): string[] => [
  `${paint(output, 'red', 'not started alike')} · ${message} (${code})`,
  ...(isErrorCode(code) ? [`  ${errorKinds[code].fix}`] : []),
]

/** Sources with what is wrong with them, holds, and what waits for somebody. */
function sourceLines(output: Output, status: StatusResponse__Output): string[] {
  const warn = (text: string) => paint(output, 'yellow', text)
  const parked = status.pending > 0 ? [warn(`${status.pending} parked: keeper pending`)] : []
  const holds = status.held.map(
    ({ name, action, author, reason, wallMs }) =>
      `${warn('held')} ${name} · ${action || 'rollback'} by ${author} ${ago(Number(wallMs), Date.now())}${reason ? `: ${oneLine(reason)}` : ''} · keeper release ${name}`,
  )
  const unowned = status.unowned.length > 0 ? [warn(`no source publishes: ${some(status.unowned)}`)] : []
  return [...status.sources.flatMap((source) => sourceLine(output, source)), ...holds, ...parked, ...unowned]
}

function sourceLine(output: Output, source: SourceStatus__Output): string[] {
  const owns = source.prefixes.map(({ prefix }) => `${prefix}/`).join(' ')
  const commit = source.gitCommit ? ` · commit ${source.gitCommit.slice(0, 12)}` : ''
  const watches = source.directory ? ` · watches ${source.directory}` : ''
  const notes = [
    source.lastError && paint(output, 'red', `  refused: ${source.lastError}`),
    source.waitsFor && `  stands by: ${source.waitsFor}`,
    source.pending && paint(output, 'yellow', `  parked: keeper pending ${source.pending}`),
    source.held.length > 0 && paint(output, 'yellow', `  its change waits for a release: ${some(source.held)}`),
    source.drift.length > 0 && `  live is not as it last published: ${some(source.drift)}`,
  ]
  const head = `source ${source.source} · ${source.configs} configs${owns ? ` · owns ${owns}` : ''}${commit}${watches}`
  return [head, ...notes.filter((note) => typeof note === 'string' && note !== '').map(String)]
}

const some = (names: readonly string[]): string =>
  names.length > 5 ? `${names.slice(0, 5).join(', ')} and ${names.length - 5} more` : names.join(', ')

const alarmMeanings: Readonly<Record<string, string>> = {
  quota: 'the store is over its quota; compact, delete, or raise the quota',
  'disk-low': 'the disk of this member is almost full',
  'cluster-disk-low': 'the disk of the leader, or of too many members, is almost full',
}

/** A newer keeper may know more alarms than this command. */
const alarmMeaning = (alarm: string): string => alarmMeanings[alarm] ?? 'writes that grow the store are refused'

/** Of a process that is connected, so much silence is several heartbeats: its event loop stands. */
const busyAfterMs = 2 * limits.heartbeatIntervalMs

const stateOf = ({ connected, silentMs }: { connected: boolean; silentMs: string }): string =>
  connected ? (Number(silentMs) > busyAfterMs ? 'busy' : 'connected') : 'away'

interface InstanceOptions {
  cluster?: string
  role?: string
}

function instancesCommand(): Command {
  return new Command('instances')
    .description('the processes that are registered, and whether they run what is live for them')
    .option('--cluster <name>', 'only of this push cluster')
    .option('--role <name>', 'only of this role')
    .addHelpText('after', '\nExamples:\n  keeper instances\n  keeper instances --role room --output json')
    .action(
      withContext<InstanceOptions, []>(async ({ client, output, namespace }, _args, options) => {
        const { instances, unreachableMembers } = await client.call<InstancesResponse__Output>('cluster', 'Instances', {
          namespace,
          cluster: options.cluster ?? '',
          role: options.role ?? '',
        })
        if (output.json) {
          for (const instance of instances) output.value(plain(instance))
          return 0
        }
        const now = Date.now()
        const rows = instances.map(({ identity, ...instance }) => [
          identity?.instance ?? '',
          identity?.cluster ?? '',
          identity?.role ?? '',
          unreachableMembers.includes(instance.member) ? `unknown (${instance.member})` : stateOf(instance),
          `${instance.configsCurrent}/${instance.configs}`,
          ago(Number(instance.startedUnixMs), now),
          `${identity?.host ?? ''}:${identity?.pid ?? 0}`,
          Object.entries(identity?.labels ?? {})
            .map(([label, value]) => `${label}=${value}`)
            .join(','),
        ])
        output.line(
          table(
            ['INSTANCE', 'CLUSTER', 'ROLE', 'STATE', 'CURRENT', 'SINCE', 'HOST:PID', 'LABELS'],
            rows,
            'no processes',
          ),
        )
        return 0
      }),
    )
}
