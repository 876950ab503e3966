/** Listeners in the order they came; one that is taken out while they are called is not called any more. */
export class Listeners<Args extends readonly unknown[]> {
  readonly #listeners = new Set<(...args: Args) => void>()

  add(listener: (...args: Args) => void): () => void {
    const own = (...args: Args) => listener(...args)
    this.#listeners.add(own)
    return () => void this.#listeners.delete(own)
  }

  call(...args: Args): void {
    for (const listener of this.#listeners) listener(...args)
  }
}
