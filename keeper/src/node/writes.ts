import { asKeeperError, KeeperError } from '../base/errors.js'
import { limits } from '../base/limits.js'
import { versionOf } from '../store/cluster-version.js'
import { type EncodedCommands, encodeCommand, encodeForBatch, inBatch } from '../store/command-codec.js'
import type { Command, CommandBody, CommandResult, StoreReader } from '../store/types.js'
import type { EntryPlace } from '../transport/types.js'
import { grows } from './grows.js'
import { commandsBytesMax, type ProposalQueue } from './proposal-queue.js'
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
      if (encoded.length <= commandsBytesMax) return this.#enqueue(inBatch(encoded), signal, first)
      return proposeSpilled(command, encoded, (part) => this.#enqueue(encodeForBatch([part]), signal, first))
    } catch (thrown) {
      return Promise.reject(thrown)
    }
  }

  /**
   * As `Member.proposeTogether`. What is out of the ordinary, as one that is refused or does not fit an entry, makes each go
   * its own way.
   */
  proposeTogether(commands: readonly Command[]): Promise<readonly (CommandResult | KeeperError)[]> {
    if (commands.length === 0) return Promise.resolve([])
    const encoded = this.#together(commands)
    if (encoded) return this.#enqueue(encoded, undefined, (results) => results)
    return Promise.all(commands.map((command) => this.propose(command).catch(asKeeperError)))
  }

  /** All in one, where nothing speaks against any of them. */
  #together(commands: readonly Command[]): EncodedCommands | undefined {
    try {
      for (const command of commands) this.#admit(command)
      const encoded = encodeForBatch(commands)
      return encoded.bytes.length <= commandsBytesMax ? encoded : undefined
    } catch (thrown) {
      // whatever it is, whoever it concerns finds it out again alone
      if (thrown instanceof KeeperError) return undefined
      throw thrown
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

  /** `outcome` picks out of the commands' results what the proposer is told. */
  #enqueue<Outcome>(
    commands: EncodedCommands,
    signal: AbortSignal | undefined,
    outcome: (results: readonly CommandResult[]) => Outcome,
  ): Promise<Outcome> {
    const { queue, waiters, forwarded, closed, wake } = this.#parts
    return new Promise((resolve, reject) => {
      const refusal = closed()
      if (refusal) return reject(refusal)
      if (signal?.aborted) return reject(signal.reason)
      if (queue.count + waiters.count + forwarded() >= limits.proposalQueueMax)
        return reject(new KeeperError('E_TOO_MANY', `${limits.proposalQueueMax} proposals are under way already`))
      const told = (results: readonly CommandResult[]) => resolve(outcome(results))
      const waiter = {
        count: commands.count,
        ...(signal ? abortable(signal, told, reject) : { resolve: told, reject }),
      }
      const placed = (place: EntryPlace) => waiters.place(place, waiter)
      queue.add({ commands, foreign: false, placed, refuse: waiter.reject })
      wake()
    })
  }
}

/** A waiter is told of as many results as it has commands. */
const first = (results: readonly CommandResult[]): CommandResult => results[0] as CommandResult

/** A waiter that waits no longer once the signal aborts. */
function abortable(
  signal: AbortSignal,
  resolve: Waiter['resolve'],
  reject: (error: unknown) => void,
): Pick<Waiter, 'resolve' | 'reject'> {
  const onAbort = () => reject(signal.reason)
  const over = () => signal.removeEventListener('abort', onAbort)
  signal.addEventListener('abort', onAbort, { once: true })
  return {
    resolve: (results) => {
      over()
      resolve(results)
    },
    reject: (error) => {
      over()
      reject(error)
    },
  }
}
