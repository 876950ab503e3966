import type { LedgerRow__Output, LedgerView__Output } from '@keeper/proto'
import { Command } from 'commander'
import { withContext } from '../context.js'
import { ago, type Output, paint, table } from '../output.js'
import { plain, stateWord } from '../plain.js'
import { ledgerSummary } from '../published.js'

/** `keeper ledger`: which process runs what, since when, and who refused why. */
export function ledgerCommand(): Command {
  return new Command('ledger')
    .description('which process runs which revision of a config, since when, and who refused it and why')
    .argument('[name]', 'config, e.g. push/room; without it all')
    .option('--follow', 'go on with every change')
    .addHelpText('after', '\nExamples:\n  keeper ledger push/room\n  keeper ledger push/room --follow')
    .action(
      withContext<{ follow?: boolean }, [string | undefined]>(
        async ({ client, output, namespace, signal }, [name], options) => {
          const request = { name: name ?? '', namespace }
          if (!options.follow) {
            printLedger(output, await client.call<LedgerView__Output>('configs', 'Ledger', request))
            return 0
          }
          const stream = await client.watch<LedgerView__Output>('configs', 'WatchLedger', request)
          signal.addEventListener('abort', () => stream.cancel())
          for await (const view of stream) printLedger(output, view)
          return 0
        },
      ),
    )
}

/** `applied`, `applied (away)`, `waiting (in 12 s)`, `not yet (received)`: where a process stands. */
function standingWords({ standing, state, connected, dueUnixMs }: LedgerRow__Output, now: number): string {
  if (standing === 'waiting') return `waiting (in ${Math.max(0, Math.ceil((Number(dueUnixMs) - now) / 1000))} s)`
  if (standing === 'not yet' && stateWord(state) === 'received') return 'not yet (callbacks run)'
  return connected || standing === 'away' || standing === 'unknown' ? standing : `${standing} (away)`
}

function printLedger(output: Output, view: LedgerView__Output): void {
  if (output.json) {
    output.value(plain(view))
    return
  }
  const now = Date.now()
  const rows = view.rows.map((row) => {
    return [
      row.instance,
      row.name,
      row.revision === '0' ? '-' : `r${row.revision}`,
      `r${row.wantedRevision}`,
      standingWords(row, now),
      ago(Number(row.atUnixMs), now),
      row.reason,
    ]
  })
  output.line(table(['INSTANCE', 'CONFIG', 'RUNS', 'WANTED', 'STATE', 'SINCE', 'REASON'], rows, 'no process concerned'))
  output.line(paint(output, view.rejected + view.failed > 0 ? 'red' : 'dim', ledgerSummary(view)))
  for (const member of view.unreachableMembers) output.line(`${member} did not answer: its processes are unknown`)
}
