import type { When } from './combinations.js'
import type { Remark } from './finding.js'
import { below, child, isArray, isObject, type Json, type JsonObject, steps } from './json.js'

export const defaultOverlayOrder: readonly string[] = ['env', 'idc', 'zone', 'track', 'instance']

/**
 * Places of `whens` by precedence, the weakest first. The strongest label decides, then the next, and of two that agree so
 * far the one with more labels is the stronger. Labels of `order` come in its order, others after them, by name; then
 * values, for a stable result.
 */
export function byPrecedence(whens: readonly When[], order: readonly string[]): number[] {
  if (whens.length < 2) return whens.map((_, at) => at)
  const rank = (label: string) => {
    const at = order.indexOf(label)
    return at < 0 ? order.length : at
  }
  const compareLabels = (a: string, b: string) => rank(a) - rank(b) || compareText(a, b)
  const strongestFirst = whens.map((when) => Object.keys(when).sort((a, b) => compareLabels(b, a)))
  const keyOf = (at: number) => whenKey(whens[at] ?? {})
  const compare = (a: number, b: number) => {
    const [left, right] = [strongestFirst[a] ?? [], strongestFirst[b] ?? []]
    const differing = left.findIndex((label, at) => label !== right[at])
    if (differing < 0) return left.length - right.length || compareText(keyOf(a), keyOf(b))
    const [mine, other] = [left[differing] ?? '', right[differing]]
    return other === undefined ? 1 : compareLabels(mine, other)
  }
  return whens.map((_, at) => at).sort(compare)
}

/** Equal for equal labels, in whatever order they are written. */
export const whenKey = (when: When): string => JSON.stringify(Object.entries(when).sort())

/** `zone=bj, track=canary`. */
export const whenText = (when: When): string =>
  Object.entries(when)
    .map(([label, value]) => `${label}=${value}`)
    .join(', ')

export const compareText = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0)

export const isDelete = (value: Json): boolean => isObject(value) && Object.hasOwn(value, '$delete')

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

const noRemarks: Remark[] = []

/** `$delete` where there is nothing to delete: in a base file. */
export function checkBase(value: Json, pointer = ''): Remark[] {
  if (isArray(value))
    return value.flatMap((item, at) => (typeof item === 'object' ? checkBase(item, child(pointer, at)) : noRemarks))
  if (!isObject(value)) return []
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
