import { createHash } from 'node:crypto'
import { type Clock, delay } from '../base/clock.js'
import { asKeeperError, KeeperError } from '../base/errors.js'
import { limits } from '../base/limits.js'
import type { Logger } from '../base/logger.js'
import type { Certificates } from '../base/tls.js'
import type { MemberId } from '../raft/types.js'
import { askAddress } from './dial.js'
import type { PeerListener } from './peer-listener.js'

/** A member of the cluster that is to begin. */
export interface Seat {
  readonly id: MemberId
  readonly name: string
  readonly peer: string
}

/** A seat, and the data folder of who took it. */
export interface TakenSeat extends Seat {
  readonly folder: string
}

export interface Formed {
  readonly clusterId: string
  readonly storeEpoch: number
  readonly founders: readonly TakenSeat[]
  /** The cluster knows another folder under this name: what this member once acknowledged is gone. */
  readonly lostDisk: boolean
}

export interface FormationOptions {
  readonly own: TakenSeat
  /** All members, this one among them. */
  readonly seats: readonly Seat[]
  readonly listener: PeerListener
  readonly clock: Clock
  readonly logger: Logger
  readonly tls?: Certificates | undefined
  /** Of one question. */
  readonly timeoutMs?: number | undefined
  readonly signal?: AbortSignal | undefined
}

/** What a member of a cluster that has begun tells who asks for it. Throws E_MEMBER_UNKNOWN. */
export interface FormedAnswer {
  readonly state: 'formed'
  readonly clusterId: string
  readonly storeEpoch: number
  readonly founders: readonly TakenSeat[]
  /** The data folder that the cluster knows the asking member by. */
  readonly folder: string
}

interface FormingAnswer {
  readonly state: 'forming'
  readonly name: string
  readonly folder: string
  readonly seats: string
}

/** Topic of the question by which members find their cluster. */
export const formationTopic = 'form'

/**
 * Finds out, before there is any data, which cluster this member is of. A new one begins once all of its members have
 * been heard: only then is it certain that nobody's disk holds an older one. Each folder's random name goes into the
 * cluster's, and is remembered: whoever comes later under a known name with another folder has lost its disk, and must
 * not vote as if it had never voted.
 *
 * Rejects E_CLUSTER_FOREIGN (another list of members, or two clusters), E_MEMBER_UNKNOWN, E_STOPPED.
 */
export async function findCluster(options: FormationOptions): Promise<Formed> {
  const formation = new Formation(options)
  return await formation.run()
}

class Formation {
  readonly #options: FormationOptions
  /** Who answered in this round, and this one. A folder that was heard of earlier may be gone by now. */
  #heard = new Map<string, TakenSeat>()
  /** Why nobody answers there. */
  readonly #silent = new Map<string, string>()
  #complainAt: number

  constructor(options: FormationOptions) {
    this.#options = options
    this.#complainAt = options.clock.monotonic() + complainMs
  }

  async run(): Promise<Formed> {
    const { listener, clock, signal } = this.#options
    listener.onQuestion(formationTopic, () => this.#answer())
    for (;;) {
      if (signal?.aborted) throw new KeeperError('E_STOPPED', 'stopped while it looked for its cluster')
      const formed = await this.#ask()
      if (formed) return formed
      this.#complain()
      await delay(clock, formationRetryMs, signal).catch(() => {})
    }
  }

  #answer(): FormingAnswer {
    const { own, seats } = this.#options
    return { state: 'forming', name: own.name, folder: own.folder, seats: listOf(seats) }
  }

