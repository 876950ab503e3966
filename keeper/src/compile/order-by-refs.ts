export interface RefOrder {
  /** Every name, after those that it refers to. */
  readonly order: readonly string[]
  /** Name in a circle → the circle, from itself on. */
  readonly circles: ReadonlyMap<string, readonly string[]>
}

/** Sorts names so that whoever refers comes after what it refers to. Without recursion: a chain may be as long as the list. */
export function orderByRefs(names: Iterable<string>, refsOf: (name: string) => readonly string[]): RefOrder {
  const order: string[] = []
  const circles = new Map<string, readonly string[]>()
  const state = new Map<string, 'open' | 'done'>()
  for (const root of names) {
    if (state.has(root)) continue
    const path: { name: string; next: number }[] = [{ name: root, next: 0 }]
    state.set(root, 'open')
    for (let top = path.at(-1); top; top = path.at(-1)) {
      const ref = refsOf(top.name)[top.next++]
      if (ref === undefined) {
        state.set(top.name, 'done')
        order.push(top.name)
        path.pop()
      } else if (!state.has(ref)) {
        state.set(ref, 'open')
        path.push({ name: ref, next: 0 })
      } else if (state.get(ref) === 'open')
        noteCircle(
          path.map(({ name }) => name),
          ref,
          circles,
        )
    }
  }
  return { order, circles }
}

function noteCircle(path: readonly string[], from: string, circles: Map<string, readonly string[]>): void {
  const circle = path.slice(path.indexOf(from))
  for (const [at, name] of circle.entries())
    if (!circles.has(name)) circles.set(name, [...circle.slice(at), ...circle.slice(0, at)])
}
