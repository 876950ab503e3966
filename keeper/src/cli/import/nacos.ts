import { parse as parseYaml } from 'yaml'
import { openArchive, readOr } from './archive.js'
import type { Found, ImportSource } from './item.js'
import type { ArchivedFile } from './zip.js'

const metadataFile = '.metadata.yml'
/** Before Nacos 2.0.4: `group.dataId.app=…` lines, of no use here. */
const oldMetadataFile = '.meta.yml'

/**
 * Nacos' export (its console's "export", a ZIP of `GROUP/dataId`): a group is a folder, a dataId a config, whose format
 * is what `.metadata.yml` says or else its extension.
 */
export async function openNacos(from: string): Promise<ImportSource> {
  const files = await openArchive(from)
  return { title: `nacos ${from}`, items: () => items(files), close: () => {} }
}

async function* items(files: readonly ArchivedFile[]): AsyncIterable<Found> {
  const types = typesOf(files.find(({ path }) => path === metadataFile))
  for (const file of files) {
    if (file.path === metadataFile || file.path === oldMetadataFile) continue
    const [group = '', ...rest] = file.path.split('/')
    const dataId = rest.join('/')
    const type = types.get(`${group}\0${dataId}`)
    yield* readOr(file, (bytes) => [item([group, ...rest], bytes, type)])
  }
}

const item = (path: readonly string[], bytes: Buffer, type: string | undefined): Found => ({
  path,
  bytes,
  // `text`, `html` and such are plain values, or what their content looks like.
  ...(type === undefined ? {} : { extension: type }),
})

function typesOf(file: ArchivedFile | undefined): Map<string, string> {
  const types = new Map<string, string>()
  if (!file) return types
  const read: unknown = parseYaml(file.read().toString('utf8'))
  const list = (read as { metadata?: unknown } | null)?.metadata
  if (!Array.isArray(list)) return types
  for (const { group, dataId, type } of list as Record<string, unknown>[])
    if (typeof type === 'string') types.set(`${String(group)}\0${String(dataId)}`, type.toLowerCase())
  return types
}
