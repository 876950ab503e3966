import { limits } from '../limits.js'

/**
 * Whom to ask next: the last good endpoint first, the rest scattered, so that a thousand clients spread over the
 * members. Endpoints that keepers name are added; those the user gave always stay.
 */
export class EndpointRing {
  readonly #configured: readonly string[]
  readonly #unit: () => number
  #learned: string[] = []
  #lastGood: string | undefined
  #round: string[] = []

  constructor(configured: readonly string[], lastGood: string | undefined, unit: () => number) {
    this.#configured = [...new Set(configured)]
    this.#unit = unit
    this.#lastGood = lastGood !== undefined && this.#configured.includes(lastGood) ? lastGood : undefined
  }

  /** How many there are to try. */
  get size(): number {
    return this.#all().length
  }

  get configured(): readonly string[] {
    return this.#configured
  }

  next(): string {
    if (this.#round.length === 0) this.#round = this.#newRound()
    return this.#round.shift() ?? this.#configured[0] ?? ''
  }

  /** This one welcomed us: it is the first choice of the next round. */
  succeeded(endpoint: string): void {
    this.#lastGood = endpoint
    this.#round = []
  }

  /** Is there anyone whom this round has not asked yet? */
  get hasUntried(): boolean {
    return this.#round.length > 0
  }

  /** The stream to this one is over, on purpose or not: try the others first. */
  leaving(endpoint: string): void {
    if (this.#lastGood === endpoint) this.#lastGood = undefined
    this.#round = [...this.#newRound().filter((other) => other !== endpoint), endpoint]
  }

  /** A keeper named all there are. */
  learn(endpoints: readonly string[]): void {
    const fit = endpoints.filter((endpoint) => endpoint.length > 0 && endpoint.length <= 256)
    if (fit.length > 0) this.#learned = fit.slice(0, limits.endpointsMax)
  }

  /** A keeper named some to go to; the others stay known. */
  learnMore(endpoints: readonly string[]): void {
    this.learn([...new Set([...endpoints, ...this.#learned])])
  }

  #all(): string[] {
    return [...new Set([...this.#configured, ...this.#learned])]
  }

  #newRound(): string[] {
    const rest = scatter(
      this.#all().filter((endpoint) => endpoint !== this.#lastGood),
      this.#unit,
    )
    return this.#lastGood === undefined ? rest : [this.#lastGood, ...rest]
  }
}

/** A copy in random order (Fisher and Yates). */
function scatter(items: readonly string[], unit: () => number): string[] {
  const left = [...items]
  const out: string[] = []
  while (left.length > 0) out.push(...left.splice(Math.floor(unit() * left.length), 1))
  return out
}
