import { decodeText } from '../base/codec.js'
import type { ConfigRecord } from '../store/records.js'
import type { StoreReader } from '../store/types.js'
import { readConfigs } from './view.js'

const mark = Buffer.from('${secret:')
const placeholder = /\$\{secret:([^{}]*)\}/g

/** Secret → the live configs that name it, sorted. */
export function secretUses(store: StoreReader, namespace: string): ReadonlyMap<string, readonly string[]> {
  const uses = new Map<string, string[]>()
  for (const { record } of readConfigs(store, namespace))
    for (const name of secretsOf(record, (hash) => store.blob(hash)))
      uses.set(name, [...(uses.get(name) ?? []), record.name].sort())
  return uses
}

/** The secrets that the values of a config name. */
export function secretsOf(
  { variants }: Pick<ConfigRecord, 'variants'>,
  blob: (hash: string) => Uint8Array | undefined,
): ReadonlySet<string> {
  const found = new Set<string>()
  for (const hash of new Set(variants.map((variant) => variant.hash))) {
    const bytes = blob(hash)
    if (!bytes || !Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length).includes(mark)) continue
    for (const [, name = ''] of decodeText(bytes).matchAll(placeholder)) found.add(name)
  }
  return found
}
