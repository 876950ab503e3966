import type { Client } from './core/client.js'
import type { Entry } from './core/entry.js'
import { Listener } from './core/listener.js'
import type { Configs } from './index.js'

/** A name that the generated module knows. */
export type ConfigName = keyof Configs & string
/** A name that may be asked for: one that the generated module knows, or, where there is none, any. */
export type KnownName = [ConfigName] extends [never] ? string : ConfigName
/** What a config holds: by the generated module where it knows the name. */
export type ConfigValue<Name extends string> = Name extends keyof Configs ? Configs[Name] : unknown

type Plain = string | number | boolean | bigint | symbol | null | undefined | ((...args: never) => unknown)
/** Frozen all the way down, and the compiler knows. */
export type DeepReadonly<T> = T extends Plain
  ? T
  : T extends readonly unknown[]
    ? { readonly [Key in keyof T]: DeepReadonly<T[Key]> }
    : unknown extends T
      ? T
      : { readonly [Key in keyof T]: DeepReadonly<T[Key]> }

export interface ConfigOptions<T> {
  /**
   * Throws when this process cannot run with `value`. Pure and synchronous: it runs before anything changes, also for
   * values that never become live.
   */
  readonly validate?: (value: DeepReadonly<T>) => unknown
  /** How long to wait for the first value; Infinity waits for ever. */
  readonly timeoutMs?: number
  readonly signal?: AbortSignal
}

export interface ConfigStatus {
  readonly revision: number
  /** `last-good` until a keeper has sent the value, or confirmed it, in this run of the process. */
  readonly from: 'live' | 'last-good'
  /** The config no longer exists; the last value stays. */
  readonly removed: boolean
  /** The value holds secrets: write it to no log, and to no file that others can read. */
  readonly secret?: true
}

/** Told of one value. `signal` aborts when a newer one overtakes it, or the process leaves. */
export type UpdateCallback<T> = (
  next: DeepReadonly<T>,
  previous: DeepReadonly<T> | undefined,
  context: { readonly revision: number; readonly signal: AbortSignal },
) => unknown

/** A live config. */
export class Config<T> {
  readonly name: string
  readonly #client: Client
  readonly #entry: Entry

  /** For `keeper.config` alone: `entry` holds a value. */
  constructor(client: Client, entry: Entry) {
    this.name = entry.name
    this.#client = client
    this.#entry = entry
  }

  /** The value now; read it where it is used, it changes under you. Frozen all the way down. */
  get value(): DeepReadonly<T> {
    return this.#entry.held?.value as DeepReadonly<T>
  }

  get status(): ConfigStatus {
    const { held, from, removed } = this.#entry
    return { revision: held?.revision ?? 0, from, removed, ...(held?.secret && { secret: true }) }
  }

  /**
   * Calls `callback` for each new value, after it became live; at most once per revision, never twice at a time, and
   * always for the newest. Throwing reports the revision `failed`; the value stays. `initial` calls it for the value
   * there is as well, once this turn is over. Returns how to stop it.
   */
  onUpdate(callback: UpdateCallback<T>, options: { readonly initial?: boolean } = {}): () => void {
    const { name } = this
    const listener = new Listener(
      [name],
      ({ changes }, signal) => {
        const change = changes.get(name)
        if (!change) return undefined
        const { next, previous, revision } = change
        return callback(next as DeepReadonly<T>, previous as DeepReadonly<T> | undefined, { revision, signal })
      },
      { valuesOnly: true },
    )
    const stop = this.#client.configs.listen(listener)
    if (options.initial) this.#client.callInitially(listener)
    return stop
  }
}
