import { KeeperError } from '../base/errors.js'
import { limits } from '../base/limits.js'
import { versionOf } from '../store/cluster-version.js'
import { type EncodedCommands, encodeCommand, encodeForBatch, inBatch } from '../store/command-codec.js'
import type { Command, CommandBody, CommandResult, StoreReader } from '../store/types.js'
import type { EntryPlace } from '../transport/types.js'
import { grows } from './grows.js'
import { type Bundle, commandsBytesMax, type ProposalQueue } from './proposal-queue.js'
import { proposeSpilled } from './spill.js'
import type { Waiter, Waiters } from './waiters.js'

export interface WritesParts {
  readonly queue: ProposalQueue
  readonly waiters: Waiters
  readonly store: StoreReader
  /** Why nothing is taken that makes the store larger; undefined when all is well. */
  readonly mayNotGrow: () => KeeperError | undefined
  /** Commands that are with another member. */
  readonly forwarded: () => number
  /** Why nothing is taken; undefined when all is well. */
  readonly closed: () => KeeperError | undefined
  readonly wake: () => void
  /** From which cluster version on a command may be proposed. Default: the store room's table. */
  readonly since?: (body: CommandBody) => number
}

/** The way of a command from its proposer into the queue, and of its outcome back. */
export class Writes {
  readonly #parts: WritesParts

  constructor(parts: WritesParts) {
    this.#parts = parts
  }

  /** As `Proposer.propose`. */
  propose(command: Command, signal?: AbortSignal): Promise<CommandResult> {
    try {
      this.#admit(command)
      const encoded = encodeCommand(command)
      if (encoded.length <= commandsBytesMax) return this.#enqueue(inBatch(encoded), signal)
      return proposeSpilled(command, encoded, (part) => this.#enqueue(encodeForBatch(part), signal))
    } catch (thrown) {
      return Promise.reject(thrown)
    }
  }

  #admit(command: Command): void {
    const closed = this.#parts.closed()
    if (closed) throw closed
    const { store } = this.#parts
    const needed = (this.#parts.since ?? versionOf)(command.body)
    if (needed > store.clusterVersion())
      throw new KeeperError(
        'E_UNSUPPORTED',
        `the cluster has version ${store.clusterVersion()}, the request needs ${needed}: a member is still to be upgraded`,
      )
    const refusal = this.#parts.mayNotGrow()
    if (refusal && grows(command.body)) throw refusal
  }

  #enqueue(commands: EncodedCommands, signal: AbortSignal | undefined): Promise<CommandResult> {
    const { queue, waiters, forwarded, closed, wake } = this.#parts
    return new Promise((resolve, reject) => {
      const refusal = closed()
      if (refusal) return reject(refusal)
      if (signal?.aborted) return reject(signal.reason)
      if (queue.count + waiters.count + forwarded() >= limits.proposalQueueMax)
        return reject(new KeeperError('E_TOO_MANY', `${limits.proposalQueueMax} proposals are under way already`))
      queue.add(this.#bundle(commands, signal, resolve, reject))
      wake()
    })
  }

  #bundle(
    commands: EncodedCommands,
    signal: AbortSignal | undefined,
    resolve: (result: CommandResult) => void,
    reject: (error: unknown) => void,
  ): Bundle {
    const waiter = signal ? abortable(signal, resolve, reject) : { resolve, reject }
    return {
      commands,
      foreign: false,
      placed: (place: EntryPlace) => this.#parts.waiters.place(place, [waiter]),
      refuse: waiter.reject,
    }
  }
}

/** A waiter that waits no longer once the signal aborts. */
function abortable(
  signal: AbortSignal,
  resolve: (result: CommandResult) => void,
  reject: (error: unknown) => void,
): Waiter {
  const onAbort = () => reject(signal.reason)
  const over = () => signal.removeEventListener('abort', onAbort)
  signal.addEventListener('abort', onAbort, { once: true })
  return {
    resolve: (result) => {
      over()
      resolve(result)
    },
    reject: (error) => {
      over()
      reject(error)
    },
  }
}
