import { appendFileSync } from 'node:fs'
import { withFolder } from '../harness/keeper-process.js'
import { numberOption, toolOptions } from '../harness/tool-options.js'
import { faults } from './faults.js'
import { killLoop } from './kill-loop.js'
import { torture } from './storm.js'

const help = `npm run torture -- [--kills N | --minutes M] [--seed S] [--members N] [--lasts MS] [--only TEXT] [--pauses FILE]

Without --minutes: kills a real keeper with SIGKILL N times (default 200) at random moments under load and checks
that every acknowledged write is there after each restart.

With --minutes: does harm of all kinds to N real keepers (default 3) one after the other, in random order, under a load
of the SDK that reads, writes, swaps and holds leases. Every round is judged: no acknowledged write may be lost, what
was seen must be linearizable, no lease may end early. Tells the longest pause of all writes for each kind of harm.
--lasts: how long hanging and cut networks last (default 4000). --only: harm whose name has TEXT in it.
--pauses: writes down what members, clients and the machine did around each pause that was longer than wanted. Kinds:
${faults.map(({ name }) => `  ${name}`).join('\n')}

Examples: npm run torture -- --kills 20 --seed 7
          npm run torture -- --minutes 10 --only 'leader is cut off'`

const { values } = toolOptions({
  name: 'torture',
  help,
  options: {
    kills: { type: 'string', default: '200' },
    minutes: { type: 'string' },
    members: { type: 'string', default: '3' },
    lasts: { type: 'string', default: '4000' },
    only: { type: 'string', default: '' },
    seed: { type: 'string' },
    pauses: { type: 'string' },
  },
})
const number = (flag: 'kills' | 'minutes' | 'members' | 'lasts' | 'seed', least = 1): number =>
  numberOption('torture', flag, values[flag] ?? '', least)
const seed = values.seed === undefined ? Date.now() % 1_000_000 : number('seed', 0)

async function kill(kills: number): Promise<void> {
  console.log(`seed ${seed}: ${kills} kills`)
  const report = await withFolder((dataDir) =>
    killLoop({
      dataDir,
      kills,
      seed,
      onRound: (round, acknowledged) =>
        round % 10 === 0 && console.log(`  ${round} kills, ${acknowledged} writes acknowledged, all there`),
    }),
  )
  console.log(
    `${report.kills} kills, ${report.acknowledged} acknowledged writes, ${report.uncertain} unanswered, ${report.lost.length} lost`,
  )
  for (const line of report.lost.slice(0, 20)) console.log(`  lost ${line}`)
  if (report.lost.length > 0) process.exitCode = 1
}

async function storm(minutes: number): Promise<void> {
  console.log(`seed ${seed}: harm of all kinds for ${minutes} minutes`)
  const { only } = values
  const options = { minutes, seed, members: number('members'), lastsMs: number('lasts'), only }
  const file = values.pauses
  const onPause = (what: string, lines: readonly string[]) => {
    if (file) appendFileSync(file, `${what}\n${lines.map((line) => `  ${line}\n`).join('')}\n`)
  }
  const report = await torture({ ...options, onPause, onHarm: (line) => console.log(`  ${line}`) })
  console.log('')
  for (const [name, gaps] of report.gaps) {
    const sorted = gaps.toSorted((a, b) => a - b)
    const [middle, longest] = [sorted[Math.floor(sorted.length / 2)], sorted.at(-1)]
    console.log(`${name}: ${gaps.length} times, pause ${middle?.toFixed(0)} ms, at most ${longest?.toFixed(0)} ms`)
  }
  const { calls, acknowledged, failures, wrong } = report
  console.log(`${calls} calls, ${acknowledged} acknowledged writes, ${failures.length} failed, ${wrong.length} wrong`)
  for (const line of failures.slice(0, 20)) console.log(`  failed ${line}`)
  for (const line of wrong.slice(0, 20)) console.log(`  WRONG ${line}`)
  if (wrong.length > 0) process.exitCode = 1
}

if (values.minutes === undefined) await kill(number('kills'))
else await storm(number('minutes', 0))
