import { resolve } from 'node:path'
import type { ApplyHeader, PlanPiece__Output } from '@keeper/proto'
import { Command } from 'commander'
import { ExitCode, errorKinds, isErrorCode, KeeperError } from '../../base/errors.js'
import type { SourceTree } from '../../compile/types.js'
import { parseShare, placeOf } from '../arguments.js'
import { type Context, withContext } from '../context.js'
import { plain } from '../plain.js'
import { writePlanFile } from '../plan-file.js'
import { type Plan, printPlan } from '../plan-view.js'
import { printDiagnostics } from '../published.js'
import { readDirectory } from '../read-directory.js'
import { sendTree } from '../send-tree.js'
import { commitOf, who } from '../who.js'

interface Options {
  out?: string
  source?: string
  takeover?: boolean
  maxAffected?: string
  release: string[]
}

/** `keeper plan`: what an apply of a directory would do, to whom. */
export function planCommand(): Command {
  return new Command('plan')
    .description('show what applying a directory would change, path by path, for which live processes; changes nothing')
    .argument('<dir>', 'the config directory')
    .option('--out <file>', 'keep the plan: `keeper apply FILE` does just that, or nothing when live has moved')
    .option('--source <name>', 'who publishes (default: the directory, as an absolute path)')
    .option('--max-affected <share>', 'as for an apply that may reach no more than this share of the processes')
    .option('--takeover', 'as if names that another source owns were taken over')
    .option(
      '--release <name>',
      'as if the hold on a name had ended; may be repeated',
      (name: string, all: string[]) => [...all, name],
      [],
    )
    .addHelpText(
      'after',
      '\nExamples:\n  keeper plan ./config\n  keeper plan ./config --out plan.keeper && keeper apply plan.keeper --wait 100%\n  keeper plan ./config --output json | jq .configs[].name',
    )
    .action(
      withContext<Options, [string]>(async (context, [dir], options) => {
        const tree = await readDirectory(dir)
        const header = await headerOf(dir, options, context)
        const plan = await fetchPlan(context, header, tree)
        const code = show(context, plan, dir)
        if (options.out !== undefined && plan.summary.ok && plan.summary.refusals.length === 0)
          await keep(context, options.out, dir, header, tree, plan)
        return code
      }),
    )
}

const headerOf = async (dir: string, options: Options, { namespace }: Context): Promise<ApplyHeader> => ({
  source: options.source ?? `dir:${resolve(dir)}`,
  author: await who(dir),
  namespace,
  takeover: options.takeover ?? false,
  release: options.release,
  gitCommit: await commitOf(dir),
  ...(options.maxAffected !== undefined && { maxAffected: parseShare('--max-affected', options.maxAffected) }),
  place: placeOf(dir),
})

/** Asks a keeper what a directory would do. */
export async function fetchPlan(context: Context, header: ApplyHeader, tree: SourceTree): Promise<Plan> {
  const to = { service: 'changes', method: 'Plan' } as const
  const pieces = await sendTree<PlanPiece__Output>(context, to, header, tree)
  const summary = pieces.findLast((piece) => piece.summary)?.summary
  if (!summary) throw new KeeperError('E_CONNECTION', 'the keeper ended the call without a plan')
  return { summary, configs: pieces.flatMap(({ config }) => config ?? []) }
}

function show({ output }: Context, plan: Plan, dir: string): number {
  const { summary, configs } = plan
  const { diagnostics, ...rest } = summary
  printDiagnostics(output, diagnostics, dir)
  if (output.json) output.value(plain({ ...rest, configs }))
  else if (summary.ok) printPlan(output, plan, `plan of ${dir}`)
  const [refusal] = summary.refusals
  if (!summary.ok) return ExitCode.invalidConfig
  if (!refusal) return summary.holds.length > 0 ? ExitCode.conflict : ExitCode.done
  return isErrorCode(refusal.code) ? errorKinds[refusal.code].exit : ExitCode.failed
}

async function keep(
  { output }: Context,
  out: string,
  dir: string,
  header: ApplyHeader,
  tree: SourceTree,
  { summary, configs }: Plan,
): Promise<void> {
  const planned = configs.map(({ name, fromRevision, digest }) => ({ name, fromRevision, digest }))
  const full = { ...header, asPlanned: true, planned, clusterId: summary.clusterId }
  await writePlanFile(out, { header: full, tree, directory: resolve(dir), madeAt: new Date().toISOString() })
  if (!output.json) output.line(`kept in ${out}: keeper apply ${out}`)
}
