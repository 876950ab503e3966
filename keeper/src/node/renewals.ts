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

export interface RenewalsHost {
  /** This member leads, another does, or nobody is known to. */
  leader(): MemberId | 'self' | undefined
  send(to: MemberId, messages: readonly PeerMessage[]): void
  /** Runs once this turn of the event loop is over. */
  nextTurn(run: () => void): void
}

/** Lease renewals: those of one turn go to the leader in one batch per keyspace (DESIGN 13). */
export class Renewals {
  readonly #host: RenewalsHost
  readonly #lessor: Lessor
  readonly #incarnation: string
  readonly #patienceTicks: number
  #gathering: Partial<Record<Keyspace, Batch>> = {}
  readonly #sent = new Map<string, { readonly batch: Batch; ticksLeft: number }>()
  #sequence = 0

  constructor(host: RenewalsHost, lessor: Lessor, options: { incarnation: string; patienceTicks: number }) {
    this.#host = host
    this.#lessor = lessor
    this.#incarnation = options.incarnation
    this.#patienceTicks = options.patienceTicks
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
      // no answer: the follower gives up in time and tells its sessions that there is no leader
    }
  }

  renewed({ id, unknown }: Message<'renewed'>): void {
    const sent = this.#sent.get(id)
    this.#sent.delete(id)
    settle(sent?.batch, (answer) => answer.resolve(new Set(unknown)))
  }

  tick(): void {
    for (const [id, sent] of this.#sent) {
      if (--sent.ticksLeft > 0) continue
      this.#sent.delete(id)
      settle(sent.batch, (answer) => answer.reject(unavailable()))
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
    else if (leader === 'self')
      this.#lessor.renew(keyspace, [...batch.ids]).then(
        (unknown) => settle(batch, (answer) => answer.resolve(new Set(unknown))),
        (error) => settle(batch, (answer) => answer.reject(error)),
      )
    else this.#sendTo(leader, keyspace, batch)
  }

  #sendTo(leader: MemberId, keyspace: Keyspace, batch: Batch): void {
    const id = `${this.#incarnation}/${++this.#sequence}`
    this.#sent.set(id, { batch, ticksLeft: this.#patienceTicks })
    this.#host.send(leader, [{ kind: 'renew', id, keyspace, leases: [...batch.ids] }])
  }
}

const unavailable = () => new KeeperError('E_UNAVAILABLE', 'no leader renewed the leases in time')

function settle(batch: Batch | undefined, how: (answer: Batch['answers'][number]) => void): void {
  for (const answer of batch?.answers ?? []) how(answer)
}
