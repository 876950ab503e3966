import type { Command } from 'commander'

/** Names of commands, and how to load what makes them: each brings what it works with, so none is loaded for another. */
interface Entry {
  readonly names: readonly string[]
  readonly load: () => Promise<readonly Command[]>
}

const one = (name: string, load: () => Promise<Command>): Entry => ({
  names: [name],
  load: async () => [await load()],
})

/** All commands, in the order of `keeper --help`. */
const entries: readonly Entry[] = [
  one('serve', async () => (await import('./commands/serve.js')).serveCommand()),
  one('plan', async () => (await import('./commands/plan.js')).planCommand()),
  one('apply', async () => (await import('./commands/apply.js')).applyCommand()),
  one('check', async () => (await import('./commands/check.js')).checkCommand()),
  one('get', async () => (await import('./commands/get.js')).getCommand()),
  one('watch', async () => (await import('./commands/watch.js')).watchCommand()),
  {
    names: ['history', 'rollback', 'release'],
    load: async () => (await import('./commands/history.js')).historyCommands(),
  },
  one('diff', async () => (await import('./commands/diff.js')).diffCommand()),
  one('explain', async () => (await import('./commands/explain.js')).explainCommand()),
  one('undo', async () => (await import('./commands/undo.js')).undoCommand()),
  one('edit', async () => (await import('./commands/edit.js')).editCommand()),
  one('pull', async () => (await import('./commands/pull.js')).pullCommand()),
  {
    names: ['pending', 'approve', 'reject'],
    load: async () => (await import('./commands/pending.js')).pendingCommands(),
  },
  one('events', async () => (await import('./commands/events.js')).eventsCommand()),
  { names: ['status', 'instances'], load: async () => (await import('./commands/cluster.js')).clusterCommands() },
  one('ledger', async () => (await import('./commands/ledger.js')).ledgerCommand()),
  one('types', async () => (await import('./commands/types.js')).typesCommand()),
  one('schema', async () => (await import('./commands/schema.js')).schemaCommand()),
  one('exec', async () => (await import('./commands/exec.js')).execCommand()),
  one('dev', async () => (await import('./commands/dev.js')).devCommand()),
  one('secret', async () => (await import('./commands/secret.js')).secretCommand()),
  one('import', async () => (await import('./commands/import.js')).importCommand()),
  one('kv', async () => (await import('./commands/kv.js')).kvCommand()),
  one('member', async () => (await import('./commands/member.js')).memberCommand()),
  one('leader', async () => (await import('./commands/leader.js')).leaderCommand()),
  one('snapshot', async () => (await import('./commands/snapshot.js')).snapshotCommand()),
  one('completion', async () => (await import('./commands/completion.js')).completionCommand()),
]

/** Every name, in order. */
export const commandNames: readonly string[] = entries.flatMap(({ names }) => names)

/** Needs the others to say anything. */
const needsAll = 'completion'

/** The command of a name, alone or with those of its file; all of them for a name that is none, or needs them. */
export async function loadCommands(name?: string): Promise<Command[]> {
  const found = entries.find(({ names }) => name !== undefined && names.includes(name))
  const wanted = found && name !== needsAll ? [found] : entries
  return (await Promise.all(wanted.map(({ load }) => load()))).flat()
}
