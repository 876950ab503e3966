import { parseArgs } from 'node:util'
import { withFolder } from '../harness/keeper-process.js'
import { killLoop } from './kill-loop.js'

const help = `npm run torture -- [--kills N] [--seed S]

Kills a real keeper with SIGKILL N times (default 200) at random moments under load and checks that every
acknowledged write is there after each restart.

Example: npm run torture -- --kills 20 --seed 7`

const { values } = parseArgs({
  options: {
    kills: { type: 'string', default: '200' },
    seed: { type: 'string' },
    help: { type: 'boolean', short: 'h' },
  },
})

if (values.help) {
  console.log(help)
} else {
  const kills = Number(values.kills)
  const seed = values.seed === undefined ? Date.now() % 1_000_000 : Number(values.seed)
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
