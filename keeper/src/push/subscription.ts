/** Where one process stands with one config: the row of the ledger, and the place in the interest index. */

import type { Group, Interest, Subscriber } from './interest.js'
import type { Session } from './session.js'
import { lacks } from './target.js'
import type { LedgerEntry } from './types.js'

/** States by number, as a row keeps them. From `received` on the numbers are one more than the wire's AckState. */
export const State = { unknown: 0, sent: 1, received: 2, applied: 3, rejected: 4, failed: 5 } as const
export type StateNumber = (typeof State)[keyof typeof State]

const stateNames = ['unknown', 'sent', 'received', 'applied', 'rejected', 'failed'] as const

/** The wire's AckState, by number or name, as a row's state; `unknown` for what is none. */
export function stateOfAck(ack: number | string): StateNumber {
  const name = typeof ack === 'number' ? stateNames[ack + 1] : ack.replace('ACK_STATE_', '').toLowerCase()
  if (name === undefined || name === 'sent' || !Object.hasOwn(State, name)) return State.unknown
  return State[name as keyof typeof State]
}

export class Subscription implements Subscriber {
  readonly session: Session
  readonly interest: Interest<Subscription>
  // Set by Interest.add, which every subscription goes through first.
  declare group: Group<this>
  at = 0
  /** Hash and revision of what was last sent, or held when it said hello; '' for nothing. */
  hash = ''
  revision = 0
  /** What the process runs with, as far as it said. */
  runHash = ''
  runRevision = 0
  /** Which push of the session brought it, and that push's revision; 0 if none did. */
  push = 0
  pushRevision = 0
  state: StateNumber = State.unknown
  reason = ''
  atUnixMs = 0

  constructor(session: Session, interest: Interest<Subscription>) {
    this.session = session
    this.interest = interest
  }

  get labels(): Readonly<Record<string, string>> {
    return this.session.labels
  }

  /** The process applied exactly what is wanted. Equal bytes are equal, whatever their revision. */
  get current(): boolean {
    return this.state === State.applied && this.runHash === this.group.target.hash
  }

  /** Is there anything to say? A process that waits for a config that is not there has no row. */
  get listed(): boolean {
    return this.group.target.kind === 'value' || this.push > 0 || this.runHash !== ''
  }

  /** The row as others see it. */
  entry(): LedgerEntry {
    const { identity, connected, member } = this.session
    const { target } = this.group
    return {
      name: this.interest.name,
      cluster: identity.cluster,
      role: identity.role,
      instance: identity.instance,
      // The revision under which it was given exactly these bytes, where that is the newer one.
      wantedRevision: this.hash === target.hash ? Math.max(target.revision, this.revision) : target.revision,
      wantedHash: target.hash,
      revision: this.runRevision,
      hash: this.runHash,
      state: stateNames[this.state] ?? 'unknown',
      reason: this.reason,
      atUnixMs: this.atUnixMs,
      current: this.current,
      connected,
      member,
      ...(lacks(this.hash, target) && { lacking: true, dueUnixMs: this.session.dueUnixMs }),
    }
  }
}
