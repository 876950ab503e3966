import { child, isArray, isObject, type Json } from './json.js'

/** JSON's word for a value's type. */
export type TypeWord = 'object' | 'array' | 'string' | 'number' | 'boolean' | 'null'

export interface TypeChange {
  readonly pointer: string
  readonly before: TypeWord
  readonly after: TypeWord
}

/**
 * Paths whose value is of another type than before. Of arrays the items count when all of one array have one type and
 * all of the other another. What is new, or gone, has not changed its type.
 */
export function typeChanges(before: Json, after: Json): TypeChange[] {
  const changes: TypeChange[] = []
  compare(before, after, '', changes)
  return changes
}

function compare(before: Json, after: Json, pointer: string, changes: TypeChange[]): void {
  if (before === after) return
  const [was, is] = [typeWord(before), typeWord(after)]
  if (was !== is) changes.push({ pointer, before: was, after: is })
  else if (isObject(before) && isObject(after)) {
    for (const key of Object.keys(before)) {
      const [left, right] = [before[key], Object.hasOwn(after, key) ? after[key] : undefined]
      if (left !== undefined && right !== undefined) compare(left, right, child(pointer, key), changes)
    }
  } else if (isArray(before) && isArray(after)) compareItems(before, after, pointer, changes)
}

function compareItems(before: readonly Json[], after: readonly Json[], pointer: string, changes: TypeChange[]): void {
  const [was, is] = [itemType(before), itemType(after)]
  if (was && is && was !== is) changes.push({ pointer: child(pointer, '-'), before: was, after: is })
  else if (before.length === after.length)
    before.forEach((item, at) => {
      if (item !== after[at]) compare(item, after[at] as Json, child(pointer, at), changes)
    })
}

/** The one type of all items; undefined when there are several, or none. */
function itemType(items: readonly Json[]): TypeWord | undefined {
  const [first] = items
  if (first === undefined) return undefined
  const word = typeWord(first)
  return items.every((item) => typeWord(item) === word) ? word : undefined
}

function typeWord(value: Json): TypeWord {
  if (value === null) return 'null'
  if (isArray(value)) return 'array'
  return typeof value as TypeWord
}
