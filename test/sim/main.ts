/** Runs worlds, one seed after another, and says what they saw; stops as soon as a checker fires. */

import { numberOption, toolOptions } from '../harness/tool-options.js'
import { addMeetings, meetingsTable, noMeetings } from './encounters.js'
import { type Verdict, World } from './world.js'

const help = `npm run sim [-- OPTIONS]

Three to five members, their disks, links, clocks and clients in one thread, in virtual time, with all kinds of harm in random
order: the same seed is the same run. Exit 1 as soon as a checker fires, with the seed, the end of its trace and the way to
see it again.

  --seeds N      run so many worlds (20)
  --seconds S    or run them for so long
  --from X       the first seed (drawn)
  --seed X       just this one; prints the digest of its trace
  --chaos S      virtual seconds of harm in each world
  --trace        print each step as it happens
  --tail N       lines of the trace to print when one fails (60)
  --table        how often each kind of harm met each kind of occasion (always from 100 seeds on)

Examples:
  npm run sim -- --seconds 60
  npm run sim -- --seed 1719 --trace
  npm run sim -- --seeds 1000 --from 1`

const { values } = toolOptions({
  name: 'sim',
  help,
  options: {
    seeds: { type: 'string' },
    seconds: { type: 'string' },
    seed: { type: 'string' },
    from: { type: 'string' },
    chaos: { type: 'string' },
    tail: { type: 'string', default: '60' },
    trace: { type: 'boolean', default: false },
    table: { type: 'boolean', default: false },
  },
})
for (const flag of ['seeds', 'seconds', 'seed', 'from', 'chaos', 'tail'] as const)
  numberOption('sim', flag, values[flag] ?? '0')

const plan = values.chaos === undefined ? {} : { plan: { chaosMs: Number(values.chaos) * 1_000 } }
const print = values.trace ? { print: (line: string) => console.log(line) } : {}
/** So often each kind of harm should have met each kind of occasion in a long run. */
const meetingsGoal = 100
const first = Number(values.seed ?? values.from ?? Math.floor(Math.random() * 1_000_000_000))
const seedsMax =
  values.seed === undefined ? Number(values.seeds ?? (values.seconds ? Number.POSITIVE_INFINITY : 20)) : 1
const secondsMax = Number(values.seconds ?? Number.POSITIVE_INFINITY)
const beganAt = performance.now()
const cpuBefore = process.cpuUsage()
const totals = { seeds: 0, operations: 0, deliveries: 0, elections: 0, faults: 0, entries: 0, changes: 0, virtualMs: 0 }
const meetings = noMeetings()
let current = first

process.on('unhandledRejection', (error) => {
  console.error(error)
  console.error(`seed ${current} left a rejection unhandled · replay: npm run sim -- --seed ${current}`)
  process.exit(1)
})

for (; totals.seeds < seedsMax && performance.now() - beganAt < secondsMax * 1_000; current++) {
  const verdict = await new World({ seed: current, ...plan, ...print }).run()
  add(verdict)
  if (verdict.failure) fail(verdict, verdict.failure)
  if (values.seed !== undefined) console.log(`seed ${current} · trace ${verdict.digest}`)
}
report()

function add(verdict: Verdict): void {
  totals.seeds++
  for (const key of ['operations', 'deliveries', 'elections', 'faults', 'entries', 'changes', 'virtualMs'] as const)
    totals[key] += verdict[key]
  addMeetings(meetings, verdict.meetings)
}

function fail(verdict: Verdict, failure: Error): never {
  for (const line of verdict.tail.slice(-Number(values.tail))) console.error(line)
  console.error(failure.stack)
  report()
  console.error(`\nseed ${verdict.seed} failed: ${failure.message}`)
  console.error(`replay: npm run sim -- --seed ${verdict.seed}${values.chaos ? ` --chaos ${values.chaos}` : ''}`)
  process.exit(1)
}

function report(): void {
  const { user, system } = process.cpuUsage(cpuBefore)
  const cpuMinutes = (user + system) / 60e6
  const perMinute = (count: number) => Math.round(count / cpuMinutes).toLocaleString('en')
  const words = (['operations', 'deliveries', 'elections', 'changes', 'faults'] as const).map(
    (key) => `${perMinute(totals[key])} ${key}`,
  )
  if (values.table || totals.seeds >= 100) console.log(`${meetingsTable(meetings, meetingsGoal)}\n`)
  console.log(
    `${totals.seeds} seeds from ${first} · ${Math.round(totals.virtualMs / 1_000)} virtual seconds · ${totals.entries} entries`,
  )
  console.log(`per CPU minute: client ${words.join(' · ')} · ${perMinute(totals.seeds)} seeds`)
}
