/**
 * The ledger and the processes of the whole cluster (DESIGN 17): each member knows what the processes with a stream to
 * it have said, so all are asked. What a member that does not answer would know is `unknown`, never success.
 */

import { type Clock, delay } from '../base/clock.js'
import { decodeText, encodeText } from '../base/codec.js'
import { ChangeDesk } from './change-desk.js'
import { type Answer, encodePage, readPages } from './pages.js'
import type { InstanceEntry, LedgerChange, LedgerEntry, LedgerQuery } from './types.js'

/** A member's id, as Raft has it. */
type MemberId = number

/** The way to the other members. */
export interface LedgerPeers {
  /** The other members; `active: false` for those that nothing was heard of. */
  others(): readonly { readonly id: MemberId; readonly active: boolean }[]
  /** Rejects when no answer comes in time. */
  ask(to: MemberId, topic: string, body: Uint8Array, options: { timeoutMs: number }): Promise<Uint8Array>
  onAsk(topic: string, answer: (body: Uint8Array) => Uint8Array | Promise<Uint8Array>): () => void
}

/** What this member knows by itself. */
export interface LocalLedger {
  readonly id: MemberId
  /** Revision of the system keyspace that is applied here. */
  revision(): number
  /** Resolves when at least what is committed now is applied here. */
  catchUp(): Promise<void>
  ledger(query: LedgerQuery): readonly LedgerEntry[]
  instances(): readonly InstanceEntry[]
  onLedgerChange(listener: (change: LedgerChange) => void): () => void
}

export interface EverywhereLimits {
  readonly ledgerAskMs: number
  readonly ledgerPageBytes: number
  readonly ledgerPollMs: number
  readonly ledgerPollPauseMs: number
}

export interface Gathered<T> {
  readonly rows: readonly T[]
  /** Members that some of the rows lie on, and that did not answer. */
  readonly unreachable: readonly MemberId[]
}

const topics = { ledger: 'push.ledger', instances: 'push.instances', change: 'push.ledger-change' } as const

type WireInstance = Omit<InstanceEntry, 'sessionId' | 'silentMs'> & {
  readonly sessionId: string
  /** null: not since that keeper started. */
  readonly silentMs: number | null
}

export class Everywhere {
  readonly #peers: LedgerPeers
  readonly #local: LocalLedger
  readonly #clock: Clock
  readonly #limits: EverywhereLimits
  readonly #desk: ChangeDesk
  readonly #stops: readonly (() => void)[]

