import type { Command } from 'commander'
import { createProgram } from './program.js'

const intro = `# Commands

What \`keeper COMMAND --help\` says. Each command takes the [options of all](#options-of-all-commands) as well. Written by
\`npm run docs\`.
`

const exits = `
Exit codes: 0 done, 1 failed, 2 wrong usage, 3 invalid config, 4 conflict or held, 5 rejected by a process, 6 timed out.
[errors.md](errors.md) lists the errors behind them.
`

/** docs/cli.md: the help of every command, made from the command line itself. */
export async function cliReference(): Promise<string> {
  const program = await createProgram({})
  const pages = below(program).map((command) => `\n## ${nameOf(command)}\n\n${fenced(helpOf(command))}`)
  return `${intro}${exits}${pages.join('')}\n## Options of all commands\n\n${fenced(helpOf(program))}`
}

const fenced = (text: string): string => `\`\`\`text\n${text.trim()}\n\`\`\`\n`

/** All commands in their own order, those below another one behind it. */
const below = (command: Command): Command[] =>
  command.commands.filter((one) => one.name() !== 'help').flatMap((one) => [one, ...below(one)])

function nameOf(command: Command): string {
  const { parent } = command
  return parent ? `${nameOf(parent)} ${command.name()}` : command.name()
}

/** As it is printed, with what stands after the options, and without those of all commands. */
function helpOf(command: Command): string {
  let text = ''
  command.configureOutput({
    writeOut: (part) => {
      text += part
    },
  })
  command.configureHelp({ showGlobalOptions: false, helpWidth: 100 })
  command.outputHelp()
  return text
}
