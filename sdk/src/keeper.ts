import { type ChangeCallback, onChange } from './change-set.js'
import { Config, type ConfigOptions, type ConfigValue, type KnownName } from './config.js'
import type { Client, Connection } from './core/client.js'
import type { Entry, Validate } from './core/entry.js'
import { KeeperClientError } from './errors.js'
import { joinOverGrpc } from './join.js'
import { Kv } from './kv.js'
import { limits } from './limits.js'
import type { JoinOptions } from './options.js'
import type { CancelTimer, Runtime } from './runtime.js'

/** What a joined process stands on; `end` lets go of everything beneath it. */
export interface KeeperParts {
  readonly client: Client
  readonly runtime: Runtime
  end(): Promise<void>
}

/**
 * A process' tie to its keepers. From `join` to `leave` it keeps the process running, as any open connection does;
 * after `leave` nothing of it is left. It never ends the process.
 */
export class Keeper {
  /** Key/value operations over the same connection. */
  readonly kv: Kv
  readonly #parts: KeeperParts
  #left: Promise<void> | undefined

  /** For `Keeper.join`, and for the in-memory keeper of @keeper/sdk/testing. */
  constructor(parts: KeeperParts) {
    this.#parts = parts
    this.kv = new Kv(parts.client.requests)
  }

  /**
   * Resolves as soon as the process may run: welcomed by a keeper, or, when none answers, with the last good values of
   * an earlier run. Rejects with E_CONNECTION when there is neither, with E_INVALID_ARGUMENT, E_BAD_NAME, E_PERMISSION
   * or E_FENCED when the process itself is wrong, and with the signal's reason.
   */
  static join(options: JoinOptions = {}): Promise<Keeper> {
    return joinOverGrpc(options).then((parts) => new Keeper(parts))
  }

  /** How the process stands with its keepers now. */
  get status(): Connection {
    return this.#parts.client.connection
  }

  /**
   * A live config. Resolves when the first value is there, from a keeper or, while none answers, from the last run.
   * Rejects with E_NOT_IN_AUDIENCE when it is meant for others, E_REJECTED when `validate` refuses the value and there
   * is no last good one, E_NOT_FOUND when it does not exist in time, E_TIMEOUT when nobody said.
   *
   * With the module of `keeper types` the value has its type, and a name that it does not know is a type error; a name
   * that is made at run time is given its type: `keeper.config<unknown>(name)`.
   */
  config<T = never>(name: [T] extends [never] ? never : string, options?: ConfigOptions<T>): Promise<Config<T>>
  config<Name extends KnownName>(
    name: Name,
    options?: ConfigOptions<ConfigValue<Name>>,
  ): Promise<Config<ConfigValue<Name>>>
  async config<T>(name: string, options: ConfigOptions<T> = {}): Promise<Config<T>> {
    this.#refuseLeft()
    options.signal?.throwIfAborted()
    const { configs } = this.#parts.client
    // A function of its own per call, so that two calls with one function are counted apart.
    const given = options.validate as Validate | undefined
    const validate: Validate | undefined = given && ((value) => given(value))
    const entry = configs.want(name, validate)
    try {
      if (!entry.held) await this.#firstValue(entry, options)
      return new Config<T>(this.#parts.client, entry)
    } catch (error) {
      configs.unwant(entry, validate)
      throw error
    }
  }

  /**
   * Calls `callback` once for each change set that touches any of `names`, when all its values are live. Throwing
   * reports the revision `failed`. `initial` calls it for the values there are as well. Returns how to stop it.
   */
  onChange<Name extends KnownName>(
    names: readonly Name[],
    callback: ChangeCallback<Name>,
    options: { readonly initial?: boolean } = {},
  ): () => void {
    this.#refuseLeft()
    return onChange(this.#parts.client, names, callback, options)
  }

  /** Calls `callback` at each change of `status.state`. Returns how to stop it. */
  onConnection(callback: (connection: Connection) => void): () => void {
    return this.#parts.client.watch(callback)
  }

  /** Resolves when every config asked for has a value and no callback is running; rejects if one of them failed. */
  async ready(): Promise<void> {
    this.#refuseLeft()
    const { client } = this.#parts
    const waiting = client.configs.waiting()
    await Promise.all(waiting.map((entry) => waitFor(entry)))
    await client.applier.idle()
  }

  /** Says goodbye, saves the last good values and lets go of everything. Never rejects; calling it again is the same. */
  leave(reason = ''): Promise<void> {
    this.#left ??= this.#parts.client.leave(reason).then(() => this.#parts.end())
    return this.#left
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.leave()
  }

  #refuseLeft(): void {
    if (this.#left) throw new KeeperClientError('E_STOPPED', 'this process left its keepers')
  }

  #firstValue(entry: Entry, { timeoutMs = limits.configTimeoutMs, signal }: ConfigOptions<never>): Promise<void> {
    let cancel: CancelTimer = () => {}
    let onAbort = () => {}
    const waited = waitFor(entry, (fail) => {
      onAbort = () => fail(signal?.reason)
      signal?.addEventListener('abort', onAbort, { once: true })
      if (timeoutMs > limits.timerMsMax) return
      cancel = this.#parts.runtime.setTimer(timeoutMs, () => fail(this.#missing(entry, timeoutMs)))
    })
    return waited.finally(() => {
      cancel()
      signal?.removeEventListener('abort', onAbort)
    })
  }

  #missing(entry: Entry, timeoutMs: number): KeeperClientError {
    if (entry.absent) return new KeeperClientError('E_NOT_FOUND', `there is no config ${entry.name}`)
    const { state } = this.status
    const text = `no value of config ${entry.name} within ${timeoutMs} ms (keeper ${state})`
    return new KeeperClientError('E_TIMEOUT', text)
  }
}

/** Resolves at the entry's first value; `arm` may end the wait otherwise. */
function waitFor(entry: Entry, arm: (fail: (reason: unknown) => void) => void = () => {}): Promise<void> {
  return new Promise((resolve, reject) => {
    const waiter = { resolve, reject }
    entry.waiters.add(waiter)
    arm((reason) => {
      entry.waiters.delete(waiter)
      reject(reason)
    })
  })
}
