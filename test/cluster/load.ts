import { Keeper, type KvEntry } from '@keeper/sdk'
import { type Random, seededRandom } from '../../keeper/src/base/random.js'
import { checkLinearizable, type Operation } from '../sim/checkers/registers.js'
import type { Gap, Witness } from './witness.js'

/** A compare-and-put that found what it compared with. */
interface Swap {
  readonly key: string
  /** Revision of what it replaced, and of what it wrote. */
  readonly from: number
  readonly to: number
}

interface Acknowledged {
  readonly revision: number
  readonly value: string
}

const registers = 5
const leaseTtlSeconds = 3

/**
 * Processes with the SDK that read, write, compare and put, and hold leases without a pause, each one call after the
 * other; and what they were told, so that it can be judged.
 */
export class MixedLoad {
  readonly operations: Operation[] = []
  readonly #swaps: Swap[] = []
  readonly #kept = new Map<string, Acknowledged>()
  /** What a call that was made at the wrong time, or not at all, would show. */
  readonly violations: string[] = []
  /** Calls that did not succeed. */
  readonly failures: string[] = []
  /** When each write was acknowledged. */
  readonly #writtenAt: number[] = []
  readonly #keepers: Keeper[]
  readonly #stop = new AbortController()
  readonly #loops: Promise<void>[]
  #calls = 0

  /** Begins the name of every key and process. */
  readonly #prefix: string

  readonly #witness: Witness | undefined

  private constructor(keepers: Keeper[], seed: number, prefix: string, witness: Witness | undefined) {
    this.#prefix = prefix
    this.#witness = witness
    keepers.forEach((keeper, at) => void witness?.follow(keeper, String(at)))
    this.#keepers = keepers
    this.#loops = keepers.map((keeper, at) => this.#run(keeper, at, seededRandom(seed + at)))
    keepers.slice(0, 2).forEach((keeper, at) => void this.#loops.push(this.#holdLeases(keeper, at)))
  }

  static async start(
    endpoints: readonly string[],
    processes: number,
    seed: number,
    prefix = 'r',
    witness?: Witness,
  ): Promise<MixedLoad> {
    const keepers: Keeper[] = []
    for (let at = 0; at < processes; at++) {
      const about = { cluster: 'push', role: 'room', instance: `${prefix}-${at}`, stateDir: false as const }
      // each begins at another member
      const from = at % endpoints.length
      const turned = [...endpoints.slice(from), ...endpoints.slice(0, from)]
      keepers.push(await Keeper.join({ ...about, endpoints: turned, logger: silent }))
    }
    return new MixedLoad(keepers, seed, prefix, witness)
  }

  get calls(): number {
    return this.#calls
  }

  get acknowledged(): number {
    return this.#writtenAt.length
  }

  /** Longest time between two acknowledged writes since `since`, up to now. */
  longestGap(since: number): Gap {
    let longest = { from: since, to: since }
    let from = since
    for (const to of [...this.#writtenAt.filter((time) => time > since), performance.now()]) {
      if (to - from > longest.to - longest.from) longest = { from, to }
      from = to
    }
    return longest
  }

  /** Ends the load, and looks for every write that was acknowledged. */
  async finish(): Promise<void> {
    this.#stop.abort()
    await Promise.all(this.#loops)
    await this.#lookForLost()
    await Promise.all(this.#keepers.map((keeper) => keeper.leave()))
  }

  /** Throws a Violation; gives what else was wrong. */
  judge(): string[] {
    checkLinearizable(this.operations)
    return [...this.violations, ...this.#brokenSwaps()]
  }

  async #run(keeper: Keeper, client: number, random: Random): Promise<void> {
    const seen = new Map<string, KvEntry>()
    for (let at = 0; !this.#stop.signal.aborted; at++) {
      const key = `${this.#prefix}/register/${random.below(registers)}`
      const chance = random.unit()
      const call = `${client}.${at}`
      await this.#attempt(call, keeper, () => {
        if (chance < 0.25) return this.#keep(keeper, `${this.#prefix}/kept/${client}/${at}`, call)
        if (chance < 0.5) return this.#read(keeper, client, key, seen)
        return chance < 0.75 ? this.#write(keeper, client, key, call) : this.#swap(keeper, client, key, call, seen)
      })
    }
  }

  async #attempt(what: string, keeper: Keeper, call: () => Promise<void>): Promise<void> {
    const began = performance.now()
    try {
      this.#calls++
      await call()
      this.#witness?.called(what, `at ${keeper.status.endpoint}`, began)
    } catch (error) {
      const after = (performance.now() - began).toFixed(0)
      this.failures.push(`${what} at ${keeper.status.endpoint} after ${after} ms: ${error}`)
    }
  }

  /** A key that nobody else writes: it must be there at the end, as it was acknowledged. */
  async #keep(keeper: Keeper, key: string, value: string): Promise<void> {
    const { revision } = await keeper.kv.put(key, value)
    this.#kept.set(key, { revision, value })
    this.#writtenAt.push(performance.now())
  }

