/** What processes say of the pushes they got, written into the ledger's rows. */

import type { AckBatch__Output, HeldConfig__Output } from '@keeper/proto'
import { toSafe } from '@keeper/proto'
import { cutReason } from './names.js'
import type { Session } from './session.js'
import { State, type StateNumber, type Subscription, stateOfAck } from './subscription.js'

/** One answer for a whole push. */
export interface AckFact {
  readonly revision: number
  readonly state: StateNumber
  readonly reason: string
  readonly atUnixMs: number
}

/** Told of a config that a process does not take, or fails on. */
export type OnRefused = (subscription: Subscription) => void

const isRefusal = (state: StateNumber): boolean => state === State.rejected || state === State.failed

function tellIfRefused(subscription: Subscription | undefined, onRefused: OnRefused): void {
  if (subscription && isRefusal(subscription.state)) onRefused(subscription)
}

/**
 * Writes one ack. Two pushes may have the same revision (one after hello, one after a later subscription): processes
 * answer in order, so the oldest unanswered one is meant. False when no such push is waiting: it was never sent, is
 * answered, or was overtaken.
 */
export function applyAck(session: Session, ack: AckFact, onRefused: OnRefused = () => {}): boolean {
  if (ack.state === State.unknown) return false
  const push = oldestWaiting(session, ack.revision, ack.state)
  if (push === 0) return false
  for (const subscription of session.subscriptions)
    if (subscription.push === push) {
      settle(subscription, ack)
      if (isRefusal(ack.state)) onRefused(subscription)
    }
  return true
}

function oldestWaiting(session: Session, revision: number, state: StateNumber): number {
  let oldest = 0
  for (const { push, pushRevision, state: is } of session.subscriptions) {
    if (pushRevision !== revision || push === 0 || is >= state || is > State.received) continue
    if (oldest === 0 || push < oldest) oldest = push
  }
  return oldest
}

function settle(subscription: Subscription, ack: AckFact): void {
  subscription.state = ack.state
  subscription.reason = subscription.interest.redacted(ack.reason) || subscription.reason
  subscription.atUnixMs = ack.atUnixMs
  subscription.interest.ledgerDirty = true
  if (ack.state !== State.applied && ack.state !== State.failed) return
  subscription.runHash = subscription.hash
  subscription.runRevision = subscription.revision
}

/** Writes a batch as decoded; returns how many of its acks were ignored. Throws RangeError for numbers past 2^53. */
export function applyAckBatch(
  session: Session,
  batch: AckBatch__Output,
  storeEpoch: number,
  nowUnixMs: number,
  reasonBytesMax: number,
  onRefused: OnRefused = () => {},
): number {
  let ignored = 0
  for (const ack of batch.acks) {
    const fact: AckFact = {
      revision: toSafe(ack.revision),
      state: stateOfAck(ack.state),
      reason: cutReason(ack.reason, reasonBytesMax),
      atUnixMs: toSafe(ack.atUnixMs) || nowUnixMs,
    }
    const isOurs = toSafe(ack.storeEpoch) === storeEpoch
    const isAnswer = isOurs && applyAck(session, fact, onRefused)
    const named = isOurs ? ack.configs.filter((held) => correct(session, held, isAnswer, fact, reasonBytesMax)) : []
    // Of a push that was refused as a whole all was told already.
    if (!isRefusal(fact.state)) for (const { name } of named) tellIfRefused(session.find(name), onRefused)
    if (!isAnswer && named.length === 0) ignored++
  }
  return ignored
}

/**
 * A process that names one config says what it really runs with. It may do so where its answer is about the push that
 * brought the config, and at any later time of exactly the value that it was sent last: one withheld with its set and
 * taken up with a later push, or one that a callback failed on after the answer.
 */
function correct(
  session: Session,
  held: HeldConfig__Output,
  isAnswer: boolean,
  { revision, atUnixMs }: AckFact,
  reasonBytesMax: number,
): boolean {
  const subscription = session.find(held.name)
  if (!subscription) return false
  const isOfThisPush = isAnswer && subscription.pushRevision === revision
  if (!isOfThisPush && !isLastSent(subscription, held)) return false
  subscription.runHash = held.hash
  subscription.runRevision = toSafe(held.revision)
  const state = stateOfAck(held.state)
  if (state !== State.unknown) subscription.state = state
  if (!isOfThisPush || held.reason !== '')
    subscription.reason = subscription.interest.redacted(cutReason(held.reason, reasonBytesMax))
  subscription.atUnixMs = atUnixMs
  subscription.interest.ledgerDirty = true
  return true
}

const isLastSent = ({ hash, revision }: Subscription, held: HeldConfig__Output): boolean =>
  held.hash !== '' && held.hash === hash && toSafe(held.revision) === revision
