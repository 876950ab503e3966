import type { StoreReader } from '../store/types.js'
import { readConfigs } from './view.js'

/** Secret → the live configs that name it, sorted. */
export function secretUses(store: StoreReader, namespace: string): ReadonlyMap<string, readonly string[]> {
  const uses = new Map<string, string[]>()
  for (const { record } of readConfigs(store, namespace))
    for (const { name } of record.secrets ?? []) uses.set(name, [...(uses.get(name) ?? []), record.name].sort())
  return uses
}
