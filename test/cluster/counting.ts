import { Keeper, silentLogger } from '@keeper/sdk'
import { until } from '../harness/keeper-process.js'

/** Processes that each count a key of their own up, call after call: every call once, or twice, or in vain, is found. */
export class Counting {
  /** Calls that failed, or did not take place just once. */
  readonly wrong: string[] = []
  readonly keepers: readonly Keeper[]
  /** The number that was acknowledged last. */
  readonly #counts: number[]
  readonly #stop = new AbortController()
  readonly #loops: Promise<void>[]

  private constructor(keepers: readonly Keeper[]) {
    this.keepers = keepers
    this.#counts = keepers.map(() => 0)
    this.#loops = keepers.map((keeper, at) => this.#countUp(keeper, at))
  }

  static async start(endpoints: readonly string[], processes: number): Promise<Counting> {
    const join = (_: unknown, at: number) =>
      Keeper.join({
        ...{ cluster: 'push', role: 'room', instance: `room-${at}` },
        ...{ endpoints, stateDir: false, logger: silentLogger },
      })
    return new Counting(await Promise.all(Array.from({ length: processes }, join)))
  }

  /** Every process has been served since the call. */
  async allGoOn(): Promise<void> {
    const before = [...this.#counts]
    await until('every process to be served', () => this.#counts.every((count, at) => count > (before[at] ?? 0) + 2))
  }

  async end(): Promise<void> {
    this.#stop.abort()
    await Promise.all(this.#loops)
    await Promise.all(this.keepers.map((keeper) => keeper.leave()))
  }

  /** The key's version is the number of writes that took place. */
  async #countUp(keeper: Keeper, at: number): Promise<void> {
    const key = `count/${at}`
    while (!this.#stop.signal.aborted) {
      const next = (this.#counts[at] ?? 0) + 1
      try {
        await keeper.kv.put(key, String(next))
        const entry = await keeper.kv.get(key)
        if (entry?.version !== next) this.wrong.push(`${key}: write ${next} made version ${entry?.version}`)
      } catch (error) {
        this.wrong.push(`${key}: write ${next} at ${keeper.status.endpoint} failed: ${error}`)
      }
      this.#counts[at] = next
    }
  }
}
