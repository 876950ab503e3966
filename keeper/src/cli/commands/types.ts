import { readFile, writeFile } from 'node:fs/promises'
import { Command } from 'commander'
import { ExitCode, KeeperError } from '../../base/errors.js'
import { withContext } from '../context.js'
import { printDiagnostics } from '../published.js'
import { readDirectory } from '../read-directory.js'

interface Options {
  out: string
  check?: boolean
}

/** `keeper types`: the module that types `keeper.config(name)` in the SDK. */
export function typesCommand(): Command {
  return new Command('types')
    .description('write a TypeScript module that types keeper.config(…) for a config directory')
    .argument('<dir>', 'the config directory')
    .requiredOption('--out <file>', 'the module to write, e.g. src/keeper-configs.d.ts')
    .option('--check', 'write nothing; fail when the file is stale')
    .addHelpText(
      'after',
      '\nExamples:\n  keeper types ./config --out src/keeper-configs.d.ts\n  keeper types ./config --out src/keeper-configs.d.ts --check    in CI',
    )
    .action(
      withContext<Options, [string]>(async ({ output }, [dir], { out, check }) => {
        const tree = await readDirectory(dir)
        const { compileTree } = await import('../../compile/compiler.js')
        const { typesOf } = await import('../../compile/typescript.js')
        const compiled = compileTree(tree)
        if (!compiled.ok) {
          printDiagnostics(
            output,
            compiled.diagnostics.map((one) => ({
              ...one,
              line: one.line ?? 0,
              column: one.column ?? 0,
              pointer: one.pointer ?? '',
            })),
            dir,
          )
          return ExitCode.invalidConfig
        }
        const text = typesOf(compiled, tree)
        if (check) return await compare(out, text)
        await writeFile(out, text)
        if (output.json) output.value({ out, configs: compiled.configs.length })
        else output.line(`${out}: ${compiled.configs.length} configs`)
        return ExitCode.done
      }),
    )
}

async function compare(out: string, text: string): Promise<number> {
  const standing = await readFile(out, 'utf8').catch(() => undefined)
  if (standing === text) return ExitCode.done
  throw new KeeperError(
    'E_CONFLICT',
    `${out} ${standing === undefined ? 'does not exist' : 'is stale'}: run keeper types without --check`,
  )
}
