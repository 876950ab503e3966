import { resolve } from 'node:path'
import type { ConfigView__Output, PlannedConfig__Output } from '@keeper/proto'
import { Command } from 'commander'
import { ExitCode, KeeperError } from '../../base/errors.js'
import { diffValues } from '../../compile/diff.js'
import { parseAs, parseRevision } from '../arguments.js'
import { type Context, withContext } from '../context.js'
import { paint } from '../output.js'
import { plain } from '../plain.js'
import { configLines } from '../plan-view.js'
import { pathChange, printDiagnostics } from '../published.js'
import { readDirectory } from '../read-directory.js'
import { fetchPlan } from './plan.js'

interface Options {
  live?: string
  as?: string
}

/** `keeper diff`: what differs between revisions, or between live and a directory, path by path. */
export function diffCommand(): Command {
  return new Command('diff')
    .description('what differs between two revisions of a config, path by path; or between live and a directory')
    .argument('<name>', 'config, e.g. push/room')
    .argument('[from]', 'a revision (7) or steps back (~1); without it ~1')
    .argument('[to]', 'a revision or steps back; without it what is live')
    .option('--live <dir>', 'from what is live to what this directory would make of it')
    .option('--as <who>', 'only the value of an instance (room-7) or of labels (cluster=push,role=room,zone=bj)')
    .addHelpText(
      'after',
      '\nExamples:\n  keeper diff push/room\n  keeper diff push/room 8 12\n  keeper diff push/room ~3 --as room-7\n  keeper diff push/room --live ./config',
    )
    .action(
      withContext<Options, [string, string | undefined, string | undefined]>(
        async (context, [name, from, to], options) => {
          if (options.live !== undefined) {
            if (from !== undefined || options.as !== undefined)
              throw new KeeperError('E_INVALID_ARGUMENT', '--live takes a name alone')
            return diffLive(context, name, options.live)
          }
          if (options.as !== undefined) return diffAs(context, name, from ?? '~1', to, options.as)
          return diffRevisions(context, name, from ?? '~1', to)
        },
      ),
    )
}

async function diffRevisions(context: Context, name: string, from: string, to?: string): Promise<number> {
  const [before, after] = [parseRevision(from), parseRevision(to)]
  const found = await context.client.call<PlannedConfig__Output>('changes', 'Diff', {
    namespace: context.namespace,
    name,
    fromRevision: before.revision ?? 0,
    fromStepsBack: before.stepsBack ?? 0,
    toRevision: after.revision ?? 0,
    toStepsBack: after.stepsBack ?? 0,
  })
  return show(context, found, `r${found.fromRevision} → r${found.toRevision}`)
}

async function diffLive(context: Context, name: string, dir: string): Promise<number> {
  const tree = await readDirectory(dir)
  const header = { source: `dir:${resolve(dir)}`, namespace: context.namespace, againstLive: true }
  const { summary, configs } = await fetchPlan(context, header, tree)
  if (!summary.ok) {
    printDiagnostics(context.output, summary.diagnostics, dir)
    return ExitCode.invalidConfig
  }
  const found = configs.find((config) => config.name === name)
  if (found) return show(context, found, `live r${found.fromRevision} → ${dir}`, true)
  const { output } = context
  if (output.json) output.value({ name, kind: 'same', outcomes: [] })
  else output.line(`${name} is live as ${dir} has it, or is not there`)
  return ExitCode.done
}

function show({ output }: Context, found: PlannedConfig__Output, what: string, people = false): number {
  if (output.json) output.value(plain(found))
  else if (found.kind === 'same') output.line(`${found.name} ${what}: no difference`)
  else {
    const [, ...lines] = configLines(output, found, people)
    output.line(`${paint(output, 'bold', found.name)} ${what}${found.kind === 'changed' ? '' : `: ${found.kind}`}`)
    for (const line of lines) output.line(line)
  }
  return ExitCode.done
}

async function diffAs(
  context: Context,
  name: string,
  from: string,
  to: string | undefined,
  as: string,
): Promise<number> {
  const { client, namespace, output } = context
  const get = (revision: string | undefined) =>
    client.call<ConfigView__Output>('configs', 'Get', { name, namespace, ...parseAs(as), ...parseRevision(revision) })
  const [before, after] = await Promise.all([get(from), get(to)])
  const value = (view: ConfigView__Output) => (view.removed ? undefined : JSON.parse(view.valueJson))
  const changes = diffValues(value(before), value(after))
  const json = (one: unknown) => (one === undefined ? '' : JSON.stringify(one))
  const paths = changes.map((one) => ({
    pointer: one.pointer,
    beforeJson: json(one.before),
    afterJson: json(one.after),
  }))
  if (output.json) output.value({ name, from: Number(before.revision), to: Number(after.revision), paths })
  else {
    output.line(
      `${name} as ${as} r${before.revision} → r${after.revision}${paths.length === 0 ? ': no difference' : ''}`,
    )
    for (const path of paths) output.line(`    ${pathChange(path)}`)
  }
  return ExitCode.done
}
