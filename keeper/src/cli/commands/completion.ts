import { Argument, Command } from 'commander'
import { completionScript, type Shell, shells } from '../completion.js'
import { withContext } from '../context.js'

/** `keeper completion`: the script that makes a shell complete this command line. */
export function completionCommand(): Command {
  const command = new Command('completion')
  return command
    .description('print a script that completes commands, options and files in your shell')
    .addArgument(new Argument('<shell>', 'which').choices(shells))
    .addHelpText(
      'after',
      `
Examples:
  source <(keeper completion bash)
  keeper completion zsh > "\${fpath[1]}/_keeper"
  keeper completion fish > ~/.config/fish/completions/keeper.fish`,
    )
    .action(
      withContext<object, [Shell]>(async ({ output }, [shell]) => {
        output.line(completionScript(command.parent ?? command, shell).trimEnd())
        return 0
      }),
    )
}
