import { KeeperError } from '../../base/errors.js'
import { openArchive, readOr } from './archive.js'
import type { Found, ImportSource } from './item.js'
import type { ArchivedFile } from './zip.js'

/** A file of Apollo's export: `owner/appId/ENV/appId+cluster+namespace.properties`. */
interface Namespace {
  readonly file: ArchivedFile
  readonly app: string
  readonly env: string
  readonly cluster: string
  /** Without its extension. */
  readonly name: string
  readonly extension: string
}

/** The cluster of Apollo that every app has. */
const base = 'default'

/**
 * Apollo's export (its portal's "export", a ZIP): an app is a folder, a namespace a config, a cluster other than
 * `default` an overlay for processes labelled `idc=` it. One environment at a time. Rejects E_INVALID_ARGUMENT when there
 * are several and `env` names none of them.
 */
export async function openApollo(from: string, env: string | undefined): Promise<ImportSource> {
  const files = await openArchive(from)
  const all = files.flatMap((file) => namespaceOf(file) ?? [])
  if (all.length === 0)
    throw new KeeperError(
      'E_INVALID_ARGUMENT',
      `${from}: no file is named app+cluster+namespace, as Apollo exports them`,
    )
  const chosen = chooseEnv(all, env)
  return { title: `apollo ${from}`, items: () => items(all, chosen), close: () => {} }
}

function chooseEnv(all: readonly Namespace[], wanted: string | undefined): string {
  const envs = [...new Set(all.map(({ env }) => env))].sort()
  const chosen = wanted === undefined && envs.length === 1 ? envs[0] : envs.find((env) => env === wanted)
  if (chosen !== undefined) return chosen
  throw new KeeperError('E_INVALID_ARGUMENT', `--env: choose one of ${envs.join(', ')}; a directory is one environment`)
}

async function* items(all: readonly Namespace[], env: string): AsyncIterable<Found> {
  const wanted = all.filter((one) => one.env === env).sort((a, b) => (orderOf(a) < orderOf(b) ? -1 : 1))
  const bases = new Set(wanted.filter(({ cluster }) => cluster === base).map(({ app, name }) => `${app}/${name}`))
  for (const one of wanted) {
    const { file, app, name, cluster, extension } = one
    if (cluster === base) yield* readOr(file, (bytes) => [{ path: [app, name], bytes, extension }])
    else if (!bases.has(`${app}/${name}`))
      yield { path: file.path, reason: `the cluster ${base} has no ${name} for it to lie over` }
    else yield* readOr(file, (bytes) => [{ path: [app, `${name}@idc=${cluster}`], bytes, extension, isOverlay: true }])
  }
}

const orderOf = ({ app, name, cluster }: Namespace): string => [app, name, cluster === base ? '' : cluster].join('\0')

function namespaceOf(file: ArchivedFile): Namespace | undefined {
  const folders = file.path.split('/')
  const [app, cluster, namespace, ...more] = (folders.at(-1) ?? '').split('+')
  if (!app || !cluster || !namespace || more.length > 0) return undefined
  const dot = namespace.lastIndexOf('.')
  if (dot < 1 || namespace.endsWith('.metadata')) return undefined
  const env = folders.at(-2) ?? ''
  return { file, app, env, cluster, name: namespace.slice(0, dot), extension: namespace.slice(dot + 1).toLowerCase() }
}
