/**
 * Something to walk through that is made as it is asked for. `walk` begins a generator that is a function of its own module: V8
 * throws away what it compiled for one that is made anew for each walk.
 */
export const lazily = <T>(walk: () => Iterator<T>): Iterable<T> => new Lazy(walk)

class Lazy<T> implements Iterable<T> {
  readonly #walk: () => Iterator<T>

  constructor(walk: () => Iterator<T>) {
    this.#walk = walk
  }

  [Symbol.iterator](): Iterator<T> {
    return this.#walk()
  }
}
