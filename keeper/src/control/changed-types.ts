import { KeeperError } from '../base/errors.js'
import { limits } from '../base/limits.js'
import { Rope } from '../base/rope.js'
import type { TypeChange } from '../compile/type-changes.js'
import { typeChangesInBytes } from '../compile/type-changes-bytes.js'
import { oldValue, type ValueSource, valueFinder } from './deltas.js'
import { type TypesBetween, typesChanged, typesOfValues, valueReader } from './review-config.js'
import type { Draft, PublishView } from './types.js'

/** E_TYPE_CHANGED when a value of a config without a schema would get another type than it has. */
export function changedTypes(
  view: PublishView,
  drafts: readonly Draft[],
  blobs: ReadonlyMap<string, Uint8Array>,
): KeeperError | undefined {
  const source = { fresh: blobs, stored: view }
  const changes = drafts
    .filter(({ before }) => before !== undefined)
    .flatMap((draft) => {
      const small = typesOfValues(valueReader(valueFinder(view, blobs)))
      const between: TypesBetween = (from, to) => largeTypes(from, to, source) ?? small(from, to)
      return typesChanged(draft, between).map((one) => ({ name: draft.record.name, ...one }))
    })
  if (changes.length === 0) return undefined
  const words = changes.slice(0, 5).map((one) => `${one.name}#${one.pointer} ${one.before} → ${one.after}`)
  const more = changes.length > 5 ? ` and ${changes.length - 5} more` : ''
  const details = { changes: changes.slice(0, limits.planTypeChangesMax) }
  return new KeeperError('E_TYPE_CHANGED', `the type of a value changes: ${words.join('; ')}${more}`, details)
}

/** Of values that would be tens of megabytes when they are parsed, by their bytes; undefined of smaller ones. */
function largeTypes(from: string, to: string, values: ValueSource): readonly TypeChange[] | undefined {
  const fresh = values.fresh.get(to)
  if (!fresh || fresh.length < limits.largeValueBytesMin) return undefined
  const old = oldValue(from, fresh, values)
  return old && typeChangesInBytes(old, Rope.of(fresh))
}
