import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { Interaction } from './interaction.js'
import { difference, differenceOfState } from './meaning.js'
import { ConfChangeTable, runQuorumRow } from './tables.js'
import { type Directive, parseTranscript } from './transcript.js'

export interface Verdict {
  readonly file: string
  readonly directives: number
  /** Of the first directive that differs; undefined if none does. */
  readonly failure?: { readonly line: number; readonly command: string; readonly difference: readonly string[] }
  /** Something else, beside transcripts. */
  readonly isOther?: true
}

/** Runs a directive: differences as lines, none if it agrees. */
type Runner = (directive: Directive) => readonly string[]

const quorumCommands = new Set(['committed', 'vote'])
const confChangeCommands = new Set(['simple', 'enter-joint', 'leave-joint'])

/** Which kind of transcript it is, its first command tells. */
function runnerFor(first: Directive): Runner {
  if (quorumCommands.has(first.name)) return runQuorumRow
  if (confChangeCommands.has(first.name)) {
    const table = new ConfChangeTable()
    return (directive) => table.run(directive)
  }
  const world = new Interaction()
  return (directive) => {
    const found = world.run(directive)
    const stateOf = (id: number) => world.member(id).raw.status()
    return [...difference(directive.expected, found), ...differenceOfState(directive.expected, stateOf)]
  }
}

/** Runs one transcript until it differs. */
export function runTranscript(file: string, text: string): Verdict {
  if (!/^----$/m.test(text)) return { file, directives: 0, isOther: true }
  const directives = directivesOf(text)
  if (typeof directives === 'string')
    return { file, directives: 0, failure: { line: 1, command: '', difference: [`! ${directives}`] } }
  const [first] = directives
  if (!first) return { file, directives: 0, failure: { line: 1, command: '', difference: ['no directive'] } }
  const run = runnerFor(first)
  for (const directive of directives) {
    const lines = attempt(run, directive)
    const failure = { line: directive.line, command: directive.name, difference: lines }
    if (lines.length > 0) return { file, directives: directives.length, failure }
  }
  return { file, directives: directives.length }
}

/** What is wrong with it, in words, where it is cut off. */
function directivesOf(text: string): readonly Directive[] | string {
  try {
    return parseTranscript(text)
  } catch (thrown) {
    return thrown instanceof Error ? thrown.message : String(thrown)
  }
}

function attempt(run: Runner, directive: Directive): readonly string[] {
  try {
    return run(directive)
  } catch (thrown) {
    return [`! ${thrown instanceof Error ? thrown.message : String(thrown)}`]
  }
}

/** Every .txt below `directory`, in order of path. */
export function transcriptsBelow(directory: string): string[] {
  return readdirSync(directory, { recursive: true, encoding: 'utf8' })
    .filter((name) => name.endsWith('.txt'))
    .sort()
}

export const runDirectory = (directory: string): Verdict[] =>
  transcriptsBelow(directory).map((name) => runTranscript(name, readFileSync(join(directory, name), 'utf8')))
