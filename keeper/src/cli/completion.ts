import type { Command } from 'commander'

/** One command as a shell needs to know it. */
interface Node {
  /** `keeper secret put`, without `keeper`. */
  readonly path: string
  readonly words: readonly string[]
  /** Options that take a value of these, or anything. */
  readonly choices: ReadonlyMap<string, readonly string[]>
}

export const shells = ['bash', 'zsh', 'fish'] as const
export type Shell = (typeof shells)[number]

/** A script that completes commands, options and their choices, and files elsewhere; made of the command line itself. */
export function completionScript(program: Command, shell: Shell): string {
  const nodes = nodesOf(program, [])
  return shell === 'fish'
    ? fish(nodes)
    : shell === 'zsh'
      ? `#compdef keeper\nautoload -U +X bashcompinit && bashcompinit\n${bash(nodes)}`
      : bash(nodes)
}

function nodesOf(command: Command, path: readonly string[]): Node[] {
  const subcommands = command.commands.map((sub) => sub.name())
  const options = [...command.options, ...inherited(command)].filter((option) => !option.hidden)
  const long = options.flatMap((option) => (option.long ? [option.long] : []))
  const choices = new Map(
    options
      .filter((option) => option.long && (option.required || option.optional))
      .map((option) => [option.long as string, option.argChoices ?? []]),
  )
  const words = [...subcommands, ...long, '--help'].filter(isPlain)
  return [
    { path: path.join(' '), words, choices },
    ...command.commands.flatMap((sub) => nodesOf(sub, [...path, sub.name()])),
  ]
}

function inherited(command: Command): Command['options'] {
  const up = command.parent
  return up ? [...up.options.filter(({ long }) => long !== '--version'), ...inherited(up)] : []
}

/** Nothing that a shell would take for more than a word. */
const isPlain = (word: string): boolean => /^[\w-]+$/.test(word)

function bash(nodes: readonly Node[]): string {
  const paths = nodes.filter(({ path }) => path !== '').map(({ path }) => path)
  const valued = [...new Set(nodes.flatMap(({ choices }) => [...choices.keys()]))].filter(isPlain)
  const cases = nodes.map(({ path, words }) => `    '${path}') words='${words.join(' ')}' ;;`)
  const offered = new Map(nodes.flatMap(({ choices }) => [...choices].filter(([, values]) => values.length > 0)))
  return `# keeper completion for bash: source it, or write it to /etc/bash_completion.d/keeper
_keeper() {
  local current="\${COMP_WORDS[COMP_CWORD]}" before="\${COMP_WORDS[COMP_CWORD-1]}" path='' words='' at
  for ((at = 1; at < COMP_CWORD; at++)); do
    case " ${valued.join(' ')} " in *" \${COMP_WORDS[at]} "*) ((at++)); continue ;; esac
    case "\${path:+$path }\${COMP_WORDS[at]}" in
      ${paths.map((path) => `'${path}'`).join('|')}) path="\${path:+$path }\${COMP_WORDS[at]}" ;;
    esac
  done
  case "$before" in
${[...offered].map(([option, values]) => `    ${option}) COMPREPLY=($(compgen -W '${values.filter(isPlain).join(' ')}' -- "$current")); return ;;`).join('\n')}
    ${valued.join('|')}) COMPREPLY=($(compgen -f -- "$current")); return ;;
  esac
  case "$path" in
${cases.join('\n')}
  esac
  COMPREPLY=($(compgen -W "$words" -- "$current"))
  [[ "$current" == -* || \${#COMPREPLY[@]} -gt 0 ]] || COMPREPLY=($(compgen -f -- "$current"))
}
complete -o filenames -F _keeper keeper
`
}

function fish(nodes: readonly Node[]): string {
  const lines = nodes.flatMap(({ path, words, choices }) => {
    const seen =
      path === ''
        ? '__fish_use_subcommand'
        : path
            .split(' ')
            .map((word) => `__fish_seen_subcommand_from ${word}`)
            .join('; and ')
    return words.map((word) => {
      if (!word.startsWith('--')) return `complete -c keeper -f -n '${seen}' -a ${word}`
      const values = choices.get(word)
      const takes =
        values === undefined ? '' : values.length > 0 ? ` -x -a '${values.filter(isPlain).join(' ')}'` : ' -r'
      return `complete -c keeper -n '${seen}' -l ${word.slice(2)}${takes}`
    })
  })
  return `# keeper completion for fish: write it to ~/.config/fish/completions/keeper.fish\n${[...new Set(lines)].join('\n')}\n`
}
