/** The fenced blocks of a Markdown page, and what each asks of whoever follows the page. */

export interface Block {
  /** Line of its first fence, from 1. */
  readonly line: number
  readonly language: string
  /** What stands behind the language: `config/push/room.yaml`, `terminal=keeper exit=3`. */
  readonly info: readonly string[]
  readonly text: string
}

export type Step =
  /** Save `text` as `path`. */
  | { readonly kind: 'file'; readonly line: number; readonly path: string; readonly text: string }
  /** Run `command` to its end; `output` is undefined where the page shows none. */
  | {
      readonly kind: 'run'
      readonly line: number
      readonly command: string
      readonly output?: string
      readonly exit: number
    }
  /** Start `command` in a terminal of its own where there is one, and see `output` come. */
  | {
      readonly kind: 'watch'
      readonly line: number
      readonly terminal: string
      readonly command?: string
      readonly output: string
    }
  /** Ctrl-C in a terminal. */
  | { readonly kind: 'end'; readonly line: number; readonly terminal: string }

/** Languages whose blocks are commands. */
const commands: ReadonlySet<string> = new Set(['sh', 'console', 'bash', 'shell'])

export function readBlocks(page: string): Block[] {
  const blocks: Block[] = []
  const lines = page.split('\n')
  for (let at = 0; at < lines.length; at++) {
    const [, language, info] = /^```(\w+)(?: +(.*))?$/.exec(lines[at] ?? '') ?? []
    if (language === undefined) continue
    const end = lines.indexOf('```', at + 1)
    if (end < 0) throw new Error(`line ${at + 1}: a block without an end`)
    const words = (info ?? '').split(' ').filter(Boolean)
    blocks.push({ line: at + 1, language, info: words, text: lines.slice(at + 1, end).join('\n') })
    at = end
  }
  return blocks
}

export const isCommand = (block: Block): boolean => commands.has(block.language) && pathOf(block) === undefined

/** A block whose first word is a path is a file to save, a script too. */
const pathOf = ({ info: [first = ''] }: Block): string | undefined => (/^[^=]*[./]/.test(first) ? first : undefined)

/** Why a block is left to another test; undefined when it is run here. */
export function leftTo(block: Block): string | undefined {
  return block.info.find((word) => word.startsWith('test='))?.slice('test='.length)
}

/** What the page's blocks ask for, in order. Blocks that are only to be read ask for nothing. */
export function stepsOf(page: string): Step[] {
  return readBlocks(page).flatMap((block) => {
    if (leftTo(block) !== undefined) return []
    if (!isCommand(block)) return fileOf(block)
    const terminal = wordOf(block, 'terminal')
    return terminal === undefined ? runsOf(block) : watchesOf(block, terminal)
  })
}

function fileOf(block: Block): Step[] {
  const { line, text } = block
  const path = pathOf(block)
  return path === undefined ? [] : [{ kind: 'file', line, path, text: `${text}\n` }]
}

/** `$ command`, perhaps over several lines, and what it prints until the next one; a block `sh` is one script. */
function runsOf(block: Block): Step[] {
  const exit = Number(wordOf(block, 'exit') ?? 0)
  if (block.language !== 'console') return [{ kind: 'run', line: block.line, command: block.text, exit }]
  return prompts(block).map(({ line, command, output }) => ({ kind: 'run', line, command, output, exit }))
}

function watchesOf(block: Block, terminal: string): Step[] {
  const lines = block.text.split('\n')
  const isEnded = lines.at(-1) === '^C'
  const shown = prompts({ ...block, text: (isEnded ? lines.slice(0, -1) : lines).join('\n') })
  const watches = shown.map(
    ({ line, command, output }): Step => ({
      ...{ kind: 'watch', line, terminal, output },
      ...(command === '' ? {} : { command }),
    }),
  )
  return isEnded ? [...watches, { kind: 'end', line: block.line, terminal }] : watches
}

/** What stands before the first prompt has an empty command. */
function prompts({ text, line: first }: Block): { line: number; command: string; output: string }[] {
  const found: { line: number; command: string; output: string[] }[] = []
  const lines = text.split('\n')
  for (let at = 0; at < lines.length; at++) {
    const line = first + at + 1
    let here = lines[at] ?? ''
    if (!here.startsWith('$ ')) {
      const last = found.at(-1) ?? { line, command: '', output: [] }
      if (found.length === 0) found.push(last)
      last.output.push(here)
      continue
    }
    here = here.slice(2)
    while (here.endsWith('\\')) here = `${here}\n${lines[++at] ?? ''}`
    found.push({ line, command: here, output: [] })
  }
  return found.map((one) => ({ ...one, output: one.output.join('\n') }))
}

const wordOf = ({ info }: Block, key: string): string | undefined =>
  info.find((word) => word.startsWith(`${key}=`))?.slice(key.length + 1)
