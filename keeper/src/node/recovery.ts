import type { Logger } from '../base/logger.js'
import type { MemberId } from '../raft/types.js'
import type { PeerMessage } from '../transport/types.js'

export interface RecoveryHost {
  readonly logger: Logger
  /** The leader, if another member is known to lead. */
  leader(): MemberId | undefined
  send(to: MemberId, messages: readonly PeerMessage[]): void
  lastIndex(): number
  /** Gives its vote in this term to the leader; false while there is none. */
  pledge(): boolean
  /** Makes the pledge durable, then leaves the recovering condition. */
  markClean(): Promise<void>
  fault(error: unknown): void
}

const askEveryTicks = 5
const complainEveryTicks = 300

/**
 * The way back of a member that lost a part of its log (DESIGN 6): it asks the leader, which forgets what this member
 * once acknowledged and confirms, with a quorum that does not count it, how far the log is committed. Once it has
 * applied up to there, everything that its lost acknowledgements helped to commit is here again.
 */
export class Recovery {
  readonly #host: RecoveryHost
  readonly #incarnation: string
  #active: boolean
  #ticks = 0
  #askAgainAt = 0
  #target: number | undefined
  #finishing = false
  #applied = 0

  constructor(host: RecoveryHost, options: { active: boolean; incarnation: string }) {
    this.#host = host
    this.#incarnation = options.incarnation
    this.#active = options.active
  }

  get active(): boolean {
    return this.#active
  }

  /** The leader has taken back this member's word, and told up to where it has to come. */
  get vouched(): boolean {
    return this.#target !== undefined
  }

  tick(): void {
    if (!this.#active) return
    this.#ticks++
    if (this.#ticks % complainEveryTicks === 0)
      this.#host.logger.error(
        {},
        'still recovering: no quorum of other members has confirmed where the log stands; if they are lost for ever, see keeper member recover-quorum',
      )
    // there was no leader to pledge itself to
    this.applied(this.#applied)
    const leader = this.#host.leader()
    if (leader === undefined || this.#target !== undefined || this.#ticks < this.#askAgainAt) return
    this.#askAgainAt = this.#ticks + askEveryTicks
    this.#host.send(leader, [{ kind: 'recover', id: this.#incarnation, lastIndex: this.#host.lastIndex() }])
  }

  confirmed({ id, index }: Extract<PeerMessage, { kind: 'recoverIndex' }>, applied: number): void {
    if (!this.#active || id !== this.#incarnation) return
    this.#target ??= index
    this.applied(applied)
  }

  /**
   * It may have voted in this term, and lost that, too: before it votes again it is pledged to whoever was elected, or a
   * second candidate of the term could get a second vote of it.
   */
  applied(index: number): void {
    this.#applied = index
    if (this.#target === undefined || index < this.#target || this.#finishing || !this.#host.pledge()) return
    this.#finishing = true
    this.#host.markClean().then(
      () => {
        this.#active = false
        this.#host.logger.info({ index }, 'recovered from the other members')
      },
      (error) => this.#host.fault(error),
    )
  }
}
