import { child, isObject, type Json } from './json.js'
import { isDelete } from './overlays.js'

/** Beyond so many ways to be written it is not worth the looking. */
const shapesMax = 64

export interface SetNames {
  /** Equal for patches that give every set the same name. */
  readonly key: string
  nameOf(set: readonly number[]): string
}

/**
 * Names the value that a set of patches makes (ascending indices, later wins): two sets of one name make the same value
 * of any base. A patch counts for nothing where a later one of the set writes every path that it writes.
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
  if (shapes.size > shapesMax) return { key: '', nameOf: (set) => set.join() }
  const all = [...shapes.values()].map(({ paths }) => paths)
  const covers = all.map((above) => all.map((below) => isCovered(below, above)))
  const counts = (at: number, place: number, set: readonly number[]) =>
    !set.slice(place + 1).some((later) => covers[shapeOf[later] ?? -1]?.[shapeOf[at] ?? -1])
  const nameOf = (set: readonly number[]): string => {
    const [one = -1, other = -1] = set
    if (set.length < 2) return set.join()
    if (set.length === 2) return covers[shapeOf[other] ?? -1]?.[shapeOf[one] ?? -1] ? `${other}` : `${one},${other}`
    return set.filter((at, place) => counts(at, place, set)).join()
  }
  return { key: JSON.stringify([shapeOf, [...shapes.keys()]]), nameOf }
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
