/** Reads transcripts: runs of directives, each with what it is expected to print. */

export interface Argument {
  readonly key: string
  /** Empty for a bare word; several for `key=(a,b)`. */
  readonly values: readonly string[]
}

export interface Command {
  readonly name: string
  readonly args: readonly Argument[]
}

export interface Directive extends Command {
  /** Line number of the command, from 1. */
  readonly line: number
  readonly input: readonly string[]
  readonly expected: readonly string[]
}

/** `cmd word key=val key=(a, b)`. */
export function parseCommand(text: string): Command {
  const [name = '', ...words] = text.trim().match(/[^\s=()]+=\([^)]*\)|\S+/g) ?? []
  return { name, args: words.map(parseArgument) }
}

function parseArgument(word: string): Argument {
  const at = word.indexOf('=')
  if (at < 0) return { key: word, values: [] }
  const value = word.slice(at + 1)
  const inner = /^\((.*)\)$/.exec(value)
  const values = inner ? (inner[1] ?? '').split(',').map((part) => part.trim()) : [value]
  return { key: word.slice(0, at), values: values.filter((part) => part !== '') }
}

/** All directives of a file. Throws if one has no `----`. */
export function parseTranscript(text: string): Directive[] {
  const lines = text.split(/\r?\n/)
  const directives: Directive[] = []
  for (let at = 0; at < lines.length; ) {
    if (/^\s*(#|$)/.test(lines[at] ?? '')) at++
    else at = parseDirective(lines, at, directives)
  }
  return directives
}

function parseDirective(lines: readonly string[], start: number, into: Directive[]): number {
  const ruler = lines.indexOf('----', start)
  if (ruler < 0) throw new Error(`line ${start + 1}: no "----" after the command`)
  // a doubled ruler encloses output that has empty lines
  const doubled = lines[ruler + 1] === '----'
  const from = doubled ? ruler + 2 : ruler + 1
  const end = lines.findIndex((line, at) => at >= from && line === (doubled ? '----' : ''))
  const to = end < 0 ? lines.length : end
  const [command = '', ...input] = joinContinued(lines.slice(start, ruler))
  into.push({ ...parseCommand(command), line: start + 1, input, expected: lines.slice(from, to) })
  return doubled ? to + 2 : to
}

const joinContinued = (lines: readonly string[]): string[] =>
  lines
    .join('\n')
    .replace(/\\\n\s*/g, ' ')
    .split('\n')
    .filter((line) => !/^\s*(#|$)/.test(line))

/** The values of `key`; undefined if it is not there. */
export const valuesOf = ({ args }: Command, key: string): readonly string[] | undefined =>
  args.find((arg) => arg.key === key)?.values

/** Bare words that are numbers. */
export const numbersOf = ({ args }: Command): number[] =>
  args.filter((arg) => arg.values.length === 0).map((arg) => Number(arg.key))
