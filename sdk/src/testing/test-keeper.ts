import { noStore } from '../edge/last-good-store.js'
import { systemRuntime } from '../edge/system-runtime.js'
import { KeeperClientError } from '../errors.js'
import { join } from '../join.js'
import { Keeper } from '../keeper.js'
import { silentLogger } from '../logger.js'
import { type JoinOptions, resolveOptions } from '../options.js'
import { MemoryKeeper, type TestAck } from './memory-keeper.js'
import { memoryTransport, type Peer } from './memory-transport.js'

export type TestJoinOptions = Omit<JoinOptions, 'endpoints' | 'stateDir' | 'handleSignals'>

/** A keeper in memory, for the tests of a service: real SDK, real protocol, no socket, no file. */
export interface TestKeeper {
  /** Joins as `Keeper.join` does; cluster, role and instance have defaults. */
  join(options?: TestJoinOptions): Promise<Keeper>
  /**
   * Publishes a value. Resolves when every joined process that wants the config has applied, rejected or failed it,
   * with what each said.
   */
  set(name: string, value: unknown): Promise<readonly TestAck[]>
  /** Publishes several values as one change set; undefined removes a config. */
  setAll(values: Readonly<Record<string, unknown>>): Promise<readonly TestAck[]>
  remove(name: string): Promise<readonly TestAck[]>
  /** From now on whoever asks for `name` is refused: E_NOT_IN_AUDIENCE, or the code given. */
  refuse(name: string, code?: string): void
  /** Every connection breaks, and no keeper answers, until `reconnect`. Resolves when every process has noticed. */
  disconnect(): Promise<void>
  /** Resolves when every process that has not left is connected again, and runs with what it missed. */
  reconnect(): Promise<void>
  /** All that processes said, oldest first. */
  readonly acks: readonly TestAck[]
  /** Every joined process leaves. */
  close(): Promise<void>
}

export function createTestKeeper(options: { configs?: Readonly<Record<string, unknown>> } = {}): TestKeeper {
  const keeper = new MemoryKeeper()
  if (options.configs) keeper.publish(options.configs)
  return new InMemoryTestKeeper(keeper)
}

class InMemoryTestKeeper implements TestKeeper {
  readonly #keeper: MemoryKeeper
  readonly #joined = new Set<Keeper>()
  // Retries at once: a test waits for nothing that it did not ask for.
  readonly #runtime = { ...systemRuntime(), unit: () => Math.random() * 0.02 }
  #connected = true
  #instances = 0

  constructor(keeper: MemoryKeeper) {
    this.#keeper = keeper
  }

  get acks(): readonly TestAck[] {
    return this.#keeper.acks
  }

  async join(given: TestJoinOptions = {}): Promise<Keeper> {
    const instance = `test-${++this.#instances}`
    const options = resolveOptions({ cluster: 'test', role: 'test', instance, logger: silentLogger, ...given }, {})
    const transport = memoryTransport((peer) => this.#accept(peer), this.#runtime.defer)
    const keeper = new Keeper(await join(options, { runtime: this.#runtime, transport, store: noStore }))
    this.#joined.add(keeper)
    return keeper
  }

  async set(name: string, value: unknown): Promise<readonly TestAck[]> {
    if (value === undefined) throw new KeeperClientError('E_INVALID_ARGUMENT', 'to remove a config, use remove')
    return this.setAll({ [name]: value })
  }

  remove(name: string): Promise<readonly TestAck[]> {
    return this.setAll({ [name]: undefined })
  }

  async setAll(values: Readonly<Record<string, unknown>>): Promise<readonly TestAck[]> {
    await this.#delivered()
    const revision = this.#keeper.publish(values)
    return this.#keeper.settled(Object.keys(values), revision)
  }

  refuse(name: string, code = 'E_NOT_IN_AUDIENCE'): void {
    this.#keeper.refuse(name, code)
  }

  async disconnect(): Promise<void> {
    this.#connected = false
    this.#keeper.dropAll()
    await this.#all((state) => state !== 'live')
  }

  async reconnect(): Promise<void> {
    this.#connected = true
    await this.#all((state) => state !== 'away')
    await this.#delivered()
    await this.#keeper.quiet()
  }

  async close(): Promise<void> {
    await Promise.all([...this.#joined].map((keeper) => keeper.leave()))
    this.#runtime.close()
  }

  /** What processes have said until now has arrived: a frame takes a turn to be sent and one to come. */
  async #delivered(): Promise<void> {
    for (let turn = 0; turn < 3; turn++) await new Promise<void>((resolve) => this.#runtime.defer(resolve))
  }

  #accept(peer: Peer) {
    if (!this.#connected) throw new KeeperClientError('E_CONNECTION', 'the test keeper is disconnected')
    return this.#keeper.attach(peer)
  }

  async #all(holds: (state: Keeper['status']['state']) => boolean): Promise<void> {
    await Promise.all([...this.#joined].map((keeper) => reaches(keeper, holds)))
  }
}

function reaches(keeper: Keeper, holds: (state: Keeper['status']['state']) => boolean): Promise<void> {
  return new Promise((resolve) => {
    const stop = keeper.onConnection(({ state }) => {
      if (!holds(state)) return
      stop()
      resolve()
    })
    if (!holds(keeper.status.state)) return
    stop()
    resolve()
  })
}
