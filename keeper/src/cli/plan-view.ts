/** A plan as people read it: what changes, for whom, and what stands in the way. */

import type {
  PlannedConfig__Output,
  PlannedOutcome__Output,
  PlanSummary__Output,
  TypeChange__Output,
} from '@keeper/proto'
import { errorKinds, isErrorCode } from '../base/errors.js'
import { ago, type Output, paint } from './output.js'
import { pathChange } from './published.js'

const namesShown = 3
const pathsShown = 20

export interface Plan {
  readonly summary: PlanSummary__Output
  readonly configs: readonly PlannedConfig__Output[]
}

export function printPlan(output: Output, { summary, configs }: Plan, what: string): void {
  output.line(headline(output, summary, configs, what))
  for (const config of configs) for (const line of configLines(output, config)) output.line(line)
  for (const line of [...obstacles(output, summary), ...unknownLines(output, summary)]) output.line(line)
}

function headline(
  output: Output,
  { revision, affected, processes }: PlanSummary__Output,
  configs: readonly PlannedConfig__Output[],
  what: string,
): string {
  const counts = ['added', 'changed', 'removed'].flatMap((kind) => {
    const count = configs.filter((config) => config.kind === kind).length
    return count > 0 ? [`${count} ${kind}`] : []
  })
  const head = `${paint(output, 'bold', what)} on r${revision}: ${counts.join(', ') || 'nothing to change'}`
  return counts.length === 0 ? head : `${head} · ${affected} of ${counted(processes, 'process')} affected`
}

const marks: Record<string, readonly [string, 'green' | 'yellow' | 'red' | 'dim']> = {
  added: ['+', 'green'],
  changed: ['~', 'yellow'],
  removed: ['-', 'red'],
  same: ['=', 'dim'],
}

/** One config: what happens to the base, then to each distinct value that processes have; `people`: and to whom. */
export function configLines(output: Output, config: PlannedConfig__Output, people = true): string[] {
  const [mark, colour] = marks[config.kind] ?? ['~', 'yellow']
  const from = config.fromRevision === '0' ? '' : `  r${config.fromRevision}`
  const audience = config.kind === 'added' ? `  ${audienceOf(config)}` : ''
  const more = config.outcomesTotal - config.outcomes.length
  return [
    `${paint(output, colour, mark)} ${paint(output, 'bold', config.name)}${from}${audience}`,
    ...config.outcomes.flatMap((outcome, at) => outcomeLines(output, config.kind, outcome, at === 0, people)),
    ...(more > 0 ? [`    and ${more} more combinations of overlays`] : []),
    ...config.types.map((type) => typeLine(output, type)),
  ]
}

const typeLine = (output: Output, { pointer, before, after, overlays }: TypeChange__Output): string => {
  const where = overlays.length > 0 ? ` (${overlays.map(fileOf).join(' + ')})` : ''
  return `  ${paint(output, 'red', '!')} ${pointer || '/'} ${before} → ${after}${where}: no schema says which is right, so apply asks`
}

const audienceOf = ({ audience, nobody }: PlannedConfig__Output): string => {
  const labels = Object.entries(audience).map(([label, value]) => `${label}=${value}`)
  return nobody ? 'for references only' : `for ${labels.join(',') || 'everyone'}`
}

function outcomeLines(
  output: Output,
  kind: string,
  outcome: PlannedOutcome__Output,
  isBase: boolean,
  people: boolean,
): string[] {
  // A base that nobody has is worth a line only for what changes in it.
  if (isBase && outcome.processes === 0 && !outcome.changed) return []
  const overlays = outcome.hasValue ? outcome.overlays : outcome.overlaysBefore
  const head = isBase ? '' : `${overlays.map(fileOf).join(' + ') || 'the base'}: `
  const shown = outcome.paths.slice(0, pathsShown).map((path) => `    ${pathChange(path)}`)
  const more = outcome.pathsTotal - shown.length
  if (more > 0) shown.push(`    and ${more} more`)
  const words = people ? `${head}${effectOf(kind, outcome)}${whoOf(outcome)}` : head.replace(/: $/, '')
  const who = words === '' ? [] : [`    ${paint(output, 'dim', words)}`]
  return isBase ? [...shown, ...who] : [...who, ...shown.map((line) => `  ${line}`)]
}

const fileOf = (path: string): string => path.split('/').pop() ?? path

function effectOf(kind: string, { changed, hadValue, hasValue }: PlannedOutcome__Output): string {
  if (!changed) return 'no change for '
  if (!hasValue) return kind === 'removed' ? 'removed, the last value stays for ' : 'no longer meant for '
  return hadValue ? 'changes for ' : 'new for '
}

function whoOf({ processes, instances, away, unknown }: PlannedOutcome__Output): string {
  if (processes === 0) return 'no live process'
  const some = instances.slice(0, namesShown).join(', ')
  const rest = processes - Math.min(namesShown, instances.length)
  const notes = [away > 0 ? `${away} away` : '', unknown > 0 ? `${unknown} unknown` : ''].filter(Boolean)
  return `${counted(processes, 'process')}: ${some}${rest > 0 ? ` and ${rest} more` : ''}${notes.length > 0 ? ` (${notes.join(', ')})` : ''}`
}

function obstacles(output: Output, { holds, guards, refusals }: PlanSummary__Output): string[] {
  const now = Date.now()
  return [
    ...holds.map(
      ({ name, author, wallMs, reason }) =>
        `${paint(output, 'red', 'held')} · ${name} stays as it is, by ${author}, ${ago(Number(wallMs), now)}${reason ? `: ${reason}` : ''}; let go with --release ${name}`,
    ),
    ...guards.map(
      ({ message }) => `${paint(output, 'yellow', 'guard')} · ${message}: an apply waits for \`keeper approve\``,
    ),
    ...refusals.map(({ code, message }) => `${paint(output, 'red', 'refused')} · ${message} (${code})${remedy(code)}`),
  ]
}

const remedy = (code: string): string => (isErrorCode(code) ? `\n        ${errorKinds[code].fix}` : '')

function unknownLines(output: Output, { unknown, unreachableMembers }: PlanSummary__Output): string[] {
  if (unreachableMembers.length === 0) return []
  const silent = `${unreachableMembers.join(', ')} ${unreachableMembers.length === 1 ? 'does' : 'do'} not answer`
  return [
    `${paint(output, 'yellow', 'unknown')} · ${silent}: how ${counted(unknown, 'process')} affected are, nobody says`,
  ]
}

/** `1 process`, `3 processes`, `2 configs`. */
export const counted = (count: number, what: string): string =>
  `${count} ${count === 1 ? what : what.endsWith('s') ? `${what}es` : `${what}s`}`
