import type { Random } from '../../../keeper/src/base/random.js'
import type { ConfState, Entry, HardState } from '../../../keeper/src/raft/types.js'
import type { MemberDisk } from '../../../keeper/src/storage/types.js'

/** What a data folder should hold: kept beside a MemberDisk and compared with it after a crash. */
export interface World {
  /** Where the last flush or snapshot stands. */
  readonly flush: { readonly index: number; readonly term: number }
  readonly state: Readonly<Record<string, string>>
  /** By index; those at or below the flush no longer matter. */
  readonly log: Readonly<Record<number, string>>
  readonly last: number
  readonly hardState: HardState
}

export const emptyWorld: World = {
  flush: { index: 0, term: 0 },
  state: {},
  log: {},
  last: 0,
  hardState: { term: 0, vote: 0, commit: 0 },
}

/** One call to a MemberDisk: how it is made, what it changes, and whether it concerns the log or the state or both. */
export interface Call {
  readonly what: string
  readonly on: 'log' | 'state' | 'both'
  make(disk: MemberDisk): Promise<void>
  change(world: World): World
}

const conf: ConfState = { voters: [1, 2, 3], learners: [], votersOutgoing: [], learnersNext: [], autoLeave: false }
const bytes = (text: string) => new TextEncoder().encode(text)
const text = (data: Uint8Array) => (data.length > 60 ? `${data.length} bytes` : Buffer.from(data).toString())
const shown = (entry: Entry) => `${entry.term} ${text(entry.data)}`

/** Any call that a node could make now. */
export function randomCall(world: World, random: Random): Call {
  const kind = random.below(100)
  if (kind < 60) return append(world, random)
  if (kind < 80) return flush(world, random)
  if (kind < 85) return hardState(world, random)
  if (kind < 94) return truncate(world)
  return install(world, random)
}

function append(world: World, random: Random): Call {
  const overwrites = random.below(4) === 0
  const lowest = Math.max(world.flush.index, world.hardState.commit)
  const first = overwrites ? lowest + 1 + random.below(world.last - lowest + 1) : world.last + 1
  const term = world.hardState.term + (overwrites ? 1 : 0)
  const entries = Array.from({ length: 1 + random.below(3) }, (_, at): Entry => {
    const index = first + at
    const data = bytes(random.below(15) === 0 ? 'x'.repeat(70_000) : `entry ${index} ${random.below(1_000)}`)
    return { index, term, type: 'normal', data }
  })
  const next: HardState = { term, vote: 1, commit: world.hardState.commit }
  return {
    what: `append ${first}..${first + entries.length - 1} in term ${term}`,
    on: 'log',
    make: (disk) => disk.append({ entries, hardState: next }),
    change: (before) => {
      const kept = Object.entries(before.log).filter(([index]) => Number(index) < first)
      const log = Object.fromEntries([...kept, ...entries.map((entry) => [entry.index, shown(entry)])])
      return { ...before, log, last: first + entries.length - 1, hardState: next }
    },
  }
}

function hardState(world: World, random: Random): Call {
  const next = { ...world.hardState, term: world.hardState.term + 1, vote: random.below(3) }
  return {
    what: `term ${next.term}, vote ${next.vote}`,
    on: 'log',
    make: (disk) => disk.append({ entries: [], hardState: next }),
    change: (before) => ({ ...before, hardState: next }),
  }
}

function flush(world: World, random: Random): Call {
  const index = world.flush.index + random.below(world.last - world.flush.index + 1)
  const { term } = world.hardState
  const keys = Array.from({ length: random.below(6) }, () => `key ${random.below(20)}`)
  const puts = Object.fromEntries(keys.slice(1).map((key) => [key, `value ${random.below(1_000)}`]))
  const deletes = keys.slice(0, 1).filter((key) => !(key in puts))
  return {
    what: `flush at ${index}`,
    on: 'state',
    make: (disk) =>
      disk.flush(
        {
          appliedIndex: index,
          appliedTerm: term,
          puts: Object.entries(puts).map(([key, value]) => ({ key: bytes(key), value: bytes(value) })),
          deletes: deletes.map(bytes),
        },
        conf,
      ),
    change: (before) => {
      const kept = Object.entries(before.state).filter(([key]) => !deletes.includes(key))
      const commit = Math.max(before.hardState.commit, index)
      const state = { ...Object.fromEntries(kept), ...puts }
      return { ...before, flush: { index, term }, state, hardState: { ...before.hardState, commit } }
    },
  }
}

function truncate(world: World): Call {
  const { index } = world.flush
  return { what: `truncate at ${index}`, on: 'state', make: (disk) => disk.truncateLog(index), change: (w) => w }
}

