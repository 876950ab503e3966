import { stat } from 'node:fs/promises'
import { join } from 'node:path'
import { Command } from 'commander'
import { ExitCode } from '../../base/errors.js'
import type { TestReport } from '../../compile/config-tests.js'
import { settingsName } from '../../compile/settings.js'
import type { CompileOutput, SourceFile, SourceTree } from '../../compile/types.js'
import { parseLabels } from '../arguments.js'
import { compileDirectory, printFound } from '../compiled.js'
import { withContext } from '../context.js'
import { type Output, paint } from '../output.js'
import { readDirectory } from '../read-directory.js'

/** `keeper check`: compiles a directory here, without a keeper, and runs its tests. */
export function checkCommand(): Command {
  return new Command('check')
    .description('compile a directory of config files without publishing it, and run its tests; needs no keeper')
    .argument('<dir>', 'the config directory')
    .option(
      '--label <labels>',
      'as a keeper with these labels would compile it: env=prod; without it for every environment',
    )
    .addHelpText(
      'after',
      `
Examples:
  keeper check ./config
  keeper check ./config --label env=prod
  keeper check ./config --output json    one diagnostic per line, for CI

Tests stand in _keeper/tests/*.yaml, a list of:
  - config: push/room
    as: {cluster: push, role: room, zone: bj}
    expect: {/maxConnections: 3000}        # by pointer, or the whole value
  - config: push/room
    as: {cluster: push, role: room}
    set: {maxConnections: lots}            # laid over the value
    expectError: schema/type               # a rule or a code; or {rule: …, pointer: …}`,
    )
    .action(
      withContext<{ label?: string }, [string]>(async ({ output }, [dir], { label }) => {
        const { tree, compiled } = await compileDirectory(
          dir,
          label === undefined ? undefined : parseLabels('--label', label),
          output,
        )
        const tests = compiled.ok ? await runTests(dir, tree, compiled) : noTests
        const found = [...compiled.diagnostics, ...tests.diagnostics]
        printFound(output, found, dir)
        const errors = found.filter((one) => one.severity === 'error').length
        const configs = compiled.configs.filter(({ name }) => name !== settingsName).length
        printVerdict(output, configs, tests, errors)
        return errors === 0 ? ExitCode.done : ExitCode.invalidConfig
      }),
    )
}

const noTests: TestReport = { run: 0, failed: 0, diagnostics: [] }

async function runTests(dir: string, tree: SourceTree, compiled: CompileOutput): Promise<TestReport> {
  const files = await testFiles(dir)
  if (files.length === 0) return noTests
  const { runConfigTests } = await import('../../compile/config-tests.js')
  return runConfigTests(files, tree, compiled)
}

async function testFiles(dir: string): Promise<SourceFile[]> {
  const folder = join(dir, '_keeper')
  if (!(await stat(folder).catch(() => undefined))?.isDirectory()) return []
  const { files } = await readDirectory(folder)
  return files
    .filter(({ path }) => /^tests\/.*\.ya?ml$/.test(path))
    .map(({ path, bytes }) => ({ path: `_keeper/${path}`, bytes }))
}

function printVerdict(output: Output, configs: number, tests: TestReport, errors: number): void {
  if (output.json) {
    output.value({ ok: errors === 0, configs, errors, tests: { run: tests.run, failed: tests.failed } })
  } else if (errors > 0) {
    output.line(`${paint(output, 'red', 'invalid')} · ${counted(errors, 'error')}`)
  } else {
    const ran = tests.run > 0 ? ` · ${counted(tests.run, 'test')}` : ''
    output.line(`${paint(output, 'green', 'ok')} · ${counted(configs, 'config')}${ran}`)
  }
}

const counted = (count: number, what: string): string => `${count} ${what}${count === 1 ? '' : 's'}`
