import { readFile, writeFile } from 'node:fs/promises'
import { basename, dirname, resolve } from 'node:path'
import { Command, Option } from 'commander'
import { ExitCode, KeeperError } from '../../base/errors.js'
import { goOf } from '../../compile/go.js'
import { type GeneratedTypes, staleIn } from '../../compile/typed-configs.js'
import type { CompileOutput, SourceTree } from '../../compile/types.js'
import { typesOf } from '../../compile/typescript.js'
import { compileDirectory, printFound } from '../compiled.js'
import { withContext } from '../context.js'

interface Options {
  out: string
  lang: keyof typeof languages
  package?: string
  check?: boolean
}

const languages = {
  ts: (compiled: CompileOutput, tree: SourceTree) => typesOf(compiled, tree),
  go: (compiled: CompileOutput, tree: SourceTree, options: Options) => goOf(compiled, tree, packageFor(options)),
}

/** `keeper types`: the module that types `keeper.config(name)` in the SDK, or structs for Go. */
export function typesCommand(): Command {
  return new Command('types')
    .description('write a module that types keeper.config(…) for a config directory, or structs for Go')
    .argument('<dir>', 'the config directory')
    .requiredOption('--out <file>', 'the module to write, e.g. src/keeper-configs.d.ts')
    .addOption(new Option('--lang <language>', 'ts, or go').choices(Object.keys(languages)).default('ts'))
    .option('--package <name>', 'of the Go file (default: the name of its folder)')
    .option('--check', 'write nothing; exit 1 and say what is stale')
    .addHelpText(
      'after',
      `
Examples:
  keeper types ./config --out src/keeper-configs.d.ts
  keeper types ./config --out src/keeper-configs.d.ts --check    in CI
  keeper types ./config --out configs/configs.go --lang go`,
    )
    .action(
      withContext<Options, [string]>(async ({ output }, [dir], options) => {
        const { tree, compiled } = await compileDirectory(dir, undefined, output)
        if (!compiled.ok) {
          printFound(output, compiled.diagnostics, dir)
          return ExitCode.invalidConfig
        }
        const { out } = options
        const types = languages[options.lang](compiled, tree, options)
        if (options.check) await refuseStale(out, types)
        else await writeModule(out, types)
        if (output.json) output.value({ out, configs: compiled.configs.length })
        else output.line(`${out}: ${compiled.configs.length} configs`)
        return ExitCode.done
      }),
    )
}

/** Throws E_STALE with what differs. */
async function refuseStale(out: string, types: GeneratedTypes): Promise<void> {
  const standing = await readFile(out, 'utf8').catch(() => undefined)
  if (standing === undefined) throw new KeeperError('E_STALE', `${out} does not exist`)
  const stale = staleIn(standing, types)
  if (stale.length > 0) throw new KeeperError('E_STALE', `${out} is stale: ${stale.join('; ')}`, { out, stale })
}

async function writeModule(out: string, { text }: GeneratedTypes): Promise<void> {
  try {
    await writeFile(out, text)
  } catch (cause) {
    throw new KeeperError('E_INVALID_ARGUMENT', `cannot write ${out}: ${(cause as Error).message}`, { out }, { cause })
  }
}

const goKeywords =
  /^(?:break|case|chan|const|continue|default|defer|else|fallthrough|for|func|go|goto|if|import|interface|map|package|range|return|select|struct|switch|type|var)$/

/** As asked for, or as Go names packages: like the folder. */
function packageFor({ out, package: given }: Options): string {
  const name =
    given ??
    basename(dirname(resolve(out)))
      .toLowerCase()
      .replace(/[^a-z0-9_]/g, '')
  if (/^[A-Za-z_]\w*$/.test(name) && !goKeywords.test(name)) return name
  throw new KeeperError('E_INVALID_ARGUMENT', `"${name}" is no name of a Go package: name one with --package`)
}
