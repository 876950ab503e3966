/** Two lists that differ in one place: so many items of the first, from `at` on, give way to `put`. */
export interface Splice<T> {
  readonly at: number
  readonly removed: number
  readonly put: readonly T[]
}

/** What makes `after` of `before`; undefined when they are the same. */
export const spliceOf = (before: readonly string[], after: readonly string[]): Splice<string> | undefined =>
  namedSpliceOf(before, after, (name) => name)

/** As spliceOf of their names. */
export function namedSpliceOf<T>(
  before: readonly T[],
  after: readonly T[],
  nameOf: (one: T) => string,
): Splice<string> | undefined {
  // most are the same object, and need not be looked into
  const isSame = (one: T, other: T) => one === other || nameOf(one) === nameOf(other)
  const shortest = Math.min(before.length, after.length)
  let head = 0
  while (head < shortest && isSame(before[head] as T, after[head] as T)) head++
  if (head === before.length && head === after.length) return undefined
  let tail = 0
  while (tail < shortest - head && isSame(before.at(-1 - tail) as T, after.at(-1 - tail) as T)) tail++
  return { at: head, removed: before.length - tail - head, put: after.slice(head, after.length - tail).map(nameOf) }
}

/** `before` with that change; itself when there is none. */
export const spliced = <T>(before: readonly T[], change: Splice<T> | undefined): readonly T[] =>
  change ? [...before.slice(0, change.at), ...change.put, ...before.slice(change.at + change.removed)] : before

/** What `names` tell apart, with that change of its names: what stays or moves, and undefined for what is new. */
export function carried<T>(
  before: readonly T[],
  change: Splice<string> | undefined,
  nameOf: (one: T) => string,
): readonly (T | undefined)[] {
  if (!change) return before
  const { at, removed, put } = change
  const moved = new Map(before.slice(at, at + removed).map((one) => [nameOf(one), one]))
  return spliced<T | undefined>(before, { at, removed, put: put.map((name) => moved.get(name)) })
}
