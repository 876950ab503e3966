import { Command } from 'commander'
import { ExitCode } from '../../base/errors.js'
import { limits } from '../../base/limits.js'
import type { CompileOutput, Diagnostic } from '../../compile/types.js'
import { CompileWorker } from '../../compile/worker.js'
import { type Context, withContext } from '../context.js'
import { openApollo } from '../import/apollo.js'
import { skippedFile } from '../import/config-writer.js'
import { openConsul } from '../import/consul.js'
import { openEtcd } from '../import/etcd.js'
import type { ImportSource } from '../import/item.js'
import { openNacos } from '../import/nacos.js'
import { parsePlace } from '../import/place.js'
import { type Imported, runImport } from '../import/run-import.js'
import { openZooKeeper } from '../import/zookeeper.js'
import { type Output, paint } from '../output.js'
import { printDiagnostics } from '../published.js'
import { readDirectory } from '../read-directory.js'

interface Options {
  out: string
  cluster: string
  auth?: string
  env?: string
}

type Open = (from: string, options: Options) => ImportSource | Promise<ImportSource>

interface Kind {
  readonly name: string
  readonly from: string
  readonly what: string
  readonly example: string
  readonly open: Open
}

const schemeOf = (from: string): 'http' | 'https' => (from.startsWith('https://') ? 'https' : 'http')

const kinds: readonly Kind[] = [
  {
    name: 'zookeeper',
    from: '<host[:port][,host…][/path]>',
    what: 'the znodes below a path; ephemeral ones are left out',
    example: 'zk1:2181,zk2:2181/push --out ./config',
    open: (from, { auth }) => openZooKeeper(parsePlace(from, 2181), auth),
  },
  {
    name: 'etcd',
    from: '<host[:port][,host…][/prefix]>',
    what: 'the keys with a prefix, as they are at one revision; keys with a lease are left out',
    example: 'http://etcd1:2379/config/ --out ./config',
    open: (from) => openEtcd(parsePlace(from, 2379), schemeOf(from)),
  },
  {
    name: 'apollo',
    from: '<file>',
    what: 'the archive that Apollo’s portal exports: namespaces are configs, clusters overlays for idc=CLUSTER',
    example: 'apollo_config_export.zip --env PRO --out ./config',
    open: (from, { env }) => openApollo(from, env),
  },
  {
    name: 'nacos',
    from: '<file>',
    what: 'the archive that Nacos’ console exports: groups are folders, data ids configs',
    example: 'nacos_config_export.zip --out ./config',
    open: (from) => openNacos(from),
  },
  {
    name: 'consul',
    from: '<host[:port][/prefix] | file>',
    what: 'keys of a running Consul, or the file of `consul kv export`',
    example: 'consul-export.json --out ./config',
    open: (from) => openConsul(from),
  },
]

const rules = `
What holds JSON, YAML, TOML or properties becomes a file; plain values of a folder become one file of the folder's name.
As with rsync, /push is the folder push, and /push/ is what lies in it. The first folder is the cluster, the second the role.
What can be no config is left out and listed in OUT/${skippedFile} with the reason.`

/** `keeper import`: another system's configuration as a config directory. */
export function importCommand(): Command {
  const command = new Command('import')
    .description('write what another system holds as a config directory, to look at, check and apply')
    .addHelpText(
      'after',
      `\nExamples:\n${kinds.map(({ name, example }) => `  keeper import ${name} ${example}`).join('\n')}\n${rules}`,
    )
  for (const kind of kinds) command.addCommand(kindCommand(kind))
  return command
}

function kindCommand({ name, from, what, example, open }: Kind): Command {
  const command = new Command(name)
    .description(what)
    .argument(from)
    .requiredOption('--out <dir>', 'the directory to write, empty or not there yet')
    .option('--cluster <name>', 'folder for what lies in none', 'imported')
  if (name === 'zookeeper') command.option('--auth <user:password>', 'for znodes with a digest ACL')
  if (name === 'apollo') command.option('--env <name>', 'the environment to take where the archive has several')
  return command
    .addHelpText('after', `\nExamples:\n  keeper import ${name} ${example}\n${rules}`)
    .action(
      withContext<Options, [string]>(async (context, [place], options) =>
        importFrom(context, await open(place, options), options),
      ),
    )
}

async function importFrom({ output, signal }: Context, source: ImportSource, options: Options): Promise<number> {
  const { out, cluster } = options
  const imported = await runImport(source, {
    ...{ out, cluster, signal },
    progress: ({ items, files, skipped }) =>
      output.progress(`${source.title} · ${items} values · ${files} files · ${skipped} left out`),
  })
  const compiled = await compile(out)
  if (output.json) output.value({ out, ...imported.counts, configs: compiled.configs.length, ok: compiled.ok })
  else tell(output, source, options, imported, compiled)
  return compiled.ok ? ExitCode.done : ExitCode.invalidConfig
}

async function compile(out: string): Promise<CompileOutput> {
  // It may be larger than what anybody will apply in one go.
  const worker = new CompileWorker({ deadlineMs: limits.importCompileMs })
  try {
    return await worker.compile(await readDirectory(out))
  } finally {
    await worker.close()
  }
}

function tell(
  output: Output,
  { title }: ImportSource,
  { out }: Options,
  { counts, examples }: Imported,
  { ok, configs, diagnostics }: CompileOutput,
): void {
  const { items, files, plain, skipped } = counts
  output.line(`${title} · ${items} values, ${plain} of them plain · ${files} files in ${out}`)
  if (skipped > 0) {
    output.line(`${paint(output, 'yellow', 'left out')} · ${skipped}, listed in ${out}/${skippedFile}`)
    for (const { path, reason } of examples) output.line(`  ${path}: ${reason}`)
    if (skipped > examples.length) output.line(`  … and ${skipped - examples.length} more`)
  }
  const errors = diagnostics.filter(({ severity }) => severity === 'error')
  const place = ({ line = 0, column = 0, pointer = '' }: Diagnostic) => ({ line, column, pointer })
  printDiagnostics(
    output,
    errors.map((one) => ({ ...one, ...place(one) })),
    out,
  )
  const some = `${configs.length} ${configs.length === 1 ? 'config' : 'configs'}`
  if (ok) output.line(`${paint(output, 'green', 'ok')} · ${some} · look at them, then: keeper apply ${out}`)
  else output.line(`${paint(output, 'red', 'invalid')} · correct what is said above, then: keeper check ${out}`)
}
