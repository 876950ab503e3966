import { parseArgs } from 'node:util'
import type { ApplyResponse__Output, FollowView__Output } from '@keeper/proto'
import { KeeperClient } from '../../keeper/src/cli/client.js'
import { fetchPlan } from '../../keeper/src/cli/commands/plan.js'
import type { Context } from '../../keeper/src/cli/context.js'
import { createOutput, table } from '../../keeper/src/cli/output.js'
import { sendTree } from '../../keeper/src/cli/send-tree.js'
import type { SourceTree } from '../../keeper/src/compile/types.js'
import { KeeperCluster } from '../harness/keeper-cluster.js'
import { withFolder } from '../harness/keeper-process.js'
import { Fleet } from './push/fleet.js'
import { give, median, positive, progress } from './report.js'

const help = `npm run bench -- plan [--sessions 3000] [--members 3] [--configs 1000] [--rounds 5] [--json FILE] [--output json]

What the daily commands take with many live processes: a plan of a directory in which one config of all of them changes;
the apply, to its commit; and from there until every process has applied it, as \`apply --wait 100%\` sees it.`

interface Round {
  readonly planMs: number
  readonly applyMs: number
  readonly waitMs: number
  readonly affected: number
  readonly applied: number
}

/** The plan bench. */
export async function planBench(argv: readonly string[]): Promise<void> {
  const { values } = parseArgs({
    args: [...argv],
    options: {
      sessions: { type: 'string', default: '3000' },
      members: { type: 'string', default: '3' },
      configs: { type: 'string', default: '1000' },
      rounds: { type: 'string', default: '5' },
      json: { type: 'string' },
      output: { type: 'string', default: 'text' },
      help: { type: 'boolean', short: 'h' },
    },
  })
  if (values.help) return console.log(help)
  const count = (name: 'sessions' | 'members' | 'configs' | 'rounds') => positive(name, values[name])
  const options = {
    sessions: count('sessions'),
    members: count('members'),
    configs: count('configs'),
    rounds: count('rounds'),
  }
  const rounds = await withFolder((folder) => measure(folder, options))
  const row = (of: (round: Round) => number) => [median(rounds.map(of)), Math.max(...rounds.map(of))]
  const figures = [
    ['plan', ...row((round) => round.planMs)],
    ['apply, to its commit', ...row((round) => round.applyMs)],
    ['commit to 100 % applied', ...row((round) => round.waitMs)],
  ] as const
  const rows = figures.map(([what, middle, worst]) => [what, (middle ?? 0).toFixed(0), (worst ?? 0).toFixed(0)])
  await give(values, table(['', 'MEDIAN ms', 'WORST ms'], rows), { options, rounds })
}

interface Options {
  readonly sessions: number
  readonly members: number
  readonly configs: number
  readonly rounds: number
}

async function measure(folder: string, options: Options): Promise<Round[]> {
  const cluster = await KeeperCluster.begin(folder, options.members)
  const client = new KeeperClient(cluster.endpoints, { deadlineMs: 60_000 })
  const context: Context = {
    client,
    endpoints: cluster.endpoints.length,
    output: createOutput(true),
    namespace: 'default',
    signal: new AbortController().signal,
  }
  const fleets: Fleet[] = []
  try {
    await apply(context, treeOf(options.configs, 0))
    progress(`${options.sessions} processes join ${options.members} keepers`)
    const share = Math.ceil(options.sessions / options.members)
    for (const [at, endpoint] of cluster.endpoints.entries()) {
      const some = Math.min(share, options.sessions - at * share)
      fleets.push(await Fleet.join('keeper', endpoint, some, 1, at * share))
    }
    const rounds: Round[] = []
    for (let seq = 1; seq <= options.rounds; seq++) rounds.push(await round(context, treeOf(options.configs, seq)))
    return rounds
  } finally {
    for (const fleet of fleets) fleet.end()
    client.close()
    await cluster.end()
  }
}

/** One config of every process, among others. */
const treeOf = (configs: number, seq: number): SourceTree => ({
  files: [
    ...Array.from({ length: configs - 1 }, (_, at) => ({
      path: `other/c${String(at).padStart(6, '0')}.json`,
      bytes: Buffer.from(`{"at":${at}}`),
    })),
    { path: 'push/room.yaml', bytes: Buffer.from(`seq: ${seq}\npayload: ${'x'.repeat(500)}\n`) },
  ],
  problems: [],
})

const header = { source: 'bench', author: 'bench', namespace: 'default' }

async function round(context: Context, tree: SourceTree): Promise<Round> {
  const start = performance.now()
  const { summary } = await fetchPlan(context, header, tree)
  const planned = performance.now()
  const revision = await apply(context, tree)
  const committed = performance.now()
  const request = { names: ['push/room'], revision, share: 1, timeoutMs: 30_000 }
  let last: FollowView__Output | undefined
  for await (const view of await context.client.watch<FollowView__Output>('changes', 'Follow', request)) last = view
  return {
    planMs: planned - start,
    applyMs: committed - planned,
    waitMs: performance.now() - committed,
    affected: summary.affected,
    applied: last?.applied ?? 0,
  }
}

async function apply(context: Context, tree: SourceTree): Promise<string> {
  const to = { service: 'configs', method: 'Apply' } as const
  const [answer] = await sendTree<ApplyResponse__Output>(context, to, header, tree)
  if (!answer?.result?.ok) throw new Error(`refused: ${answer?.result?.status?.message}`)
  return answer.result.revision
}
