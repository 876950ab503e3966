import { inAudience } from '../store/audience.js'
import type { Selector } from '../store/config-records.js'
import type { LiveProcess } from './review-types.js'

/** Live processes by cluster and role, so that thousands of configs need not ask each of thousands of processes. */
export class ProcessIndex {
  readonly all: readonly LiveProcess[]
  readonly #groups = new Map<string, LiveProcess[]>()

  constructor(processes: readonly LiveProcess[]) {
    this.all = processes
    for (const process of processes) {
      const { cluster = '', role = '' } = process.labels
      for (const key of [`${cluster}`, `${cluster}/${role}`]) {
        const group = this.#groups.get(key) ?? []
        this.#groups.set(key, group)
        group.push(process)
      }
    }
  }

  /** Those that one of the audiences takes in, each once. */
  of(...audiences: readonly (Selector | undefined)[]): LiveProcess[] {
    const found = audiences.flatMap((audience) => (audience ? [this.#in(audience)] : []))
    return found.length < 2 ? (found[0] ?? []) : [...new Set(found.flat())]
  }

  #in(audience: Selector): LiveProcess[] {
    const { cluster, role } = audience.labels
    const roles = role === undefined ? [''] : [role].flat().map((one) => `/${one}`)
    const keys = cluster === undefined ? [] : [cluster].flat().flatMap((one) => roles.map((rest) => one + rest))
    const some = cluster === undefined ? this.all : keys.flatMap((key) => this.#groups.get(key) ?? [])
    return some.filter(({ labels }) => inAudience(audience, labels))
  }
}