  constructor(peers: LedgerPeers, local: LocalLedger, clock: Clock, limits: EverywhereLimits) {
    this.#peers = peers
    this.#local = local
    this.#clock = clock
    this.#limits = limits
    this.#desk = new ChangeDesk(local, clock, limits.ledgerPollMs)
    this.#stops = [
      peers.onAsk(topics.ledger, (body) => this.#answerLedger(body)),
      peers.onAsk(topics.instances, (body) => this.#answerInstances(body)),
      peers.onAsk(topics.change, (body) => this.#desk.answer(body)),
    ]
  }

  /** Rows of one config, or of all, of the whole cluster. */
  async ledger(query: LedgerQuery = {}): Promise<Gathered<LedgerEntry>> {
    const answers = await this.#gather<LedgerEntry>(topics.ledger, query)
    return merged(this.#local.id, this.#local.ledger(query), answers, ledgerKey)
  }

  /** All live processes of the cluster. */
  async instances(): Promise<Gathered<InstanceEntry>> {
    const answers = await this.#gather<WireInstance>(topics.instances, {})
    const read = new Map([...answers].map(([id, said]) => [id, { ...said, items: said.items.map(instanceOf) }]))
    return merged(this.#local.id, this.#local.instances(), read, instanceKey)
  }

  /** Calls `note` when rows of `names` (all when absent) may have changed anywhere, until `signal` aborts. */
  watch(names: readonly string[] | undefined, signal: AbortSignal, note: () => void): void {
    const concerned = (change: LedgerChange) => change.all || !names || names.some((name) => change.names.has(name))
    const followed = new Set<MemberId>()
    const followAll = () => {
      for (const { id } of this.#peers.others()) {
        if (followed.has(id)) continue
        followed.add(id)
        void this.#follow(id, names, signal, note).finally(() => followed.delete(id))
      }
    }
    const stop = this.#local.onLedgerChange((change) => {
      followAll()
      if (concerned(change)) note()
    })
    signal.addEventListener('abort', stop, { once: true })
    followAll()
  }

  close(): void {
    for (const stop of this.#stops) stop()
    this.#desk.close()
  }

  /** One question after the other: each is answered when something changed, or after a while. */
  async #follow(
    id: MemberId,
    names: readonly string[] | undefined,
    signal: AbortSignal,
    note: () => void,
  ): Promise<void> {
    const { ledgerPollMs, ledgerAskMs, ledgerPollPauseMs } = this.#limits
    const timeoutMs = ledgerPollMs + ledgerAskMs
    let version = 0
    while (!signal.aborted && this.#peers.others().some((other) => other.id === id)) {
      const before = version
      const body = encodeText(JSON.stringify({ version, ...(names && { names }) }))
      version = await this.#peers.ask(id, topics.change, body, { timeoutMs }).then(
        (answer) => Number(decodeText(answer)),
        () => -1,
      )
      if (version !== before && !signal.aborted) note()
      await delay(this.#clock, ledgerPollPauseMs, signal).catch(() => {})
    }
  }

  async #gather<T>(topic: string, query: object): Promise<Map<MemberId, Answer<T>>> {
    const { ledgerAskMs: timeoutMs } = this.#limits
    const answers = new Map<MemberId, Answer<T>>()
    const askOne = async (id: MemberId) => {
      const ask = (after: string) =>
        this.#peers.ask(id, topic, encodeText(JSON.stringify({ ...query, after })), { timeoutMs })
      answers.set(id, await readPages<T>(ask))
    }
    const asked = this.#peers.others().filter(({ active }) => active)
    await Promise.all(asked.map(({ id }) => askOne(id).catch(() => {})))
    const newest = Math.max(0, ...[...answers.values()].map(({ revision }) => revision))
    // Who moved between two members while they were asked must not fall between them.
    if (newest > this.#local.revision()) await this.#local.catchUp().catch(() => {})
    return answers
  }

  /** Its own processes alone: of the others it knows no more than the log says. */
  #answerLedger(body: Uint8Array): Uint8Array {
    const { after = '', ...query }: LedgerQuery & { after?: string } = JSON.parse(decodeText(body))
    const rows = this.#local.ledger(query).filter(({ member }) => member === this.#local.id)
    return encodePage(rows, ledgerKey, after, this.#pageOf())
  }

  #pageOf(): { revision: number; bytesMax: number } {
    return { revision: this.#local.revision(), bytesMax: this.#limits.ledgerPageBytes }
  }

  #answerInstances(body: Uint8Array): Uint8Array {
    const { after = '' }: { after?: string } = JSON.parse(decodeText(body))
    const rows = this.#local.instances().filter(({ member }) => member === this.#local.id)
    const wire = rows.map((row): WireInstance => {
      const silentMs = Number.isFinite(row.silentMs) ? row.silentMs : null
      return { ...row, sessionId: String(row.sessionId), silentMs }
    })
    return encodePage(wire, instanceKey, after, this.#pageOf())
  }
}

const ledgerKey = ({ name, cluster, role, instance }: LedgerEntry): string => [name, cluster, role, instance].join('\0')

const instanceKey = ({ namespace, identity }: Pick<InstanceEntry, 'namespace' | 'identity'>): string =>
  [namespace, identity.cluster, identity.role, identity.instance].join('\0')

const instanceOf = (wire: WireInstance): InstanceEntry => ({
  ...wire,
  sessionId: BigInt(wire.sessionId),
  silentMs: wire.silentMs ?? Number.POSITIVE_INFINITY,
})

interface Placed {
  readonly member: MemberId
  readonly connected: boolean
  readonly since?: number
  readonly reader?: true
  readonly atUnixMs?: number
}

/** Whoever reads by HTTP may ask another member each time: the newest word counts. */
const isLaterWord = (row: Placed, known: Placed): boolean =>
  row.reader === true && known.reader === true && (row.atUnixMs ?? 0) > (known.atUnixMs ?? 0)

/**
 * What is known here, but where the member that has the process was asked after it got it: there that one's word
 * counts, also when it has none. A process on its way from one member to another may be said by both: a stream that
 * stands is the newer word.
 */
function merged<T extends Placed>(
  ownId: MemberId,
  own: readonly T[],
  answers: ReadonlyMap<MemberId, Answer<T>>,
  keyOf: (row: T) => string,
): Gathered<T> {
  const isAnswered = ({ since, member }: T) => since !== undefined && since <= (answers.get(member)?.revision ?? -1)
  const rows = new Map(own.filter((row) => !isAnswered(row)).map((row) => [keyOf(row), row]))
  for (const [member, { items }] of answers)
    for (const row of items) {
      const known = rows.get(keyOf(row))
      const isNewer =
        !known || known.member === member || (row.connected && !known.connected) || isLaterWord(row, known)
      if (row.member === member && isNewer) rows.set(keyOf(row), row)
    }
  const all = [...rows.values()]
  const silent = all.map(({ member }) => member).filter((member) => member !== ownId && !answers.has(member))
  return { rows: all, unreachable: [...new Set(silent)] }
}
