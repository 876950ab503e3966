/** Counts the callbacks of one push; `finish` is called once, when the last of them is done. */
export class Progress {
  readonly #finish: (failures: readonly string[]) => void
  readonly #failures: string[] = []
  // One for the push itself, so that it cannot finish while callbacks are still being started.
  #outstanding = 1

  constructor(finish: (failures: readonly string[]) => void) {
    this.#finish = finish
  }

  /** One more to wait for: call the returned function when it is done. */
  add(): (failure: string | undefined) => void {
    this.#outstanding++
    return (failure) => this.#done(failure)
  }

  /** Every callback was started. True when all are done already. */
  started(): boolean {
    this.#done(undefined)
    return this.#outstanding === 0
  }

  #done(failure: string | undefined): void {
    if (failure !== undefined) this.#failures.push(failure)
    if (--this.#outstanding === 0) this.#finish(this.#failures)
  }
}
