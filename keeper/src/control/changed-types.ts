import { KeeperError } from '../base/errors.js'
import { limits } from '../base/limits.js'
import type { CompiledBlobs } from '../compile/types.js'
import { comparisonOf } from './comparison.js'
import { typesChanged } from './review-config.js'
import type { Draft, PublishView } from './types.js'

/** E_TYPE_CHANGED when a value of a config without a schema would get another type than it has. */
export function changedTypes(
  view: PublishView,
  drafts: readonly Draft[],
  blobs: CompiledBlobs,
): KeeperError | undefined {
  const changes = drafts
    .filter(({ before }) => before !== undefined)
    .flatMap((draft) => {
      const { types } = comparisonOf({ fresh: blobs, stored: view })
      return typesChanged(draft, types).map((one) => ({ name: draft.record.name, ...one }))
    })
  if (changes.length === 0) return undefined
  const words = changes.slice(0, 5).map((one) => `${one.name}#${one.pointer} ${one.before} → ${one.after}`)
  const more = changes.length > 5 ? ` and ${changes.length - 5} more` : ''
  const details = { changes: changes.slice(0, limits.planTypeChangesMax) }
  return new KeeperError('E_TYPE_CHANGED', `the type of a value changes: ${words.join('; ')}${more}`, details)
}
