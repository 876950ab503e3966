import { readFile, stat } from 'node:fs/promises'
import { KeeperError } from '../../base/errors.js'
import { limits } from '../../base/limits.js'
import { ask, askJson } from './http.js'
import { type Found, type ImportSource, segmentsOf } from './item.js'
import { type Place, parsePlace } from './place.js'

interface Exported {
  readonly key: string
  readonly value?: string | null
}

/** `consul kv export`'s file, or a running Consul. Rejects E_INVALID_ARGUMENT. */
export async function openConsul(from: string): Promise<ImportSource> {
  const file = await stat(from).catch(() => undefined)
  if (file?.isFile()) return { title: `consul ${from}`, items: () => exported(from, file.size), close: () => {} }
  const scheme = from.startsWith('https://') ? 'https' : 'http'
  const place = parsePlace(from, 8500)
  return {
    title: `consul ${place.text}`,
    items: () =>
      walk(
        place.hosts.map((host) => `${scheme}://${host}/v1/kv/`),
        place,
      ),
    close: () => {},
  }
}

async function* exported(file: string, size: number): AsyncIterable<Found> {
  if (size > limits.importFileBytesMax)
    throw new KeeperError('E_TOO_LARGE', `${file} has more than ${limits.importFileBytesMax} bytes`)
  const all = parseExport(file, await readFile(file, 'utf8'))
  // By folders: an export is sorted by bytes, and then a folder's content need not stand together.
  for (const { key, value } of all.toSorted((a, b) => (a.key < b.key ? -1 : 1)))
    yield* foundAt(key, Buffer.from(value ?? '', 'base64'), 0)
}

function parseExport(file: string, text: string): Exported[] {
  try {
    const all: unknown = JSON.parse(text)
    const isEntry = (one: unknown) => typeof (one as Exported | null)?.key === 'string'
    if (Array.isArray(all) && all.every(isEntry)) return all as Exported[]
  } catch {
    // said below
  }
  throw new KeeperError('E_INVALID_ARGUMENT', `${file} is no export of \`consul kv export\``, { file })
}

async function* walk(base: readonly string[], { path, isContent }: Place): AsyncIterable<Found> {
  const prefix = path.map((segment) => `${segment}/`).join('')
  yield* folder(base, prefix, isContent ? path.length : Math.max(0, path.length - 1))
}

/** One folder's keys at a time: names first, then values. */
async function* folder(base: readonly string[], prefix: string, dropped: number): AsyncIterable<Found> {
  const query = `${encoded(prefix)}?keys&separator=/`
  const names = (await askJson(base.map((url) => url + query))) as readonly string[]
  for (const name of names)
    if (name.endsWith('/') && name !== prefix) yield* folder(base, name, dropped)
    else if (name !== prefix) yield* value(base, name, dropped)
}

async function* value(base: readonly string[], name: string, dropped: number): AsyncIterable<Found> {
  try {
    yield* foundAt(name, await ask(base.map((url) => `${url}${encoded(name)}?raw`)), dropped)
  } catch (error) {
    if (!(error instanceof KeeperError && error.code === 'E_NOT_FOUND')) throw error
    yield { path: name, reason: 'it went away meanwhile' }
  }
}

const encoded = (key: string): string => key.split('/').map(encodeURIComponent).join('/')

function* foundAt(key: string, bytes: Uint8Array, dropped: number): Iterable<Found> {
  // A key that ends with a slash is a folder.
  if (key.endsWith('/')) return
  const segments = segmentsOf(key)
  if ('reason' in segments) yield segments
  else yield { path: segments.slice(dropped), bytes }
}
