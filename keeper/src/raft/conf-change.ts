import { KeeperError } from '../base/errors.js'
import { Inflights } from './inflights.js'
import { Progress } from './progress.js'
import type { ConfChange, ConfChangeSingle, ConfState, MemberId } from './types.js'

/** Who takes part, and what the leader knows of each (in ascending order of id). */
export interface Membership {
  readonly config: ConfState
  readonly progress: ReadonlyMap<MemberId, Progress>
}

/** How the progress of a member that enters is made. */
export interface NewcomerOptions {
  /** The log's last index: where probing a newcomer begins. */
  readonly lastIndex: number
  readonly inflightMessagesMax: number
  readonly inflightBytesMax: number
}

export const isJoint = (config: ConfState): boolean => config.votersOutgoing.length > 0

const refuse = (reason: string): KeeperError => new KeeperError('E_INVALID_ARGUMENT', reason)

/**
 * Applies a change as its transition asks: an empty one leaves a joint configuration; one that needs or asks for
 * joint consensus enters it; the rest are simple. Changes nothing in `current`; throws E_INVALID_ARGUMENT.
 */
export function changeMembership(current: Membership, newcomer: NewcomerOptions, change: ConfChange): Membership {
  if (leavesJoint(change)) return leaveJoint(current)
  const joint = change.transition !== 'auto' || change.changes.length > 1
  if (!joint) return changeSimply(current, newcomer, change.changes)
  return enterJoint(current, newcomer, change.transition !== 'jointExplicit', change.changes)
}

/** An empty change means: leave the joint configuration. */
export const leavesJoint = (change: ConfChange): boolean => change.transition === 'auto' && change.changes.length === 0

/** Raft thesis §4.3: from C_old into C_old,new, where both majorities decide. */
export function enterJoint(
  current: Membership,
  newcomer: NewcomerOptions,
  autoLeave: boolean,
  changes: readonly ConfChangeSingle[],
): Membership {
  if (isJoint(current.config)) throw refuse('the configuration is joint already')
  if (current.config.voters.length === 0) throw refuse('a configuration without voters cannot become joint')
  const draft = new Draft(current, newcomer)
  draft.outgoing = new Set(current.config.voters)
  draft.apply(changes)
  draft.autoLeave = autoLeave
  return draft.finish()
}

/** Raft thesis §4.3: from C_old,new into C_new; staged learners become learners. */
export function leaveJoint(current: Membership): Membership {
  if (!isJoint(current.config)) throw refuse('the configuration is not joint')
  const draft = new Draft(current, noNewcomer)
  draft.leave()
  return draft.finish()
}

/** Raft thesis §4.1: at most one voter changes, so that any two majorities overlap. */
export function changeSimply(
  current: Membership,
  newcomer: NewcomerOptions,
  changes: readonly ConfChangeSingle[],
): Membership {
  if (isJoint(current.config)) throw refuse('a simple change has to wait until the joint configuration is left')
  const draft = new Draft(current, newcomer)
  draft.apply(changes)
  if (differences(new Set(current.config.voters), draft.incoming) > 1)
    throw refuse('more than one voter changes: that needs a joint configuration')
  return draft.finish()
}

/** The membership a snapshot or a stored configuration stands for. Throws E_INVALID_ARGUMENT if it contradicts itself. */
export function restoreMembership(config: ConfState, newcomer: NewcomerOptions): Membership {
  const progress = new Map<MemberId, Progress>()
  for (const id of [...config.voters, ...config.votersOutgoing]) progress.set(id, newProgress(newcomer, false))
  for (const id of config.learners) {
    if (progress.has(id)) throw refuse(`${id} is learner and voter`)
    progress.set(id, newProgress(newcomer, true))
  }
  return new Draft({ config, progress }, newcomer).finish()
}

const noNewcomer: NewcomerOptions = { lastIndex: 0, inflightMessagesMax: 0, inflightBytesMax: 0 }

