import { child, isObject, type Json } from './json.js'
import { isDelete } from './overlays.js'

/** Beyond so many ways to be written it is not worth the looking. */
const shapesMax = 64

export interface SetNames {
  /** Equal for patches that give every set the same name. */
  readonly key: string
  nameOf(set: readonly number[]): string
  /** As nameOf, of patches that are laid one over the other in any order. */
  nameInOrder(sequence: readonly number[]): string
}

/**
 * Names the value that a set of patches makes (ascending indices, later wins): two sets of one name make the same value
 * of any base. A patch counts for nothing where a later one of the set writes every path that it writes. And between two
 * that write no path together it does not matter which comes first: so a sequence is named by what counts in it, and by
 * which of those that meet have changed places.
 */
export function nameSets(patches: readonly Json[]): SetNames {
  const shapes = new Map<string, { readonly index: number; readonly paths: Paths }>()
  const shapeOf = patches.map((patch) => {
    const paths = pathsOf(patch)
    const text = JSON.stringify([[...paths.whole].sort(), [...paths.empty].sort()])
    const known = shapes.get(text) ?? { index: shapes.size, paths }
    shapes.set(text, known)
    return known.index
  })
  const all = [...shapes.values()].map(({ paths }) => paths)
  const covers = amongShapes(all, shapeOf, (above, below) => isCovered(below, above))
  const meet = amongShapes(all, shapeOf, doMeet)
  const counts = (at: number, place: number, set: readonly number[]) =>
    !set.slice(place + 1).some((later) => covers(later, at))
  const nameOf = (set: readonly number[]): string => {
    const [one = -1, other = -1] = set
    if (set.length < 2 || all.length > shapesMax) return set.join()
    if (set.length === 2) return covers(other, one) ? `${other}` : `${one},${other}`
    return set.filter((at, place) => counts(at, place, set)).join()
  }
  const nameInOrder = (sequence: readonly number[]): string => {
    const counting = sequence.filter((at, place) => counts(at, place, sequence))
    return `${counting.toSorted((a, b) => a - b).join()} ${swapped(counting, meet).join()}`
  }
  return { key: JSON.stringify([shapeOf, [...shapes.keys()]]), nameOf, nameInOrder }
}

/** What is so of two patches or not, looked at once for all that have the same shapes. */
function amongShapes(all: readonly Paths[], shapeOf: readonly number[], is: (one: Paths, other: Paths) => boolean) {
  const known = new Map<number, boolean>()
  return (one: number, other: number): boolean => {
    const [mine, its] = [shapeOf[one] ?? -1, shapeOf[other] ?? -1]
    const key = mine * all.length + its
    const found = known.get(key) ?? is(all[mine] as Paths, all[its] as Paths)
    known.set(key, found)
    return found
  }
}

/** Pairs that meet, of which the greater comes first; in an order that is theirs. */
function swapped(sequence: readonly number[], meet: (one: number, other: number) => boolean): string[] {
  const pairs: string[] = []
  for (const [place, one] of sequence.entries())
    for (const other of sequence.slice(place + 1)) if (one > other && meet(one, other)) pairs.push(`${other}:${one}`)
  return pairs.sort()
}

interface Paths {
  /** Pointers of what is written, or deleted, as a whole. */
  readonly whole: Set<string>
  /** Pointers of {}: makes an object of what is none, and leaves what is one. */
  readonly empty: Set<string>
}

function pathsOf(patch: Json, pointer = '', paths: Paths = { whole: new Set(), empty: new Set() }): Paths {
  if (!isObject(patch) || isDelete(patch)) paths.whole.add(pointer)
  else if (Object.keys(patch).length === 0) paths.empty.add(pointer)
  else for (const key of Object.keys(patch)) pathsOf(patch[key] as Json, child(pointer, key), paths)
  return paths
}

/** Does one write, or make an object of, what the other writes, or something in it? */
function doMeet(one: Paths, other: Paths): boolean {
  const pointers = [...other.whole, ...other.empty]
  return [...one.whole, ...one.empty].some((mine) =>
    pointers.some((its) => mine === its || mine.startsWith(`${its}/`) || its.startsWith(`${mine}/`)),
  )
}

const isCovered = (below: Paths, { whole }: Paths): boolean =>
  [...below.whole, ...below.empty].every((pointer) => upwards(pointer).some((one) => whole.has(one)))

/** The pointer and those of all that it is in. */
function upwards(pointer: string): string[] {
  const all = [pointer]
  for (let end = pointer.lastIndexOf('/'); end >= 0; end = pointer.lastIndexOf('/', end - 1)) {
    all.push(pointer.slice(0, end))
    if (end === 0) break
  }
  return all
}
