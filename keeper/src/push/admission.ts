/** From a hello to an open session, or to a goodbye that says why not. */

import type { Hello__Output } from '@keeper/proto'
import type { Clock } from '../base/clock.js'
import { asKeeperError, KeeperError } from '../base/errors.js'
import type { Logger } from '../base/logger.js'
import type { Member } from '../node/types.js'
import type { Gate } from './gate.js'
import { type CheckedHello, checkHello, HEARS_BEACONS, TAKES_BRIEF, TAKES_DELTAS } from './hello.js'
import type { Authorize, SessionLimits } from './options.js'
import { garbageNumber, type Peer } from './peer.js'
import { Session } from './session.js'
import type { Opened, SessionLog } from './session-log.js'

export interface AdmissionOptions {
  readonly member: Member
  readonly clock: Pick<Clock, 'monotonic'>
  readonly log: SessionLog
  readonly gate: Gate
  readonly limits: SessionLimits
  readonly logger: Logger
  readonly authorize: Authorize
  readonly namespaces: (namespace: string) => boolean
  /** The session is in the log: greet its stream. Throws when it was overtaken meanwhile. */
  install(peer: Peer, session: Session, hello: CheckedHello, opened: Opened): void
}

class ComeLater extends KeeperError {
  readonly awayMs: number

  constructor(awayMs: number) {
    super('E_UNAVAILABLE', `more processes come at once than are taken in: come back in ${awayMs} ms`)
    this.awayMs = awayMs
  }
}

export class Admission {
  readonly #options: AdmissionOptions

  constructor(options: AdmissionOptions) {
    this.#options = options
  }

  /** Never rejects: what goes wrong is said to the stream. */
  async admit(peer: Peer, frame: Hello__Output): Promise<void> {
    try {
      const hello = this.#check(peer, frame)
      await this.#turn()
      await this.#catchUp(hello)
      const opened = await this.#open(peer, hello)
      if (peer.ended) return
      this.#options.install(peer, this.#session(peer, hello, opened), hello, opened)
    } catch (thrown) {
      if (thrown instanceof ComeLater) peer.goodbye(thrown, thrown.awayMs)
      else peer.goodbye(this.#asReason(thrown))
    }
  }

  /** Resolves when it is this hello's turn. Rejects E_UNAVAILABLE with the time to come back when that is not soon. */
  #turn(): Promise<void> {
    return new Promise((resolve, reject) => {
      const awayMs = this.#options.gate.pass(resolve)
      if (awayMs > 0) reject(new ComeLater(awayMs))
    })
  }

  #check(peer: Peer, frame: Hello__Output): CheckedHello {
    const { limits, authorize, namespaces, member } = this.#options
    const hello = checkHello(frame, limits)
    const { namespace, identity, resume, clusterId } = hello
    if (!namespaces(namespace)) throw new KeeperError('E_NOT_FOUND', `no namespace ${namespace} here`)
    authorize(
      peer.principal,
      'session.attach',
      `${namespace}/${identity.cluster}/${identity.role}/${identity.instance}`,
    )
    const own = member.status().identity.clusterId
    // A session of another cluster (or of this one before it was restored) means nothing here; its process is welcome.
    if (resume && clusterId !== '' && clusterId !== own)
      throw new KeeperError('E_SESSION_UNKNOWN', `the session is of cluster ${clusterId}, this is ${own}`)
    return hello
  }

  /** A member that lags behind what the process has seen must not show it less. */
  async #catchUp({ held, clusterId }: CheckedHello): Promise<void> {
    const { member } = this.#options
    const { storeEpoch, clusterId: own } = member.status().identity
    if (clusterId !== own) return
    const seen = Math.max(0, ...[...held.values()].map((each) => (each.storeEpoch === storeEpoch ? each.revision : 0)))
    if (seen > member.store.revision('system')) await member.linearizableRead()
  }

  #open(peer: Peer, { namespace, identity, resume, attempt, ttlSeconds }: CheckedHello): Promise<Opened> {
    const newcomer = { namespace, identity, attempt, principal: peer.principal, isWaiting: () => !peer.ended }
    if (resume) return this.#options.log.attach(newcomer, resume.id, resume.secret)
    return this.#options.log.open(newcomer, ttlSeconds)
  }

  #session(peer: Peer, hello: CheckedHello, { id, record }: Opened): Session {
    const ttlSeconds = this.#options.member.store.lease('system', id)?.ttlSeconds ?? hello.ttlSeconds
    return new Session({
      id,
      namespace: hello.namespace,
      principal: peer.principal,
      identity: hello.identity,
      attachment: record.attachment,
      member: record.member,
      ttlMs: ttlSeconds * 1000,
      openedWallMs: record.openedWallMs,
      attachedAt: this.#options.clock.monotonic(),
      takesDeltas: (hello.features & TAKES_DELTAS) !== 0n,
      takesBrief: (hello.features & TAKES_BRIEF) !== 0n,
      hearsBeacons: (hello.features & HEARS_BEACONS) !== 0n,
    })
  }

  #asReason(thrown: unknown): KeeperError {
    if (thrown instanceof RangeError) return garbageNumber(thrown)
    const error = asKeeperError(thrown)
    if (error.code === 'E_INTERNAL') this.#options.logger.error({ err: error }, 'a session could not be opened')
    // The client asked for a session, not for a proposal: whether it happened does not matter to it.
    return error.kind.retry && error.code !== 'E_TOO_MANY' && error.code !== 'E_STOPPED'
      ? new KeeperError('E_UNAVAILABLE', error.message, error.details, { cause: error })
      : error
  }
}