  /** Asks everybody at once; a cluster that has begun goes before one that could. */
  async #ask(): Promise<Formed | undefined> {
    const { seats, own } = this.#options
    const others = seats.filter(({ name }) => name !== own.name)
    const answers = await Promise.all(others.map((seat) => this.#askSeat(seat)))
    const formed = answers.filter((answer) => answer?.state === 'formed')
    const [first] = formed
    if (first) return this.#join(first, formed)
    this.#heard = new Map([[own.name, own]])
    answers.forEach((answer, at) => {
      const seat = others[at]
      if (seat && answer?.state === 'forming') this.#hear(seat, answer)
    })
    return this.#heard.size === seats.length ? this.#begin() : undefined
  }

  async #askSeat({ peer }: Seat): Promise<FormedAnswer | FormingAnswer | undefined> {
    const { own, clock, tls, signal, timeoutMs } = this.#options
    try {
      const answer = await askAddress({ address: peer, clock, tls, signal, timeoutMs }, formationTopic, own)
      return readAnswer(answer, peer)
    } catch (thrown) {
      const error = asKeeperError(thrown)
      // nobody there, or nobody who knows, or with certificates that do not fit: it may come
      if (error.kind.retry || error.code === 'E_TLS') {
        this.#silent.set(peer, error.message)
        return undefined
      }
      throw error
    }
  }

  #join({ clusterId, storeEpoch, founders, folder }: FormedAnswer, all: readonly FormedAnswer[]): Formed {
    const { own, logger } = this.#options
    const other = all.find((one) => one.clusterId !== clusterId)
    if (other)
      throw new KeeperError('E_CLUSTER_FOREIGN', `the others are of two clusters, ${clusterId} and ${other.clusterId}`)
    const lostDisk = folder !== own.folder
    if (lostDisk)
      logger.warn(
        { clusterId },
        `the cluster knows ${own.name} with another data folder: its disk was lost, it recovers from the others`,
      )
    return { clusterId, storeEpoch, founders, lostDisk }
  }

  #hear(seat: Seat, { name, folder, seats }: FormingAnswer): void {
    const wanted = listOf(this.#options.seats)
    if (seats !== wanted)
      throw new KeeperError(
        'E_CLUSTER_FOREIGN',
        `${seat.peer} was started with --initial-cluster ${seats}, this one with ${wanted}`,
      )
    if (name !== seat.name)
      throw new KeeperError('E_CLUSTER_FOREIGN', `${seat.peer} is ${name}, but --initial-cluster says ${seat.name}`)
    this.#heard.set(name, { ...seat, folder })
  }

  #begin(): Formed {
    const founders = [...this.#heard.values()].sort((a, b) => (a.name < b.name ? -1 : 1))
    const names = founders.map(({ name, folder }) => `${name}=${folder}`).join(',')
    const clusterId = createHash('sha256').update(names).digest('hex').slice(0, 16)
    return { clusterId, storeEpoch: 1, founders, lostDisk: false }
  }

  #complain(): void {
    const { clock, seats, logger } = this.#options
    if (clock.monotonic() < this.#complainAt) return
    this.#complainAt = clock.monotonic() + complainMs
    const missing = seats
      .filter(({ name }) => !this.#heard.has(name))
      .map(({ name, peer }) => `${name} (${peer}${this.#silent.has(peer) ? `: ${this.#silent.get(peer)}` : ''})`)
    logger.info({}, `waits for ${missing.join(', ')}: a new cluster begins once all of its members were heard`)
  }
}

function readAnswer(answer: Record<string, unknown>, peer: string): FormedAnswer | FormingAnswer {
  const { state, folder, name, seats, clusterId, storeEpoch, founders } = answer
  if (state === 'forming' && isText(name, folder, seats)) return answer as unknown as FormingAnswer
  if (state === 'formed' && isText(clusterId, folder) && Number.isSafeInteger(storeEpoch) && isFounders(founders))
    return answer as unknown as FormedAnswer
  throw new KeeperError('E_FRAME_GARBAGE', `${peer} does not answer as a member does`)
}

const isText = (...values: readonly unknown[]): boolean => values.every((value) => typeof value === 'string')

const isFounders = (founders: unknown): boolean =>
  Array.isArray(founders) &&
  founders.every((one) => Number.isSafeInteger(one?.id) && isText(one.name, one.peer, one.folder))

const formationRetryMs = limits.peerRedialMinMs * 5
const complainMs = 5_000

const listOf = (seats: readonly Seat[]): string =>
  seats
    .map(({ name, peer }) => `${name}=${peer}`)
    .sort()
    .join(',')
