import { KeeperError } from '../base/errors.js'
import type { MemberId } from '../raft/types.js'
import type { Keyspace } from '../store/types.js'
import type { PeerMessage } from '../transport/types.js'
import type { Lessor } from './lessor.js'

type Message<Kind extends PeerMessage['kind']> = Extract<PeerMessage, { kind: Kind }>

interface Batch {
  readonly ids: Set<bigint>
  readonly answers: { resolve(unknown: ReadonlySet<bigint>): void; reject(error: unknown): void }[]
}

interface Sent {
  readonly keyspace: Keyspace
  readonly batch: Batch
  readonly to: MemberId
  ticksLeft: number
}

export interface RenewalsHost {
  /** This member leads, another does, or nobody is known to. */
  leader(): MemberId | 'self' | undefined
  send(to: MemberId, messages: readonly PeerMessage[]): void
  /** Runs once this turn of the event loop is over. */
  nextTurn(run: () => void): void
}

export interface RenewalsOptions {
  readonly incarnation: string
  /** How many ticks until a batch that brought no answer is sent again, and until it is given up. */
  readonly retryTicks: number
  readonly patienceTicks: number
}

/**
 * Lease renewals: those of one turn go to the leader in one batch per keyspace (DESIGN 13). A leader that is gone says
 * nothing, and to renew twice does no harm: the same batch goes to the next one as soon as it is known.
 */
export class Renewals {
  readonly #host: RenewalsHost
  readonly #lessor: Pick<Lessor, 'renew'>
  readonly #options: RenewalsOptions
  #gathering: Partial<Record<Keyspace, Batch>> = {}
  readonly #sent = new Map<string, Sent>()
  #sequence = 0

  constructor(host: RenewalsHost, lessor: Pick<Lessor, 'renew'>, options: RenewalsOptions) {
    this.#host = host
    this.#lessor = lessor
    this.#options = options
  }

  /** Resolves with those of `ids` that the leader does not know. */
  async renew(keyspace: Keyspace, ids: readonly bigint[]): Promise<readonly bigint[]> {
    const batch = this.#gatheringOf(keyspace)
    for (const id of ids) batch.ids.add(id)
    const unknown = await new Promise<ReadonlySet<bigint>>((resolve, reject) => {
      batch.answers.push({ resolve, reject })
    })
    return ids.filter((id) => unknown.has(id))
  }

  /** At the leader: a follower's batch. */
  async serve(from: MemberId, { id, keyspace, leases }: Message<'renew'>): Promise<void> {
    try {
      const unknown = await this.#lessor.renew(keyspace, leases, from)
      this.#host.send(from, [{ kind: 'renewed', id, unknown }])
    } catch {
      // no answer: the follower asks whoever leads by then
    }
  }

  renewed({ id, unknown }: Message<'renewed'>): void {
    const sent = this.#sent.get(id)
    this.#sent.delete(id)
    settle(sent?.batch, (answer) => answer.resolve(new Set(unknown)))
  }

  tick(): void {
    for (const [id, sent] of this.#sent) {
      if (--sent.ticksLeft > 0) this.#again(id, sent)
      else {
        this.#sent.delete(id)
        settle(sent.batch, (answer) => answer.reject(unavailable()))
      }
    }
  }

  rejectAll(error: KeeperError): void {
    const batches = [...Object.values(this.#gathering), ...[...this.#sent.values()].map((sent) => sent.batch)]
    this.#gathering = {}
    this.#sent.clear()
    for (const batch of batches) settle(batch, (answer) => answer.reject(error))
  }

  #gatheringOf(keyspace: Keyspace): Batch {
    const gathering = this.#gathering[keyspace]
    if (gathering) return gathering
    const batch: Batch = { ids: new Set(), answers: [] }
    this.#gathering[keyspace] = batch
    this.#host.nextTurn(() => {
      if (this.#gathering[keyspace] !== batch) return
      delete this.#gathering[keyspace]
      this.#dispatch(keyspace, batch)
    })
    return batch
  }

  #dispatch(keyspace: Keyspace, batch: Batch): void {
    const leader = this.#host.leader()
    if (leader === undefined) settle(batch, (answer) => answer.reject(unavailable()))
    else if (leader === 'self') this.#renewHere(keyspace, batch)
    else {
      const { incarnation, patienceTicks } = this.#options
      const id = `${incarnation}/${++this.#sequence}`
      this.#send(id, { keyspace, batch, to: leader, ticksLeft: patienceTicks })
    }
  }

  /** To another leader at once, to the same one after a while. */
  #again(id: string, sent: Sent): void {
    const leader = this.#host.leader()
    const { retryTicks, patienceTicks } = this.#options
    const isDue = (patienceTicks - sent.ticksLeft) % retryTicks === 0
    if (leader === undefined || (leader === sent.to && !isDue)) return
    if (leader === 'self') {
      this.#sent.delete(id)
      this.#renewHere(sent.keyspace, sent.batch)
    } else this.#send(id, { ...sent, to: leader })
  }

  #renewHere(keyspace: Keyspace, batch: Batch): void {
    this.#lessor.renew(keyspace, [...batch.ids]).then(
      (unknown) => settle(batch, (answer) => answer.resolve(new Set(unknown))),
      (error) => settle(batch, (answer) => answer.reject(error)),
    )
  }

  #send(id: string, sent: Sent): void {
    this.#sent.set(id, sent)
    this.#host.send(sent.to, [{ kind: 'renew', id, keyspace: sent.keyspace, leases: [...sent.batch.ids] }])
  }
}

const unavailable = () => new KeeperError('E_UNAVAILABLE', 'no leader renewed the leases in time')

function settle(batch: Batch | undefined, how: (answer: Batch['answers'][number]) => void): void {
  for (const answer of batch?.answers ?? []) how(answer)
}
