import { execFile } from 'node:child_process'
import { join } from 'node:path'
import { expect, test } from 'vitest'

/** What a tool says and with what it exits. */
const run = (file: string, ...args: string[]) =>
  new Promise<{ code: unknown; stdout: string; stderr: string }>((resolve) => {
    const main = join(import.meta.dirname, '..', file)
    execFile(process.execPath, ['--import', 'tsx', main, ...args], (error, stdout, stderr) =>
      resolve({ code: error?.code ?? 0, stdout, stderr }),
    )
  })

test.each([
  'sim/main.ts',
  'mutants/main.ts',
  'cluster/torture.ts',
  'bench/main.ts',
  'conformance/main.ts',
  'sim/porcupine/main.ts',
])('%s has a --help with examples, and no stack trace for a slip', { timeout: 60_000 }, async (file) => {
  const [help, slip] = await Promise.all([run(file, '--help'), run(file, '--slip')])
  expect(help).toMatchObject({ code: 0, stdout: expect.stringMatching(/^npm run .*Examples?:/s), stderr: '' })
  expect(slip).toMatchObject({ code: 2, stdout: '', stderr: expect.stringMatching(/^.*--slip.*--help\n$/) })
})
