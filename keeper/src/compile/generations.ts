/** A cache that forgets what was not asked for since the turn before last. */
export class Generations<V> {
  #young = new Map<string, V>()
  #old = new Map<string, V>()

  get(key: string, make: () => V): V {
    const value = this.#young.get(key) ?? this.#old.get(key) ?? make()
    this.#young.set(key, value)
    return value
  }

  turn(): void {
    this.#old = this.#young
    this.#young = new Map()
  }
}
