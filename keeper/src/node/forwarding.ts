import { asKeeperError, isErrorCode, KeeperError } from '../base/errors.js'
import type { MemberId } from '../raft/types.js'
import { joinBatch, openBatch } from '../store/command-codec.js'
import type { PeerMessage } from '../transport/types.js'
import type { Bundle, Group } from './proposal-queue.js'

type Message<Kind extends PeerMessage['kind']> = Extract<PeerMessage, { kind: Kind }>
type Send = (to: MemberId, messages: readonly PeerMessage[]) => void

/** Batches of one term whose ids a leader remembers, so that a repeated message is not appended twice. */
const rememberedMax = 16_384

/** Proposals of a follower that go through the leader's log, on both sides. */
export class Forwarding {
  readonly #send: Send
  readonly #incarnation: string
  readonly #patienceTicks: number
  readonly #sent = new Map<string, { readonly group: Group; readonly term: number; ticksLeft: number }>()
  /** Ids taken in `#takenTerm`, oldest first. */
  readonly #taken = new Set<string>()
  #takenTerm = 0
  #sequence = 0
  #count = 0

  constructor(options: { send: Send; incarnation: string; patienceTicks: number }) {
    this.#send = options.send
    this.#incarnation = options.incarnation
    this.#patienceTicks = options.patienceTicks
  }

  /** Commands sent to a leader that has not said where they went. */
  get count(): number {
    return this.#count
  }

  /** Ticks for which the leader has not said where the oldest of them went. */
  get unansweredTicks(): number {
    for (const { ticksLeft } of this.#sent.values()) return this.#patienceTicks - ticksLeft
    return 0
  }

  forward(group: Group, leader: MemberId, term: number): void {
    const id = `${this.#incarnation}/${++this.#sequence}`
    this.#sent.set(id, { group, term, ticksLeft: this.#patienceTicks })
    this.#count += group.count
    const batch = joinBatch(
      { wallMs: 0, seed: 0n },
      group.bundles.map(({ commands }) => commands),
    )
    this.#send(leader, [{ kind: 'propose', id, term, batch }])
  }

  /**
   * There is a newer term than the one whose leader was asked: it will not say any more where the proposals went, and
   * whoever can repeat them need not wait.
   */
  overtaken(term: number): void {
    for (const [id, sent] of this.#sent) {
      if (sent.term >= term) continue
      for (const bundle of this.#take(id))
        bundle.refuse(
          new KeeperError('E_UNCERTAIN', 'leadership changed before the leader said where the proposal went'),
        )
    }
  }

  proposed({ id, place }: Message<'proposed'>): void {
    let offset = place.offset
    for (const bundle of this.#take(id)) {
      bundle.placed({ ...place, offset })
      offset += bundle.commands.count
    }
  }

  refused({ id, code, message }: Message<'refused'>): void {
    const error = new KeeperError(isErrorCode(code) ? code : 'E_PROPOSAL_DROPPED', message)
    for (const bundle of this.#take(id)) bundle.refuse(error)
  }

  /** At the leader of `term`: a follower's batch as a bundle for the queue; undefined for a repeated or belated one. */
  accept(from: MemberId, { id, term, batch }: Message<'propose'>, leadsTerm: number | undefined): Bundle | undefined {
    if (leadsTerm !== term) {
      this.#send(from, [{ kind: 'refused', id, code: 'E_PROPOSAL_DROPPED', message: 'no longer the leader' }])
      return undefined
    }
    if (!this.#isNew(id, term)) return undefined
    const refuse = ({ code, message }: KeeperError) => this.#send(from, [{ kind: 'refused', id, code, message }])
    try {
      const commands = openBatch(batch)
      const placed: Bundle['placed'] = (place) => this.#send(from, [{ kind: 'proposed', id, place }])
      return { commands, foreign: true, placed, refuse }
    } catch (thrown) {
      refuse(asKeeperError(thrown))
      return undefined
    }
  }

  tick(): void {
    for (const [id, sent] of this.#sent) {
      if (--sent.ticksLeft > 0) continue
      for (const bundle of this.#take(id))
        bundle.refuse(new KeeperError('E_UNCERTAIN', 'the leader did not say where the proposal went'))
    }
  }

  rejectAll(error: KeeperError): void {
    for (const id of [...this.#sent.keys()]) for (const bundle of this.#take(id)) bundle.refuse(error)
  }

  #take(id: string): readonly Bundle[] {
    const sent = this.#sent.get(id)
    if (!sent) return []
    this.#sent.delete(id)
    this.#count -= sent.group.count
    return sent.group.bundles
  }

  #isNew(id: string, term: number): boolean {
    if (term !== this.#takenTerm) this.#taken.clear()
    this.#takenTerm = term
    if (this.#taken.has(id)) return false
    this.#taken.add(id)
    if (this.#taken.size > rememberedMax) for (const oldest of this.#taken) return this.#taken.delete(oldest)
    return true
  }
}
