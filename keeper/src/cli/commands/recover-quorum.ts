import { Command } from 'commander'
import { KeeperError } from '../../base/errors.js'
import { withContext } from '../context.js'

interface Flags {
  dataDir: string
  to: string
  yes?: boolean
}

/** `keeper member recover-quorum`: the way out when most members are lost for ever. */
export function recoverQuorumCommand(): Command {
  return new Command('recover-quorum')
    .description('make a cluster of one from a survivor’s data folder, when most members are lost for ever')
    .requiredOption('--data-dir <dir>', 'the survivor’s folder; no keeper may run on it; it is left as it is')
    .requiredOption('--to <dir>', 'the new folder; must not be there, or be empty')
    .option('--yes', 'do it; without, it only says what may be lost')
    .addHelpText(
      'after',
      '\nExamples:\n  keeper member recover-quorum --data-dir /var/lib/keeper --to /var/lib/keeper-new\n  keeper member recover-quorum --data-dir /var/lib/keeper --to /var/lib/keeper-new --yes\n\nTake the survivor with the highest last entry. The new cluster has a new id and a new epoch, another one at each\ncall and higher than all before; add the other members again, with empty folders. A folder of the old cluster must not be started again beside it.',
    )
    .action(
      withContext<Flags, []>(async ({ output }, _args, { dataDir, to, yes }) => {
        const { examineRemains, recoverQuorum } = await import('../../main.js')
        const remains = await examineRemains(dataDir)
        const { identity, lastIndex, lastTerm, commit, lastWallMs, writtenWallMs, condition } = remains
        if (!output.json) {
          output.line(
            `${dataDir} is ${identity.memberName} of cluster ${identity.clusterId}, epoch ${identity.storeEpoch}`,
          )
          output.line(
            `its log ends at entry ${lastIndex} of term ${lastTerm}${atTime(lastWallMs)}; it knows ${commit} to be committed; last written${atTime(writtenWallMs)}`,
          )
          output.line(
            `lost: every write that the others acknowledged after entry ${lastIndex}${atTime(lastWallMs)}: how many, only they knew`,
          )
          if (lastIndex > commit)
            output.line(
              `${lastIndex - commit} entries after ${commit} may never have been acknowledged; they count from now on`,
            )
          if (condition === 'recovering')
            output.line('this folder is damaged itself: acknowledged writes before its last entry may be missing too')
        }
        if (!yes) {
          if (output.json) output.value(remains)
          throw new KeeperError('E_INVALID_ARGUMENT', 'nothing was done: say --yes to do it')
        }
        const made = await recoverQuorum(dataDir, to)
        if (output.json) output.value({ ...remains, made })
        else
          for (const line of [
            `${to} is ${made.memberName}, alone in the new cluster ${made.clusterId}, epoch ${made.storeEpoch} · start it: keeper serve --name ${made.memberName} --data-dir ${to}`,
            `keep the number: who restores a snapshot of the old cluster once this one has run, does it with \`keeper snapshot restore FILE --epoch ${made.storeEpoch + 1}\` or more`,
          ])
            output.line(line)
        return 0
      }),
    )
}

const atTime = (wallMs: number): string => (wallMs === 0 ? '' : ` (${new Date(wallMs).toISOString()})`)
