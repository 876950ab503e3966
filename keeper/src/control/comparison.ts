import { decodeText } from '../base/codec.js'
import { limits } from '../base/limits.js'
import type { Json } from '../compile/json.js'
import { type TypeChange, typeChanges } from '../compile/type-changes.js'
import { typeChangesInBytes } from '../compile/type-changes-bytes.js'
import { bothValues, changedPaths, pathsInBytes, type ValueSource } from './deltas.js'
import type { PathDelta } from './types.js'

/** How two values differ, by their hashes; in nothing where one is missing. */
export interface Comparison {
  /** The first `limits.deltaPathsMax`, and how many there are. */
  readonly paths: (from: string, to: string) => { readonly paths: readonly PathDelta[]; readonly total: number }
  readonly types: (from: string, to: string) => readonly TypeChange[]
}

/**
 * Small values are parsed, each once. One of megabytes would be tens of megabytes then, and its bytes are compared, in the
 * pieces that only one of the two has.
 */
export function comparisonOf(values: ValueSource): Comparison {
  const read = valueReader((hash) => values.fresh.get(hash) ?? values.stored.blob(hash))
  return {
    paths: (from, to) => {
      const large = largeValues(from, to, values)
      return large ? pathsInBytes(...large) : changedPaths(read(from), read(to))
    },
    types: (from, to) => {
      const large = largeValues(from, to, values)
      if (large) return typeChangesInBytes(...large)
      const [before, after] = [read(from), read(to)]
      return before === undefined || after === undefined ? [] : typeChanges(before, after)
    },
  }
}

function valueReader(bytesOf: (hash: string) => Uint8Array | undefined): (hash: string) => Json | undefined {
  const known = new Map<string, Json | undefined>()
  return (hash) => {
    if (known.has(hash)) return known.get(hash)
    const bytes = bytesOf(hash)
    const value = bytes && (JSON.parse(decodeText(bytes)) as Json)
    known.set(hash, value)
    return value
  }
}

/** Both, when one of them is large and none is missing. */
const largeValues = (from: string, to: string, values: ValueSource): ReturnType<typeof bothValues> =>
  Math.max(bytesOf(from, values), bytesOf(to, values)) < limits.largeValueBytesMin
    ? undefined
    : bothValues(from, to, values)

const bytesOf = (hash: string, { fresh, stored }: ValueSource): number =>
  (fresh.large?.(hash) ?? fresh.get(hash))?.length ?? stored.blobPieces(hash).reduce((sum, { bytes }) => sum + bytes, 0)
