import { access, readFile, rm } from 'node:fs/promises'
import { dirname, join, relative, resolve, sep } from 'node:path'
import { decodeText } from '../base/codec.js'
import { KeeperError } from '../base/errors.js'
import { forEditors } from '../compile/editor-schema.js'
import { isObject } from '../compile/json.js'
import { parseJson } from '../compile/parse-json.js'
import { testsSchema } from '../compile/tests-schema.js'
import type { SourceTree } from '../compile/types.js'
import { type Association, mergeSettings } from './editor-settings.js'

/** What is to be written for editors. */
export interface EditorFiles {
  readonly workspace: string
  /** Path → text. */
  readonly files: ReadonlyMap<string, string>
  /** How many configs have a schema. */
  readonly schemas: number
  /** Schemas that are none. */
  readonly invalid: readonly string[]
}

/**
 * Schemas and settings for the config directory `dir`, seen from the folder that the editor opens. What an earlier
 * export wrote for the same directory is removed. Throws E_INVALID_ARGUMENT when `workspace` does not hold `dir`, and
 * E_INVALID_CONFIG when the settings that are there cannot be read.
 */
export async function exportSchemas(tree: SourceTree, dir: string, workspace?: string): Promise<EditorFiles> {
  const home = resolve(workspace ?? (await nearestWorkspace(resolve(dir))))
  const inside = relative(home, resolve(dir)).split(sep).join('/')
  if (inside.startsWith('..'))
    throw new KeeperError('E_INVALID_ARGUMENT', `--workspace ${home} is no folder above ${dir}`)
  const base = ['.vscode/keeper', inside].filter(Boolean).join('/')
  const files = new Map<string, string>()
  const associations: Association[] = []
  const invalid: string[] = []
  for (const { path, bytes } of tree.files.filter((file) => file.path.endsWith('.schema.json'))) {
    const { value } = parseJson(decodeText(bytes).replace(/^\ufeff/, ''))
    if (!isObject(value)) invalid.push(path)
    else associations.push(...addSchemas(files, home, base, inside, path.slice(0, -'.schema.json'.length), value))
  }
  const schemas = associations.length / 3
  const tests = `${base}/_keeper/tests.schema.json`
  files.set(join(home, tests), schemaText(testsSchema))
  associations.push({ url: tests, stem: [inside, '_keeper/tests/*'].filter(Boolean).join('/'), isPattern: true })
  const settings = join(home, '.vscode/settings.json')
  files.set(settings, await mergedSettings(settings, base, associations))
  await rm(join(home, base), { recursive: true, force: true })
  return { workspace: home, files, schemas, invalid }
}

type Schema = Parameters<typeof forEditors>[0]

function addSchemas(
  files: Map<string, string>,
  home: string,
  base: string,
  inside: string,
  name: string,
  schema: Schema,
): Association[] {
  const short = name.slice(name.lastIndexOf('/') + 1)
  const schemas = forEditors(schema, `./${encodeURIComponent(short)}.overlay.schema.json`)
  const url = (kind: string) => `${base}/${name}${kind}.schema.json`
  for (const [kind, text] of Object.entries({
    '': schemas.config,
    '.overlay': schemas.overlay,
    '.overlays': schemas.overlays,
  }))
    files.set(join(home, url(kind)), schemaText(text))
  const stem = [inside, name].filter(Boolean).join('/')
  return [
    { url: url(''), stem },
    { url: url('.overlay'), stem: `${stem}@*`, isPattern: true },
    { url: url('.overlays'), stem: `${stem}.overlays` },
  ]
}

const schemaText = (schema: Schema): string => `${JSON.stringify(schema, null, 2)}\n`

async function mergedSettings(file: string, base: string, associations: readonly Association[]): Promise<string> {
  const standing = await readFile(file, 'utf8').catch((thrown: NodeJS.ErrnoException) => {
    if (thrown.code === 'ENOENT') return '{}\n'
    throw new KeeperError('E_INVALID_ARGUMENT', `cannot read ${file}: ${thrown.message}`, {}, { cause: thrown })
  })
  const merged = mergeSettings(standing, base, associations)
  if (merged !== undefined) return merged
  throw new KeeperError('E_INVALID_CONFIG', `${file} is no JSON object: correct it first; it was left as it is`)
}

async function nearestWorkspace(dir: string): Promise<string> {
  for (let folder = dir; ; folder = dirname(folder)) {
    if ((await exists(join(folder, '.vscode'))) || (await exists(join(folder, '.git')))) return folder
    if (folder === dirname(folder)) return dir
  }
}

const exists = (path: string): Promise<boolean> =>
  access(path).then(
    () => true,
    () => false,
  )
