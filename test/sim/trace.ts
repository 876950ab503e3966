import { createHash, type Hash } from 'node:crypto'

const tailLinesMax = 400

/** What happened, in order: the end of it to read, and a hash over all of it that two runs of a seed must share. */
export class Trace {
  readonly #hash: Hash = createHash('sha256')
  readonly #tail: string[] = []
  readonly #now: () => number
  readonly #print: ((line: string) => void) | undefined

  /** `print` gets every line as it comes. */
  constructor(now: () => number, print?: (line: string) => void) {
    this.#now = now
    this.#print = print
  }

  note(line: string): void {
    const stamped = `${this.#now().toFixed(3).padStart(11)} ${line}`
    this.#hash.update(stamped).update('\n')
    this.#tail.push(stamped)
    this.#print?.(stamped)
    if (this.#tail.length > 2 * tailLinesMax) this.#tail.splice(0, tailLinesMax)
  }

  tail(lines: number): readonly string[] {
    return this.#tail.slice(-lines)
  }

  /** Hash of everything so far. */
  digest(): string {
    return this.#hash.copy().digest('hex')
  }
}

/** A checker found something that must never be. */
export class Violation extends Error {
  override readonly name = 'Violation'
  readonly checker: string

  constructor(checker: string, message: string) {
    super(`${checker}: ${message}`)
    this.checker = checker
  }
}
