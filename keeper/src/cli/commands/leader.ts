import { Command } from 'commander'
import { withContext } from '../context.js'
import { ask, say } from './member.js'

/** `keeper leader transfer`. */
export function leaderCommand(): Command {
  const transfer = new Command('transfer')
    .argument('[name]', 'the next leader; default: the voter that is most up to date')
    .description('hand leadership over, without a pause that clients would notice')
    .addHelpText('after', '\nExamples:\n  keeper leader transfer n2\n  keeper leader transfer')
    .action(
      withContext<object, [string | undefined]>(async (context, [to = '']) => {
        const { members, memberId } = await ask(context, 'TransferLeadership', { to })
        const name = members.find((member) => member.id === memberId)?.name ?? memberId
        return say(context.output, members, memberId, `${name} leads`)
      }),
    )
  return new Command('leader')
    .description('which keeper leads')
    .addHelpText('after', '\nExamples:\n  keeper leader transfer n2')
    .addCommand(transfer)
}
