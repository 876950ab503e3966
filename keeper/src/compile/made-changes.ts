import { packed, unpacked } from './packing.js'
import { carried, namedSpliceOf } from './splice.js'
import type { SourceFile } from './types.js'
import type { MadeConfig } from './worked.js'
import type { ChangedConfig, MadeChanges } from './worker-messages.js'

/** How two lists of configs differ, to be sent to another thread. What is the same object in both is left out. */
export function changesBetween(before: readonly MadeConfig[], after: readonly MadeConfig[]): MadeChanges {
  const names = namedSpliceOf(before, after, nameOf)
  const known = carried(before, names, nameOf)
  const changed: ChangedConfig[] = []
  for (const [at, made] of after.entries()) {
    const before = known[at]
    if (before !== made) changed.push({ at, made, ...(before && { before }) })
  }
  return { ...(names && { names }), ...(changed.length > 0 && { changed: packed(changed) }) }
}

/** The list after changes that were sent. `fileOf`: the file at a path, as it is now. */
export function withChanges(
  before: readonly MadeConfig[],
  { names, changed }: MadeChanges,
  fileOf: (path: string) => SourceFile | undefined,
): readonly MadeConfig[] {
  const known = carried(before, names, nameOf)
  const now = changed ? unpacked(changed, known, fileOf) : none
  const after: MadeConfig[] = []
  for (const [at, one] of known.entries()) {
    const made = now.get(at) ?? one
    if (made) after.push(made)
  }
  return after
}

const none: ReadonlyMap<number, MadeConfig> = new Map()

const nameOf = ({ config }: MadeConfig): string => config.name
