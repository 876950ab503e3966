import type { RaftStatus } from '../../keeper/src/raft/status.js'
import { describeConfig } from './describe.js'

/**
 * Compares two outputs of a directive by what they say: which facts (messages, hard states, entries …) stand in
 * which section of which member, each as often; not in what order, how indented, or what else was logged.
 */

const logLine = /^(?:DEBUG|INFO|WARN|ERROR|FATAL) /
const memberLine = /^> (\S+) (.*)$/
const sectionLine = /^(?:Entries|CommittedEntries|Messages|Processing|Responses|Ready|Ready MustSync=\w+):$/

const withoutLog = (lines: readonly string[]): string[] =>
  lines.map((line) => line.trim()).filter((line) => !/^(?:ok(?: \(quiet\))?)?$/.test(line) && !logLine.test(line))

/** Puts what belongs to one message on one line: enclosed entries and responses, and a snapshot. */
function joinMessages(lines: readonly string[]): string[] {
  const joined: string[] = []
  let open = 0
  for (const line of lines) {
    const continues = open > 0 || /^(?:Snapshot: |Entries:\[|Responses:\[)/.test(line)
    if (continues && joined.length > 0) joined[joined.length - 1] += ` ${line}`
    else joined.push(line)
    open += (line.match(/\[/g)?.length ?? 0) - (line.match(/\]/g)?.length ?? 0)
  }
  // "Entries:[" may stand at the end of the message's line or on its own
  return joined.map((line) =>
    line
      .replace(/\s+/g, ' ')
      .replace(/\[ /g, '[')
      .replace(/ \]/g, ']')
      .replace(/, (?=\d+\/\d+ Entry)/g, ' '),
  )
}

/** The facts of an output, sorted. */
export function factsOf(lines: readonly string[]): string[] {
  const facts: string[] = []
  let member = ''
  let section = ''
  for (const line of joinMessages(withoutLog(lines))) {
    const heading = memberLine.exec(line)
    if (heading) {
      member = `${heading[1]} `
      section = ''
      facts.push(line)
    } else if (sectionLine.test(line)) {
      // of a Ready only its parts count
      section = line.startsWith('Ready') ? '' : `${line} `
    } else facts.push(`${member}${section}${line}`)
  }
  return facts.sort()
}

/** What differs, as lines with - (expected) and + (found); empty if both mean the same. */
export function difference(expected: readonly string[], found: readonly string[]): string[] {
  const surplus = factsOf(found)
  const missing = factsOf(expected).filter((fact) => {
    const at = surplus.indexOf(fact)
    if (at >= 0) surplus.splice(at, 1)
    return at < 0
  })
  return [...missing.map((fact) => `- ${fact}`), ...surplus.map((fact) => `+ ${fact}`)]
}

const roleWords: Record<string, RaftStatus['role']> = {
  follower: 'follower',
  'pre-candidate': 'preCandidate',
  candidate: 'candidate',
  leader: 'leader',
}

/**
 * Role, term and configuration are told only in log lines. The last word on each in the expected output is what the
 * member must be in when the directive has run.
 */
export function differenceOfState(expected: readonly string[], statusOf: (id: number) => RaftStatus): string[] {
  const claims = new Map<string, string>()
  const found = new Map<string, string>()
  for (const line of expected) {
    const config = /INFO (\w+) switched to configuration (.*)$/.exec(line)
    const role = /INFO (\w+) became ([\w-]+) at term (\d+)$/.exec(line)
    const [, id = ''] = config ?? role ?? []
    if (config) {
      claims.set(`${id} configuration`, config[2] ?? '')
      found.set(`${id} configuration`, describeConfig(statusOf(Number.parseInt(id, 16)).config))
    } else if (role) {
      const status = statusOf(Number.parseInt(id, 16))
      claims.set(`${id} role`, `${roleWords[role[2] ?? '']} ${role[3]}`)
      found.set(`${id} role`, `${status.role} ${status.term}`)
    }
  }
  return [...claims]
    .filter(([about, claim]) => found.get(about) !== claim)
    .flatMap(([about, claim]) => [`- ${about}: ${claim}`, `+ ${about}: ${found.get(about)}`])
}
