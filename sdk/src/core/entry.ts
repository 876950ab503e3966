import type { HeldConfig } from '@keeper/proto/wire'
import { KeeperClientError, messageOf } from '../errors.js'
import { type Held, heldConfig, type Said } from './held.js'
import { isThenable } from './listener.js'

/** Throws when the value will not do. Pure: it may be called for values that never become live. */
export type Validate = (value: unknown) => unknown

export interface Waiter {
  resolve(): void
  reject(error: KeeperClientError): void
}

/** One config that the process wants, and where it stands with it. */
export class Entry {
  readonly name: string
  readonly validators = new Set<Validate>()
  readonly waiters = new Set<Waiter>()
  /** How many calls want it; at none it is no longer subscribed. */
  wanted = 0
  held: Held | undefined
  /** What the last-good file keeps: held, unless its callbacks failed. */
  good: Held | undefined
  from: 'live' | 'last-good' = 'last-good'
  removed = false
  /** The keeper said that there is no such config. */
  absent = false
  said: Said = 'received'
  reason = ''
  saidAtMs = 0

  constructor(name: string, good: Held | undefined) {
    this.name = name
    this.good = good
  }

  /** Throws the first validator's complaint, the config's name before it. */
  validate(value: unknown): void {
    for (const validate of this.validators) runValidate(this.name, validate, value)
  }

  /** The last good value, if every validator of today takes it. */
  acceptableGood(): Held | undefined {
    if (!this.good) return undefined
    try {
      this.validate(this.good.value)
      return this.good
    } catch {
      return undefined
    }
  }

  say(said: Said, reason: string, atMs: number): void {
    this.said = said
    this.reason = reason
    this.saidAtMs = atMs
  }

  /**
   * What the process holds, or could take up without being sent it again, of this cluster's history: revisions of
   * another one mean nothing to it.
   */
  claim(nowMs: number, clusterId: string): HeldConfig | undefined {
    if (this.held) {
      if (this.held.clusterId !== clusterId) return undefined
      return heldConfig(this.name, this.held, this.said, this.reason, this.saidAtMs)
    }
    const good = this.acceptableGood()
    return good && good.clusterId === clusterId ? heldConfig(this.name, good, 'applied', '', nowMs) : undefined
  }

  asHeld(): HeldConfig {
    return heldConfig(this.name, this.held, this.said, this.reason, this.saidAtMs)
  }

  /** There is a value now. */
  wake(): void {
    for (const waiter of [...this.waiters]) waiter.resolve()
    this.waiters.clear()
  }

  fail(error: KeeperClientError): void {
    for (const waiter of [...this.waiters]) waiter.reject(error)
    this.waiters.clear()
  }
}

/** Throws E_REJECTED with the validator's words. */
export function runValidate(name: string, validate: Validate, value: unknown): void {
  let result: unknown
  try {
    result = validate(value)
  } catch (cause) {
    throw new KeeperClientError('E_REJECTED', `${name}: ${messageOf(cause)}`, {}, { cause })
  }
  if (!isThenable(result)) return
  result.then(undefined, () => {})
  throw new KeeperClientError('E_REJECTED', `${name}: validate must not be asynchronous`)
}
