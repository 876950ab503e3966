import { mkdir, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { Command } from 'commander'
import { ExitCode, KeeperError } from '../../base/errors.js'
import { schemaToReview } from '../../compile/schema-of-values.js'
import { type TypedConfig, typedConfigs } from '../../compile/typed-configs.js'
import { compileDirectory, printFound } from '../compiled.js'
import { type Context, withContext } from '../context.js'
import { exportSchemas } from '../editor-files.js'
import { readDirectory } from '../read-directory.js'

/** `keeper schema init|export`: schemas out of values, and schemas for editors. */
export function schemaCommand(): Command {
  return new Command('schema')
    .description('write schemas: from the present values, or for editors')
    .addHelpText('after', '\nExamples:\n  keeper schema init ./config push/room\n  keeper schema export ./config')
    .addCommand(initCommand())
    .addCommand(exportCommand())
}

function initCommand(): Command {
  return new Command('init')
    .description(
      'write NAME.schema.json from the present values of a config, to review; without NAME for all that have none',
    )
    .argument('<dir>', 'the config directory')
    .argument('[name]', 'config, e.g. push/room')
    .addHelpText('after', '\nExamples:\n  keeper schema init ./config push/room\n  keeper schema init ./config')
    .action(
      withContext<object, [string, string | undefined]>(async (context, [dir, name]) => {
        const { tree, compiled } = await compileDirectory(dir)
        if (!compiled.ok) {
          printFound(context.output, compiled.diagnostics, dir)
          return ExitCode.invalidConfig
        }
        const configs = typedConfigs(compiled, tree)
        if (name !== undefined && !configs.some((config) => config.name === name))
          throw new KeeperError('E_NOT_FOUND', `${dir} has no config ${name}`)
        const wanted = configs.filter((config) => (name === undefined ? !config.schema : config.name === name))
        for (const config of wanted) await initSchema(context, dir, config)
        if (wanted.length === 0) context.output.line('every config has a schema')
        return ExitCode.done
      }),
    )
}

async function initSchema({ output }: Context, dir: string, { name, values, isText }: TypedConfig): Promise<void> {
  const file = join(dir, `${name}.schema.json`)
  try {
    await writeFile(file, `${JSON.stringify(schemaToReview(name, values, isText), null, 2)}\n`, { flag: 'wx' })
  } catch (cause) {
    if ((cause as NodeJS.ErrnoException).code === 'EEXIST')
      throw new KeeperError('E_DATA_EXISTS', `${file} exists`, { file }, { cause })
    throw new KeeperError('E_INVALID_ARGUMENT', `cannot write ${file}: ${(cause as Error).message}`, {}, { cause })
  }
  if (output.json) output.value({ name, file })
  else output.line(`${file}: to review`)
}

interface ExportOptions {
  workspace?: string
}

function exportCommand(): Command {
  return new Command('export')
    .description('write schemas and .vscode/settings.json, so that editors complete and underline config files')
    .argument('<dir>', 'the config directory')
    .option(
      '--workspace <folder>',
      'the folder that the editor opens (default: the nearest with .git or .vscode, or DIR)',
    )
    .addHelpText(
      'after',
      `
Examples:
  keeper schema export ./config
  keeper schema export ./config --workspace .

Other settings in .vscode/settings.json stay as they are, comments too. YAML files need the YAML extension (redhat.vscode-yaml).`,
    )
    .action(
      withContext<ExportOptions, [string]>(async ({ output }, [dir], { workspace }) => {
        const written = await exportSchemas(await readDirectory(dir), dir, workspace)
        for (const [path, text] of written.files) {
          await mkdir(dirname(path), { recursive: true })
          await writeFile(path, text)
        }
        for (const file of written.invalid)
          output.error(`warning · ${file}: no JSON Schema, left out; \`keeper check\` says what is wrong with it`)
        if (output.json) output.value({ workspace: written.workspace, schemas: written.schemas })
        else
          output.line(
            `${join(written.workspace, '.vscode/settings.json')}: schemas of ${written.schemas} config${written.schemas === 1 ? '' : 's'}`,
          )
        return ExitCode.done
      }),
    )
}
