import { KeeperError } from '../base/errors.js'
import { limits } from '../base/limits.js'
import { valueFinder } from './deltas.js'
import { ProcessIndex } from './process-index.js'
import { reviewConfig, valueReader } from './review-config.js'
import type { Draft, PublishView } from './types.js'

/** E_TYPE_CHANGED when a value of a config without a schema would get another type than it has. */
export function changedTypes(
  view: PublishView,
  drafts: readonly Draft[],
  blobs: ReadonlyMap<string, Uint8Array>,
): KeeperError | undefined {
  const nobody = new ProcessIndex([])
  const find = valueFinder(view, blobs)
  const changes = drafts
    .filter(({ record, before }) => record.schemaHash === undefined && !record.removed && before !== undefined)
    .flatMap((draft) => {
      const { name, types } = reviewConfig(draft, nobody, valueReader(find))
      return types.map((one) => ({ name, ...one }))
    })
  if (changes.length === 0) return undefined
  const words = changes.slice(0, 5).map((one) => `${one.name}#${one.pointer} ${one.before} → ${one.after}`)
  const more = changes.length > 5 ? ` and ${changes.length - 5} more` : ''
  const details = { changes: changes.slice(0, limits.planTypeChangesMax) }
  return new KeeperError('E_TYPE_CHANGED', `the type of a value changes: ${words.join('; ')}${more}`, details)
}
