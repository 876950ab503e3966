import { execFileSync } from 'node:child_process'
import { existsSync, mkdirSync, readdirSync, symlinkSync } from 'node:fs'
import { join } from 'node:path'
import { build } from 'esbuild'

const root = join(import.meta.dirname, '../..')

/** What says how things look on disk and on the wire. Whoever changes one of them changes a format, or might. */
const formats = [
  'keeper/src/store/*codec*.ts',
  'keeper/src/store/blob-manifest.ts',
  'keeper/src/store/records.ts',
  'keeper/src/store/page.ts',
  'keeper/src/store/page-directory.ts',
  'keeper/src/store/cluster-version.ts',
  'keeper/src/storage/*records.ts',
  'keeper/src/storage/record.ts',
  'keeper/src/storage/side-file.ts',
  'keeper/src/storage/marks.ts',
  'keeper/src/transport/*codec.ts',
  'keeper/src/transport/frames.ts',
  'keeper/src/transport/greeting.ts',
  'keeper/src/node/snapshot-format.ts',
  'keeper/src/control/member-types.ts',
  'proto/keeper/**/*.proto',
]

const git = (...args: string[]): string =>
  execFileSync('git', ['-C', root, ...args], { encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] }).trim()

/** The last commit before a format changed, or the one that UPGRADE_FROM names; or why it cannot be had here. */
export function commitBeforeFormats(): { readonly commit: string } | { readonly missing: string } {
  try {
    if (process.env.UPGRADE_FROM) return { commit: git('rev-parse', process.env.UPGRADE_FROM) }
    const paths = formats.map((path) => `:(glob)${path}`)
    if (git('status', '--porcelain', '--', ...paths) !== '') return { commit: git('rev-parse', 'HEAD') }
    const changed = git('log', '-1', '--format=%H', '--', ...paths)
    const commit = git('rev-parse', `${changed}^`)
    git('cat-file', '-e', `${commit}^{tree}`)
    return { commit }
  } catch {
    return { missing: 'the history is not here: no git, or a shallow clone' }
  }
}

/** Builds the keeper of a commit below `folder`; gives its program. It shares the packages that are installed here. */
export async function buildKeeper(commit: string, folder: string): Promise<string> {
  mkdirSync(folder, { recursive: true })
  const tar = execFileSync('git', ['-C', root, 'archive', commit, 'package.json', 'proto', 'keeper'], {
    maxBuffer: 256 * 1024 * 1024,
  })
  execFileSync('tar', ['-x', '-C', folder], { input: tar })
  sharePackages(folder)
  for (const name of ['proto', 'keeper']) await transpile(join(folder, name))
  return join(folder, 'keeper/bin/keeper.js')
}

/** All but our own, which are those of the commit. */
function sharePackages(folder: string): void {
  const modules = join(folder, 'node_modules')
  mkdirSync(join(modules, '@keeper'), { recursive: true })
  for (const name of readdirSync(join(root, 'node_modules')))
    if (name !== '@keeper') symlinkSync(join(root, 'node_modules', name), join(modules, name))
  symlinkSync(join(folder, 'proto'), join(modules, '@keeper/proto'))
  symlinkSync(join(folder, 'keeper'), join(modules, '@keeper/server'))
  const own = join(root, 'keeper/node_modules')
  if (existsSync(own)) symlinkSync(own, join(folder, 'keeper/node_modules'))
}

/** Without a look at the types: they were right when it was committed. */
async function transpile(folder: string): Promise<void> {
  const source = join(folder, 'src')
  const files = readdirSync(source, { recursive: true, encoding: 'utf8' })
  await build({
    entryPoints: files.filter((file) => /(?<!\.test|\.d)\.ts$/.test(file)).map((file) => join(source, file)),
    ...{ outbase: source, outdir: join(folder, 'dist'), format: 'esm', platform: 'node', target: 'node20' },
    logLevel: 'error',
  })
}
