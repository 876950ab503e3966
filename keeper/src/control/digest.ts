import { createHash } from 'node:crypto'
import type { CompiledConfig } from '../compile/types.js'
import type { ConfigRecord } from '../store/config-records.js'

/** What a config is made of, whether it comes from the compiler or stands in the store. */
type Content = Pick<CompiledConfig, 'name' | 'audience' | 'overlays' | 'variants' | 'files'> & { schemaHash?: string }

const sorted = <V>(labels: Readonly<Record<string, V>>): [string, V][] =>
  Object.entries(labels).sort(([a], [b]) => (a < b ? -1 : 1))

const known = new WeakMap<Content, string>()

/**
 * SHA-256, hex, of all that makes two configs the same: audience, overlays, values, files, schema. Revisions are no part
 * of it. Remembered for the very object: what did not change in a directory of thousands is the same object again.
 */
export function digestOf(config: Content): string {
  const digest = known.get(config) ?? madeOf(config)
  known.set(config, digest)
  return digest
}

function madeOf(config: Content): string {
  const content = [
    config.name,
    sorted(config.audience.labels),
    config.audience.nobody === true,
    config.overlays.map((overlay) => [overlay.file, sorted(overlay.when), ...(overlay.at ? [overlay.at] : [])]),
    config.variants.map((variant) => [variant.overlays, variant.hash]),
    config.files.map((file) => [file.path, file.hash]),
    config.schemaHash ?? '',
  ]
  return createHash('sha256').update(JSON.stringify(content)).digest('hex')
}

/** Every blob that a config names: values, source files, schema. */
export const blobsOf = (
  config: Pick<ConfigRecord, 'files' | 'schemaHash'> & { variants: readonly { hash: string }[] },
) => [
  ...config.variants.map((variant) => variant.hash),
  ...config.files.map((file) => file.hash),
  ...(config.schemaHash === undefined ? [] : [config.schemaHash]),
]