  async #write(keeper: Keeper, client: number, key: string, value: string): Promise<void> {
    const calledAt = performance.now()
    const { revision } = await keeper.kv.put(key, value)
    this.#record({ client, kind: 'write', key, value, revision, calledAt })
  }

  async #read(keeper: Keeper, client: number, key: string, seen: Map<string, KvEntry>): Promise<void> {
    const calledAt = performance.now()
    const entry = await keeper.kv.get(key)
    if (entry) seen.set(key, entry)
    this.#record({ client, kind: 'read', key, value: entry?.text, revision: entry?.modRevision ?? 0, calledAt })
  }

  /** Puts if nobody has written since it read; reads otherwise. */
  async #swap(keeper: Keeper, client: number, key: string, value: string, seen: Map<string, KvEntry>): Promise<void> {
    const from = seen.get(key)?.modRevision ?? 0
    const calledAt = performance.now()
    const { succeeded, revision, results } = await keeper.kv.txn({
      compare: [{ key, is: '=', modRevision: from }],
      success: [{ put: key, value }],
      failure: [{ range: key }],
    })
    if (succeeded) {
      this.#swaps.push({ key, from, to: revision })
      this.#record({ client, kind: 'write', key, value, revision, calledAt })
      return
    }
    const [result] = results
    const entry = result?.kind === 'range' ? result.entries[0] : undefined
    if (entry) seen.set(key, entry)
    const read = entry?.modRevision ?? 0
    if (read === from) this.violations.push(`${value}: compared ${key} with r${from} in vain, though it was r${read}`)
    this.#record({ client, kind: 'read', key, value: entry?.text, revision: read, calledAt })
  }

  #record(operation: Omit<Operation, 'returnedAt'>): void {
    const returnedAt = performance.now()
    this.operations.push({ ...operation, returnedAt })
    if (operation.kind === 'write') this.#writtenAt.push(returnedAt)
  }

  /** Keeps a lease alive and looks for the key upon it: it may not end before its time is over. */
  async #holdLeases(keeper: Keeper, holder: number): Promise<void> {
    for (let at = 0; !this.#stop.signal.aborted; at++)
      await this.#attempt(`lease ${holder}.${at}`, keeper, () =>
        this.#holdLease(keeper, `${this.#prefix}/leased/${holder}/${at}`),
      )
  }

  async #holdLease(keeper: Keeper, key: string): Promise<void> {
    let renewedAt = performance.now()
    const lease = await keeper.kv.grantLease(leaseTtlSeconds)
    await keeper.kv.put(key, 'held', { lease: lease.id })
    while (!this.#stop.signal.aborted) {
      const sentAt = performance.now()
      const ended = await keeper.kv.keepLeaseAlive(lease.id).then(
        () => false,
        ({ code }) => code === 'E_LEASE_NOT_FOUND' || Promise.reject(new Error(code)),
      )
      const heldMs = performance.now() - renewedAt
      if (!ended) renewedAt = sentAt
      const there = !ended && (await keeper.kv.get(key)) !== undefined
      if (!there) {
        const silentMs = ended ? heldMs : performance.now() - renewedAt
        if (silentMs < leaseTtlSeconds * 1_000)
          this.violations.push(`${key} was gone ${silentMs.toFixed(0)} ms after its lease was renewed`)
        return
      }
      await new Promise((resolve) => setTimeout(resolve, 100))
    }
    await keeper.kv.revokeLease(lease.id)
    if (await keeper.kv.get(key)) this.violations.push(`${key} outlived its lease`)
  }

  async #lookForLost(): Promise<void> {
    const found = new Map<string, KvEntry>()
    const to = `${this.#prefix}/kept0`
    for (let from = `${this.#prefix}/kept/`, more = true; more; ) {
      const page = await (this.#keepers[0] as Keeper).kv.range({ from, to }, { limit: 2_000 })
      for (const entry of page.entries) found.set(entry.keyText, entry)
      more = page.more
      from = `${page.entries.at(-1)?.keyText}\0`
    }
    for (const [key, { revision, value }] of this.#kept) {
      const entry = found.get(key)
      if (entry?.text !== value || entry.modRevision !== revision)
        this.violations.push(
          `${key} was acknowledged at r${revision}, found ${entry ? `r${entry.modRevision}` : 'nothing'}`,
        )
    }
  }

  /** Swaps that somebody wrote in between of. */
  #brokenSwaps(): string[] {
    const written = new Map<string, number[]>()
    for (const { kind, key, revision } of this.operations)
      if (kind === 'write') (written.get(key) ?? written.set(key, []).get(key))?.push(revision)
    return this.#swaps.flatMap(({ key, from, to }) =>
      (written.get(key) ?? [])
        .filter((revision) => revision > from && revision < to)
        .map((revision) => `${key} was swapped from r${from} to r${to} over r${revision}`),
    )
  }
}

const silent = { debug() {}, info() {}, warn() {}, error() {} }
