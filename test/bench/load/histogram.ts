/** Latencies in buckets 2.2 % apart, so that millions of them fit a message between processes. */

const bucketsPerDoubling = 32
const leastMs = 0.001

export type Counts = readonly number[]

export class Histogram {
  readonly counts: number[] = []

  add(ms: number): void {
    const bucket = Math.max(0, Math.round(Math.log2(ms / leastMs) * bucketsPerDoubling))
    while (this.counts.length <= bucket) this.counts.push(0)
    this.counts[bucket] = (this.counts[bucket] ?? 0) + 1
  }
}

export function merged(all: readonly Counts[]): Counts {
  const longest = Math.max(0, ...all.map((one) => one.length))
  return Array.from({ length: longest }, (_, at) => all.reduce((sum, one) => sum + (one[at] ?? 0), 0))
}

/** The q-th quantile in milliseconds; NaN of nothing. */
export function quantileMs(counts: Counts, q: number): number {
  const total = counts.reduce((sum, one) => sum + one, 0)
  let below = 0
  for (const [at, count] of counts.entries()) {
    below += count
    if (below > total * q) return leastMs * 2 ** (at / bucketsPerDoubling)
  }
  return Number.NaN
}
