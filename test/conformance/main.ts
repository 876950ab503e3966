/** `npm run conformance -- DIR`: runs every transcript below DIR against the Raft core. */

import { statSync } from 'node:fs'
import { runDirectory, type Verdict } from './run.js'

function line({ file, directives, failure }: Verdict): string {
  if (!failure) return `ok    ${file} (${directives})`
  return [`FAIL  ${file}:${failure.line} ${failure.command}`, ...failure.difference.map((d) => `        ${d}`)].join(
    '\n',
  )
}

function main(directory: string | undefined): number {
  if (!directory || !statSync(directory, { throwIfNoEntry: false })?.isDirectory()) {
    console.error(directory ? `no directory: ${directory}` : 'usage: npm run conformance -- DIR')
    return 2
  }
  const verdicts = runDirectory(directory)
  for (const verdict of verdicts) console.log(line(verdict))
  const failed = verdicts.filter((verdict) => verdict.failure).length
  console.log(`${verdicts.length - failed} passed, ${failed} failed`)
  return failed > 0 || verdicts.length === 0 ? 1 : 0
}

process.exitCode = main(process.argv[2])
