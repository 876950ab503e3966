import { limits } from '../base/limits.js'
import type { Remark } from './finding.js'
import { below, child, isObject, type Json, type JsonObject, steps } from './json.js'

export const defaultOverlayOrder: readonly string[] = ['env', 'idc', 'zone', 'track', 'instance']

export type When = Readonly<Record<string, string>>

/** Sorts by precedence, the weakest first: labels of `order`, then others by name; then by value, for a stable result. */
export function byPrecedence(order: readonly string[]): (a: When, b: When) => number {
  const rank = (label: string) => {
    const at = order.indexOf(label)
    return at < 0 ? order.length : at
  }
  return (a, b) => {
    const [left = '', leftValue = ''] = Object.entries(a)[0] ?? []
    const [right = '', rightValue = ''] = Object.entries(b)[0] ?? []
    return rank(left) - rank(right) || compareText(left, right) || compareText(leftValue, rightValue)
  }
}

export const compareText = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0)

/**
 * Every set of overlays that some process can match exactly, as ascending indices; `[]` first. `fixed` are labels
 * that all readers share. Undefined when there are more than limits.overlayCombinationsMax.
 */
export function combinations(overlays: readonly When[], fixed: When): readonly (readonly number[])[] | undefined {
  const values = new Map<string, Set<string | undefined>>()
  for (const when of overlays)
    for (const [label, value] of Object.entries(when)) {
      const known = Object.hasOwn(fixed, label) ? [fixed[label]] : [undefined]
      const all = values.get(label) ?? new Set<string | undefined>(known)
      if (!Object.hasOwn(fixed, label)) all.add(value)
      values.set(label, all)
    }
  const count = [...values.values()].reduce((product, { size }) => product * size, 1)
  if (count > limits.overlayCombinationsMax) return undefined
  const matched = assignments([...values]).map((labels) =>
    overlays.flatMap((when, at) => (matchesAll(when, labels) ? [at] : [])),
  )
  const distinct = new Map([[], ...matched].map((indices) => [indices.join(), indices]))
  return [...distinct.values()].sort((a, b) => a.length - b.length || compareIndices(a, b))
}

const matchesAll = (when: When, labels: ReadonlyMap<string, string | undefined>): boolean =>
  Object.entries(when).every(([label, value]) => labels.get(label) === value)

function compareIndices(a: readonly number[], b: readonly number[]): number {
  const differing = a.findIndex((value, at) => value !== b[at])
  return differing < 0 ? 0 : (a[differing] ?? 0) - (b[differing] ?? 0)
}

type Labels = ReadonlyMap<string, string | undefined>

function assignments(values: readonly (readonly [string, ReadonlySet<string | undefined>])[]): Labels[] {
  let all: Labels[] = [new Map()]
  for (const [label, possible] of values)
    all = all.flatMap((labels) => [...possible].map((value) => new Map([...labels, [label, value]])))
  return all
}

const isDelete = (value: Json): boolean => isObject(value) && Object.hasOwn(value, '$delete')

/**
 * JSON Merge Patch (RFC 7396), with `{$delete: true}` in the place of null. Shares what it does not change with its
 * arguments. `$delete` of what is not there does nothing.
 */
export function mergePatch(target: Json, patch: Json): Json {
  if (!isObject(patch)) return patch
  const merged: Record<string, Json> = isObject(target) ? { ...target } : {}
  for (const [key, value] of Object.entries(patch)) {
    if (isDelete(value)) delete merged[key]
    else merged[key] = mergePatch(Object.hasOwn(merged, key) ? (merged[key] as Json) : null, value)
  }
  return merged
}

/** What is wrong with `$delete` and null in an overlay. Arrays replace as a whole, so null is a value there. */
export function checkOverlay(patch: Json, pointer = ''): Remark[] {
  if (!isObject(patch)) return checkBase(patch, pointer)
  return Object.entries(patch).flatMap(([key, value]): Remark[] => {
    const here = child(pointer, key)
    if (value === null)
      return [{ rule: 'overlay/null', pointer: here, message: 'null in an overlay: write {$delete: true} to delete' }]
    if (key === '$delete') return [wrongDelete(here)]
    if (!isDelete(value)) return checkOverlay(value, here)
    const { $delete, ...others } = value as JsonObject
    return $delete === true && Object.keys(others).length === 0 ? [] : [wrongDelete(here)]
  })
}

const wrongDelete = (pointer: string): Remark => ({
  rule: 'overlay/delete',
  pointer,
  message: 'deletion is written KEY: {$delete: true}, with nothing beside it',
})

/** `$delete` where there is nothing to delete: in a base file. */
export function checkBase(value: Json, pointer = ''): Remark[] {
  if (typeof value !== 'object' || value === null) return []
  return Object.entries(value).flatMap(([key, item]): Remark[] => {
    const here = child(pointer, key)
    if (key === '$delete')
      return [
        {
          rule: 'overlay/delete',
          pointer: here,
          spot: 'key',
          message: '$delete works in an overlay, outside of arrays',
        },
      ]
    return checkBase(item, here)
  })
}

export type Touch = 'set' | 'deleted' | 'untouched'

/** What an overlay does to the value at `pointer`. */
export function touches(patch: Json, pointer: string): Touch {
  let value: Json | undefined = patch
  for (const step of steps(pointer)) {
    value = below(value, step)
    if (value === undefined) return 'untouched'
    if (isDelete(value)) return 'deleted'
  }
  return 'set'
}
