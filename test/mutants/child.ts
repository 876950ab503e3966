/** Runs the default simulation seed after seed and prints a line of JSON for each; ends behind the first that fails. */

import { Violation } from '../sim/trace.js'
import { World } from '../sim/world.js'
import type { SeedLine } from './child-line.js'

const [from, count] = process.argv.slice(2).map(Number) as [number, number]
let current = from

function say(line: Omit<SeedLine, 'cpuSeconds'>): void {
  const { user, system } = process.cpuUsage()
  process.stdout.write(`${JSON.stringify({ ...line, cpuSeconds: (user + system) / 1e6 } satisfies SeedLine)}\n`)
}
const failureOf = (error: unknown): Partial<SeedLine> =>
  error instanceof Violation
    ? { checker: error.checker, message: error.message }
    : { checker: 'crash', message: error instanceof Error ? (error.stack ?? error.message) : String(error) }

process.on('unhandledRejection', (error) => {
  say({ seed: current, ok: false, ...failureOf(error) })
  process.exit(0)
})

for (; current < from + count; current++) {
  const { failure } = await new World({ seed: current }).run()
  say({ seed: current, ok: !failure, ...(failure && failureOf(failure)) })
  if (failure) break
}
process.exit(0)
