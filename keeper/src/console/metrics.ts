import { Counter, collectDefaultMetrics, Gauge, Registry } from 'prom-client'

/** A number read when Prometheus asks. */
export interface Reading {
  readonly name: string
  readonly help: string
  readonly type: 'gauge' | 'counter'
  read(): number
}

/** A registry of the process' own metrics and of `readings`. */
export function createRegistry(readings: readonly Reading[]): Registry {
  const registry = new Registry()
  collectDefaultMetrics({ register: registry })
  for (const { name, help, type, read } of readings) {
    if (type === 'gauge') {
      new Gauge({
        name,
        help,
        registers: [registry],
        collect() {
          this.set(read())
        },
      })
    } else {
      // A counter only knows `inc`: what it counts is kept elsewhere, so set it anew at each scrape.
      new Counter({
        name,
        help,
        registers: [registry],
        collect() {
          this.reset()
          this.inc(read())
        },
      })
    }
  }
  return registry
}
