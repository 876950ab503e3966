/**
 * Plants known bugs one at a time in the real source and lets the default simulation look for them; then runs the seeds
 * that were used without any bug.
 */

import { numberOption, toolOptions, wrongUsage } from '../harness/tool-options.js'
import { bundle } from './bundle.js'
import { mutants } from './catalogue.js'
import type { Mutant } from './mutant.js'
import { type Outcome, run } from './run.js'

const help = `npm run mutants [-- OPTIONS]

Known bugs, planted one at a time in the real source: the default simulation must find each of them, by the checkers it is
meant for, and the same seeds must pass without any. Exit 1 otherwise. Sources must not be edited while it runs.

  --only NAME    this one; may be given several times
  --seeds N      to look for each (1000; with --quick 10)
  --from S       the first seed (1)
  --quick        only those that some ten seeds find
  --at-once N    processes (2)
  --verbose      what each bug is, or how it was noticed

Examples:
  npm run mutants -- --quick
  npm run mutants -- --only vote-not-persisted --verbose`

const { values } = toolOptions({
  name: 'mutants',
  help,
  options: {
    only: { type: 'string', multiple: true },
    seeds: { type: 'string' },
    from: { type: 'string', default: '1' },
    quick: { type: 'boolean', default: false },
    'at-once': { type: 'string', default: '2' },
    verbose: { type: 'boolean', default: false },
  },
})
/** Seeds within which the short form must find each of its mutants. */
const quickSeeds = 10
const childrenMax = numberOption('mutants', 'at-once', values['at-once'], 1)

const from = numberOption('mutants', 'from', values.from)
const seeds = numberOption('mutants', 'seeds', values.seeds ?? String(values.quick ? quickSeeds : 1_000), 1)

function chosen(): readonly Mutant[] {
  const { only, quick } = values
  if (only) {
    const unknown = only.filter((name) => !mutants.some((mutant) => mutant.name === name))
    if (unknown.length > 0) wrongUsage('mutants', `no mutant ${unknown.join(', ')}; there are ${names(mutants)}`)
  }
  return mutants.filter((mutant) => (!only || only.includes(mutant.name)) && (!quick || mutant.quick))
}

const names = (some: readonly Mutant[]) => some.map(({ name }) => name).join(', ')

/** So many at a time, in order. */
async function eachOf<T>(work: readonly T[], act: (one: T) => Promise<void>): Promise<void> {
  const left = [...work]
  const worker = async () => {
    for (let one = left.shift(); one !== undefined; one = left.shift()) await act(one)
  }
  await Promise.all(Array.from({ length: childrenMax }, worker))
}

const right = ({ noticed }: Mutant, { failed }: Outcome) =>
  failed !== undefined && noticed.includes(failed.checker ?? '')

function row(mutant: Mutant, outcome: Outcome): string {
  const { failed } = outcome
  const found = failed ? (failed.checker ?? '') : 'NOT FOUND'
  const after = failed ? `seed ${failed.seed}` : `${outcome.seeds} seeds`
  const wrong = failed && !right(mutant, outcome) ? `  UNEXPECTED, wanted ${mutant.noticed.join(' or ')}` : ''
  const line = [mutant.name.padEnd(46), found.padEnd(20), after.padStart(10), outcome.cpuSeconds.toFixed(1).padStart(8)]
  return line.join(' ') + wrong
}

/** The seeds that were used, without any bug. */
async function unmutated(count: number): Promise<Outcome> {
  const path = await bundle()
  const share = Math.ceil(count / childrenMax)
  const starts = Array.from({ length: childrenMax }, (_, at) => at * share).filter((start) => start < count)
  const parts = await Promise.all(starts.map((start) => run(path, from + start, Math.min(share, count - start))))
  const failed = parts.find((part) => part.failed)?.failed
  return {
    seeds: parts.reduce((sum, part) => sum + part.seeds, 0),
    cpuSeconds: parts.reduce((sum, part) => sum + part.cpuSeconds, 0),
    ...(failed && { failed }),
  }
}

async function main(): Promise<number> {
  const missed: Mutant[] = []
  let used = 0
  let cpuSeconds = 0
  const tested = chosen()
  console.log(`${'mutant'.padEnd(46)} ${'found by'.padEnd(20)} ${'at'.padStart(10)} ${'CPU s'.padStart(8)}`)
  await eachOf(tested, async (mutant) => {
    const outcome = await run(await bundle(mutant), from, seeds)
    console.log(row(mutant, outcome))
    const ok = right(mutant, outcome)
    if (!ok || values.verbose) console.log(`  ${outcome.failed?.message ?? mutant.bug}`)
    if (!ok) missed.push(mutant)
    used = Math.max(used, outcome.seeds)
    cpuSeconds += outcome.cpuSeconds
  })
  const clean = await unmutated(used)
  cpuSeconds += clean.cpuSeconds
  if (clean.failed) console.log(`unmutated, seed ${clean.failed.seed} FAILED\n  ${clean.failed.message}`)
  else console.log(`unmutated, seeds ${from} to ${from + used - 1} pass ${clean.cpuSeconds.toFixed(1).padStart(28)}`)
  console.log(`${tested.length - missed.length} of ${tested.length} mutants found · ${cpuSeconds.toFixed(0)} CPU s`)
  if (missed.length > 0) console.log(`not found as they should be: ${names(missed)}`)
  return missed.length === 0 && !clean.failed ? 0 : 1
}

process.exitCode = await main()