function install(world: World, random: Random): Call {
  const index = world.last + random.below(20)
  const { term } = world.hardState
  const state = Object.fromEntries(Array.from({ length: random.below(30) }, (_, at) => [`key ${at}`, `at ${index}`]))
  async function* records() {
    for (const [key, value] of Object.entries(state)) yield { key: bytes(key), value: bytes(value) }
  }
  return {
    what: `snapshot at ${index}`,
    on: 'both',
    make: async (disk) =>
      disk.installSnapshot({ index, term, confState: conf, staged: await disk.stageSnapshot(records()) }),
    change: ({ hardState }) => ({
      flush: { index, term },
      state,
      log: {},
      last: index,
      hardState: { ...hardState, commit: index },
    }),
  }
}

/** A world as a text to compare; commit is left out: Raft may forget it. */
export function describeWorld({ flush, state, log, last, hardState }: World): string {
  const entries: string[] = []
  for (let index = flush.index + 1; index <= last; index++) entries.push(`${index}: ${log[index]}`)
  const sorted = Object.fromEntries(Object.entries(state).sort(([a], [b]) => (a < b ? -1 : 1)))
  return JSON.stringify({ flush, state: sorted, entries, term: hardState.term, vote: hardState.vote }, null, 1)
}

/** What a MemberDisk holds, in the same words. */
export async function worldOf(disk: MemberDisk): Promise<World> {
  const { flush, entries, hardState: found } = disk.recovered
  const state: Record<string, string> = {}
  for await (const { key, value } of disk.stateRecords()) state[text(key)] = text(value)
  return {
    flush: { index: flush.index, term: flush.term },
    state,
    log: Object.fromEntries(entries.map((entry) => [entry.index, shown(entry)])),
    last: flush.index + entries.length,
    hardState: found,
  }
}

/** Makes calls, several at a time, and knows which worlds a crash may leave. */
export class Workload {
  readonly #random: Random
  #running = new Set<Promise<void>>()
  /** With every call done that was acknowledged. */
  acknowledged: World
  /** With every call done. */
  #submitted: World
  #pending: { readonly call: Call; done: boolean }[] = []
  readonly failures: unknown[] = []
  /** What the state was at each flush so far. */
  readonly #flushes: Pick<World, 'flush' | 'state'>[] = [emptyWorld]

  constructor(random: Random, from: World) {
    this.#random = random
    this.acknowledged = from
    this.#submitted = from
  }

  /** Makes `count` calls; resolves when all are over. Never comes back if the disk crashes. */
  async run(disk: MemberDisk, count: number): Promise<void> {
    for (let at = 0; at < count && this.failures.length === 0; at++) {
      const call = randomCall(this.#submitted, this.#random)
      if (call.on === 'both') await this.#idle()
      const settled = this.#make(disk, call)
      this.#running.add(settled)
      void settled.then(() => this.#running.delete(settled))
      if (call.on !== 'log' || this.#random.below(3) === 0) await settled
      if (call.on !== 'log' || this.#pending.length > 4) await this.#idle()
    }
    await this.#idle()
  }

  /** Every world in which all acknowledged calls are done, and of the others as many as came first. */
  possible(): World[] {
    const log = this.#pending.filter(({ call }) => call.on !== 'state').map(({ call }) => call)
    const state = this.#pending.filter(({ call }) => call.on === 'state').map(({ call }) => call)
    const worlds: World[] = []
    for (let logs = 0; logs <= log.length; logs++)
      for (let states = 0; states <= state.length; states++)
        worlds.push([...log.slice(0, logs), ...state.slice(0, states)].reduce(changed, this.acknowledged))
    return worlds
  }

  /** As possible(), but with an earlier flush: the entries since then are still in the log. */
  possibleAtEarlierFlush(): World[] {
    return this.possible().flatMap((world) => this.#flushes.map(({ flush, state }) => ({ ...world, flush, state })))
  }

  async #make(disk: MemberDisk, call: Call): Promise<void> {
    const entry = { call, done: false }
    this.#submitted = call.change(this.#submitted)
    this.#pending.push(entry)
    try {
      await call.make(disk)
      entry.done = true
      this.#settle()
    } catch (thrown) {
      this.failures.push(thrown)
    }
  }

  /** A call that is over is part of the acknowledged world, in the order of the calls. */
  #settle(): void {
    for (let done = this.#firstDone(); done; done = this.#firstDone()) {
      this.acknowledged = done.call.change(this.acknowledged)
      if (done.call.on !== 'log') this.#flushes.push(this.acknowledged)
      this.#pending.splice(this.#pending.indexOf(done), 1)
    }
  }

  #firstDone() {
    return this.#pending.find(({ done }) => done)
  }

  async #idle(): Promise<void> {
    await Promise.all(this.#running)
  }
}

const changed = (world: World, call: Call): World => call.change(world)