function newProgress(newcomer: NewcomerOptions, isLearner: boolean): Progress {
  const inflights = new Inflights(newcomer.inflightMessagesMax, newcomer.inflightBytesMax)
  // active, or a check of the quorum could depose the leader before the newcomer had a chance to answer
  return new Progress({ next: Math.max(newcomer.lastIndex, 1), inflights, isLearner, active: true })
}

function differences(left: ReadonlySet<MemberId>, right: ReadonlySet<MemberId>): number {
  let count = 0
  for (const id of left) if (!right.has(id)) count++
  for (const id of right) if (!left.has(id)) count++
  return count
}

const sorted = (ids: Iterable<MemberId>): MemberId[] => [...ids].sort((a, b) => a - b)

/** A membership being changed. learnersNext ⊆ outgoing; learners are in neither half. */
class Draft {
  readonly incoming: Set<MemberId>
  outgoing: Set<MemberId>
  readonly learners: Set<MemberId>
  readonly learnersNext: Set<MemberId>
  autoLeave: boolean
  readonly progress = new Map<MemberId, Progress>()
  readonly #newcomer: NewcomerOptions

  constructor({ config, progress }: Membership, newcomer: NewcomerOptions) {
    this.incoming = new Set(config.voters)
    this.outgoing = new Set(config.votersOutgoing)
    this.learners = new Set(config.learners)
    this.learnersNext = new Set(config.learnersNext)
    this.autoLeave = config.autoLeave
    for (const [id, known] of progress) this.progress.set(id, known.clone())
    this.#newcomer = newcomer
  }

  apply(changes: readonly ConfChangeSingle[]): void {
    for (const { type, id } of changes) {
      // id 0 marks a change that was struck out after it was proposed
      if (id === 0 || type === 'updateNode') continue
      if (type === 'addNode') this.#makeVoter(id)
      else if (type === 'addLearnerNode') this.#makeLearner(id)
      else this.#remove(id)
    }
    if (this.incoming.size === 0) throw refuse('no voter would be left')
  }

  leave(): void {
    for (const id of this.learnersNext) this.#setLearner(id)
    this.learnersNext.clear()
    for (const id of this.outgoing) if (!this.incoming.has(id) && !this.learners.has(id)) this.progress.delete(id)
    this.outgoing.clear()
    this.autoLeave = false
  }

  finish(): Membership {
    this.#check()
    const config: ConfState = {
      voters: sorted(this.incoming),
      votersOutgoing: sorted(this.outgoing),
      learners: sorted(this.learners),
      learnersNext: sorted(this.learnersNext),
      autoLeave: this.autoLeave,
    }
    const progress = new Map([...this.progress].sort(([a], [b]) => a - b))
    return { config, progress }
  }

  #makeVoter(id: MemberId): void {
    const known = this.progress.get(id)
    if (known) known.isLearner = false
    else this.progress.set(id, newProgress(this.#newcomer, false))
    this.learners.delete(id)
    this.learnersNext.delete(id)
    this.incoming.add(id)
  }

  #makeLearner(id: MemberId): void {
    const known = this.progress.get(id)
    if (known?.isLearner) return
    this.#remove(id)
    this.progress.set(id, known ?? newProgress(this.#newcomer, true))
    // a voter of the outgoing half becomes learner only when that half is left: nobody is both
    if (this.outgoing.has(id)) this.learnersNext.add(id)
    else this.#setLearner(id)
  }

  #setLearner(id: MemberId): void {
    this.learners.add(id)
    const known = this.progress.get(id)
    if (known) known.isLearner = true
  }

  #remove(id: MemberId): void {
    this.incoming.delete(id)
    this.learners.delete(id)
    this.learnersNext.delete(id)
    if (!this.outgoing.has(id)) this.progress.delete(id)
  }

  #check(): void {
    for (const id of this.learnersNext)
      if (!this.outgoing.has(id)) throw refuse(`${id} is to become learner, but is no outgoing voter`)
    for (const id of this.learners)
      if (this.outgoing.has(id) || this.incoming.has(id)) throw refuse(`${id} is learner and voter`)
    if (this.outgoing.size === 0 && this.autoLeave) throw refuse('only a joint configuration can be left')
  }
}
