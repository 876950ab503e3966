/** The command line of a tool of this repository: help with examples, and a line for what is asked wrongly. */

import { type ParseArgsConfig, parseArgs } from 'node:util'

type Options = NonNullable<ParseArgsConfig['options']>
const help = { help: { type: 'boolean', short: 'h' } } as const
type Parsed<O extends Options> = ReturnType<
  typeof parseArgs<{ options: O & typeof help; allowPositionals: true; args: string[] }>
>

/** What a tool is to do: run with these values, or print and exit. */
export type Asked<O extends Options> = { readonly run: Parsed<O> } | { readonly print: string; readonly exit: 0 | 2 }

export function asked<const O extends Options>(
  tool: { readonly name: string; readonly help: string; readonly options: O; readonly positionals?: number },
  args: readonly string[],
): Asked<O> {
  try {
    const run = parseArgs({
      options: { ...tool.options, ...help },
      allowPositionals: true,
      args: [...args],
    }) as Parsed<O>
    if ((run.values as { help?: boolean }).help) return { print: tool.help, exit: 0 }
    const tooMany = run.positionals[tool.positionals ?? 0]
    if (tooMany === undefined) return { run }
    return wrong(tool.name, `Unexpected argument '${tooMany}'`)
  } catch (error) {
    const { code = '', message } = error as { code?: string; message: string }
    if (!code.startsWith('ERR_PARSE_ARGS')) throw error
    return wrong(tool.name, plainly(message))
  }
}

/** What parseArgs says, in a line. */
export const plainly = (message: string): string => message.replace(/\. To specify .*$/s, '').replaceAll('\n', ' ')

const wrong = (name: string, what: string, part = '') =>
  ({ print: `${what}; see npm run ${name} -- ${part && `${part} `}--help`, exit: 2 }) as const

/** The options that this process was started with; ends it where there is only something to say. */
export function toolOptions<const O extends Options>(tool: Parameters<typeof asked<O>>[0]): Parsed<O> {
  const found = asked<O>(tool, process.argv.slice(2))
  if ('run' in found) return found.run
  console[found.exit === 0 ? 'log' : 'error'](found.print)
  process.exit(found.exit)
}

/** A number of at least `least`; ends the process with a line where it is none. */
export function numberOption(tool: string, flag: string, text: string, least = 0): number {
  const number = Number(text)
  if (text.trim() !== '' && number >= least) return number
  return wrongUsage(tool, `--${flag} is a number from ${least} on, not '${text}'`)
}

/** Says in a line what was asked wrongly, and ends the process with 2. `part`: what else to ask for help. */
export function wrongUsage(tool: string, what: string, part = ''): never {
  console.error(wrong(tool, what, part).print)
  process.exit(2)
}
