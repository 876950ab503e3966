import type { SecretUse } from '../store/config-records.js'
import type { Json } from './json.js'
import { eachTemplate, placeholdersIn } from './placeholders.js'

/** The secrets that values name, with every place where one of the values does. */
export function secretsOf(values: readonly Json[]): SecretUse[] {
  const found = new Map<string, Set<string>>()
  for (const value of values)
    eachTemplate(value, (text, pointer) => {
      for (const { kind, name } of placeholdersIn(text)) {
        if (kind !== 'secret') continue
        const pointers = found.get(name) ?? new Set()
        found.set(name, pointers.add(pointer))
      }
    })
  return [...found]
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([name, pointers]) => ({ name, pointers: [...pointers].sort() }))
}
