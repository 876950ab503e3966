/**
 * `npm run sim -- --seeds N | --seconds S | --seed X`: runs worlds, one seed after another, and says what they saw.
 * Exit 1, with the seed, the end of its trace and the way to see it again, as soon as a checker fires.
 */

import { parseArgs } from 'node:util'
import { addMeetings, meetingsTable, noMeetings } from './encounters.js'
import { type Verdict, World } from './world.js'

const { values } = parseArgs({
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
