import type { CancelTimer, Clock } from '../base/clock.js'
import { limits } from '../base/limits.js'
import type { MemberId, Message } from '../raft/types.js'

export interface CommitNewsHost {
  readonly clock: Clock
  send(messages: readonly Message[]): void
}

/**
 * Holds appends that bring a follower nothing but a new commit index for a moment: the next entries bring it along, and
 * nobody is woken for it alone. Who waits for it is told at once: a follower whose own proposal it covers, or whose read
 * was answered. To the core it is a network that is a little slow (etcd sends them all).
 */
export class CommitNews {
  readonly #host: CommitNewsHost
  readonly #held = new Map<MemberId, { readonly message: Message; readonly sinceMs: number }>()
  /** The greatest index at which a proposal of the follower stands, and the greatest commit index that it was told. */
  readonly #followers = new Map<MemberId, { placed: number; told: number }>()
  #cancel: CancelTimer | undefined

  constructor(host: CommitNewsHost) {
    this.#host = host
  }

  /** A proposal of `to` was appended at `index`. */
  placed(to: MemberId, index: number): void {
    const follower = this.#follower(to)
    follower.placed = Math.max(follower.placed, index)
  }

  /** What of these leaves now, in order, with what was held and must not come later. */
  sift(messages: readonly Message[]): readonly Message[] {
    const leaving: Message[] = []
    for (const message of messages) {
      if (this.#mayWait(message)) this.#hold(message)
      else leaving.push(...this.#before(message), message)
    }
    if (this.#held.size > 0) this.#arm()
    return leaving
  }

  stop(): void {
    this.#cancel?.()
    this.#cancel = undefined
    this.#held.clear()
  }

  #mayWait({ type, entries, commit, to }: Message): boolean {
    if (type !== 'MsgApp' || entries.length > 0) return false
    const { placed, told } = this.#follower(to)
    return placed <= told || commit <= told
  }

  /** What is held for the same follower: overtaken by any append, and due before an answer that refers to it. */
  #before({ type, to, commit }: Message): readonly Message[] {
    const held = this.#held.get(to)
    if (type !== 'MsgApp' && type !== 'MsgReadIndexResp') return []
    this.#held.delete(to)
    const told = type === 'MsgApp' ? commit : (held?.message.commit ?? 0)
    const follower = this.#follower(to)
    follower.told = Math.max(follower.told, told)
    return held && type === 'MsgReadIndexResp' ? [held.message] : []
  }

  /** News that takes the place of older news has waited as long as that. */
  #hold(message: Message): void {
    const sinceMs = this.#held.get(message.to)?.sinceMs ?? this.#host.clock.monotonic()
    this.#held.set(message.to, { message, sinceMs })
  }

  #arm(): void {
    this.#cancel ??= this.#host.clock.setTimer(limits.commitNewsDelayMs, () => {
      this.#cancel = undefined
      const due = this.#takeDue()
      if (this.#held.size > 0) this.#arm()
      if (due.length > 0) this.#host.send(due)
    })
  }

  /** What came after the timer was set waits for the next one: most likely, entries bring it along before. */
  #takeDue(): readonly Message[] {
    const due: Message[] = []
    for (const { message, sinceMs } of [...this.#held.values()]) {
      if (this.#host.clock.monotonic() - sinceMs < limits.commitNewsDelayMs / 2) continue
      this.#held.delete(message.to)
      const follower = this.#follower(message.to)
      follower.told = Math.max(follower.told, message.commit)
      due.push(message)
    }
    return due
  }

  #follower(id: MemberId): { placed: number; told: number } {
    let follower = this.#followers.get(id)
    if (!follower) {
      follower = { placed: 0, told: 0 }
      this.#followers.set(id, follower)
    }
    return follower
  }
}
