import { Command } from 'commander'
import { ExitCode } from '../../base/errors.js'
import { compileDirectory, printFound } from '../compiled.js'
import { withContext } from '../context.js'
import { paint } from '../output.js'

/** `keeper check`: compiles a directory here, without a keeper. */
export function checkCommand(): Command {
  return new Command('check')
    .description('compile a directory of config files without publishing it; needs no keeper')
    .argument('<dir>', 'the config directory')
    .addHelpText(
      'after',
      '\nExamples:\n  keeper check ./config\n  keeper check ./config --output json    one diagnostic per line, for CI',
    )
    .action(
      withContext<object, [string]>(async ({ output }, [dir]) => {
        const { compiled } = await compileDirectory(dir)
        printFound(output, compiled.diagnostics, dir)
        const errors = compiled.diagnostics.filter((one) => one.severity === 'error').length
        if (output.json) output.value({ ok: compiled.ok, configs: compiled.configs.length, errors })
        else if (compiled.ok)
          output.line(
            `${paint(output, 'green', 'ok')} · ${compiled.configs.length} ${compiled.configs.length === 1 ? 'config' : 'configs'}`,
          )
        else output.line(`${paint(output, 'red', 'invalid')} · ${errors} ${errors === 1 ? 'error' : 'errors'}`)
        return compiled.ok ? ExitCode.done : ExitCode.invalidConfig
      }),
    )
}
