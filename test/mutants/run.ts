import { spawn } from 'node:child_process'
import { createInterface } from 'node:readline'
import type { SeedLine } from './child-line.js'

export interface Outcome {
  /** Seeds that were run, the failing one too. */
  readonly seeds: number
  readonly cpuSeconds: number
  /** The first seed that failed. */
  readonly failed?: SeedLine
}

/** One seed that takes so long goes round without end. */
const seedMsMax = 300_000

/** Runs a bundle over `count` seeds from `from` on, until one fails, in a process of its own that yields to others. */
export function run(path: string, from: number, count: number): Promise<Outcome> {
  const command = ['-n', '10', process.execPath, '--enable-source-maps', path, String(from), String(count)]
  const child = spawn('nice', command, { stdio: ['ignore', 'pipe', 'inherit'] })
  let seeds = 0
  let failed: SeedLine | undefined
  let cpuSeconds = 0
  const stuck = () => {
    failed ??= {
      seed: from + seeds,
      ok: false,
      cpuSeconds,
      checker: 'crash',
      message: `no end within ${seedMsMax / 1_000} s`,
    }
    child.kill('SIGKILL')
  }
  let watchdog = setTimeout(stuck, seedMsMax)
  createInterface({ input: child.stdout }).on('line', (text) => {
    const line = JSON.parse(text) as SeedLine
    clearTimeout(watchdog)
    watchdog = setTimeout(stuck, seedMsMax)
    seeds++
    cpuSeconds = line.cpuSeconds
    if (!line.ok) failed ??= line
  })
  return new Promise((resolve, reject) => {
    child.on('error', reject)
    child.on('close', (code) => {
      clearTimeout(watchdog)
      if (!failed && (code !== 0 || seeds < count))
        failed = { seed: from + seeds, ok: false, cpuSeconds, checker: 'crash', message: `ended with code ${code}` }
      resolve({ seeds, cpuSeconds, ...(failed && { failed }) })
    })
  })
}
