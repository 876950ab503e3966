import { writeFile } from 'node:fs/promises'
import { cpus, release } from 'node:os'

/** Options that every bench beside peers takes. */
export const commonOptions = {
  only: { type: 'string' },
  members: { type: 'string', default: '3' },
  rounds: { type: 'string', default: '3' },
  json: { type: 'string' },
  output: { type: 'string', default: 'text' },
  help: { type: 'boolean', short: 'h' },
} as const

export const commonHelp = `  --only NAMES      of keeper, etcd, zookeeper, separated by commas; all that are installed by default
  --members N       members of each subject (3)
  --rounds N        how often each has its turn, A B C A B C (3)
  --json FILE       the figures as JSON, beside the table
  --output json     the figures as JSON instead of the table`

/** The command line asks for what there is not. */
export class UsageError extends Error {}

/** A count or a time from the command line. Throws UsageError for what is none. */
export function positive(name: string, value: string): number {
  const number = Number(value)
  if (!(number > 0)) throw new UsageError(`--${name}: expected a number above 0, got "${value}"`)
  return number
}

/** Prints the table or the figures, and keeps the figures where they were asked for. */
export async function give(
  values: { readonly json?: string | undefined; readonly output: string },
  text: string,
  figures: object,
): Promise<void> {
  const all = {
    machine: { cores: cpus().length, cpu: cpus()[0]?.model ?? 'unknown', kernel: release(), node: process.version },
    ...figures,
  }
  if (values.json !== undefined) await writeFile(values.json, `${JSON.stringify(all, null, 2)}\n`)
  console.log(values.output === 'json' ? JSON.stringify(all) : text)
}

/** The middle one; the mean of both when there are two. NaN of nothing. */
export function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b)
  const [low, high] = [sorted[(sorted.length - 1) >> 1], sorted[sorted.length >> 1]]
  return low === undefined || high === undefined ? Number.NaN : (low + high) / 2
}

/** Says on stderr what goes on: a bench takes minutes. */
export const progress = (text: string): void => console.error(`… ${text}`)

export const pause = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms))
