import { canonicalText } from './canonical.js'
import { child, isArray, isObject, type Json } from './json.js'

export interface ValueChange {
  readonly pointer: string
  /** Absent when the path is new. */
  readonly before?: Json
  /** Absent when the path is gone. */
  readonly after?: Json
}

/**
 * What changed between two values, path by path: the smallest paths that differ, in order of keys. Arrays of equal
 * length are compared item by item, others as a whole. Nothing is listed for equal values.
 */
export function diffValues(before: Json | undefined, after: Json | undefined): ValueChange[] {
  const changes: ValueChange[] = []
  compare(before, after, '', changes)
  return changes
}

function compare(before: Json | undefined, after: Json | undefined, pointer: string, changes: ValueChange[]): void {
  if (before === after) return
  if (isObject(before) && isObject(after)) {
    compareObjects(before, after, pointer, changes)
    return
  }
  if (isArray(before) && isArray(after) && before.length === after.length) {
    before.forEach((item, index) => {
      if (item !== after[index]) compare(item, after[index], child(pointer, index), changes)
    })
    return
  }
  if (before !== undefined && after !== undefined && canonicalText(before) === canonicalText(after)) return
  changes.push({ pointer, ...(before !== undefined && { before }), ...(after !== undefined && { after }) })
}

function compareObjects(
  before: { readonly [key: string]: Json },
  after: { readonly [key: string]: Json },
  pointer: string,
  changes: ValueChange[],
): void {
  const keys = [...new Set([...Object.keys(before), ...Object.keys(after)])].sort()
  for (const key of keys) {
    const left = Object.hasOwn(before, key) ? before[key] : undefined
    const right = Object.hasOwn(after, key) ? after[key] : undefined
    compare(left, right, child(pointer, key), changes)
  }
}
