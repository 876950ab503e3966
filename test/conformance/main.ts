/** Runs transcripts against the Raft core. */

import { statSync } from 'node:fs'
import { toolOptions, wrongUsage } from '../harness/tool-options.js'
import { runDirectory, type Verdict } from './run.js'

function line({ file, directives, failure, isOther }: Verdict): string {
  if (isOther) return `skip  ${file}: no transcript`
  if (!failure) return `ok    ${file} (${directives})`
  return [`FAIL  ${file}:${failure.line} ${failure.command}`, ...failure.difference.map((d) => `        ${d}`)].join(
    '\n',
  )
}

const help = `npm run conformance -- DIR

Runs every transcript below DIR (text files of commands and the states that must follow, as those of etcd-io/raft's testdata)
against the Raft core. Exit 1 when one of them differs, with the line and the difference, or when there is none.

Examples:
  git clone --depth 1 https://github.com/etcd-io/raft ../raft && npm run conformance -- ../raft/testdata`

function main(directory: string | undefined): number {
  if (directory === undefined) wrongUsage('conformance', 'name a directory of transcripts')
  if (!statSync(directory, { throwIfNoEntry: false })?.isDirectory())
    wrongUsage('conformance', `no directory '${directory}'`)
  const verdicts = runDirectory(directory)
  for (const verdict of verdicts) console.log(line(verdict))
  const run = verdicts.filter(({ isOther }) => !isOther)
  const failed = run.filter(({ failure }) => failure).length
  console.log(`${run.length - failed} passed, ${failed} failed`)
  return failed > 0 || run.length === 0 ? 1 : 0
}

process.exitCode = main(toolOptions({ name: 'conformance', help, options: {}, positionals: 1 }).positionals[0])
