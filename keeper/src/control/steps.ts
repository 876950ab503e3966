import { type Clock, delay } from '../base/clock.js'
import { KeeperError } from '../base/errors.js'
import { largeWorkDone } from '../base/garbage.js'
import { limits } from '../base/limits.js'
import type { Random } from '../base/random.js'
import type { CompiledBlobs } from '../compile/types.js'
import type { Member } from '../node/types.js'
import type { Compare } from '../store/types.js'
import type { Parking } from './parking.js'
import type { Blob } from './pieces.js'
import { ProcessLabels } from './process-labels.js'
import { BLOBS_IN_FLIGHT, proposeBody, putBlobs } from './propose.js'
import type { ChangeSetPlan, Published, PublishResult, PublishView } from './types.js'
import { revisionOfChangeSet, viewOf } from './view.js'
import type { Writes } from './writes.js'

export interface StepsOptions {
  readonly member: Member
  readonly clock: Clock
  readonly random: Random
  readonly onPublished: (published: Published) => void
}

/** One change set on its way into the store. */
export interface Step {
  readonly namespace: string
  readonly principal: string
  readonly changeSet: string
  readonly by: Published['by']
  readonly dryRun: boolean
  /** Made anew for each attempt, of what is there then. */
  readonly plan: (view: PublishView) => ChangeSetPlan | Promise<ChangeSetPlan>
  /** Values and files of the plan, by hash. */
  readonly blobs: () => CompiledBlobs
  /** Called before another attempt: what the compile had read may have changed. */
  readonly again?: () => Promise<void>
  /** How what a guard stops is parked. */
  readonly park?: (view: PublishView, plan: ChangeSetPlan) => Parking
  /** Further conditions of each attempt. */
  readonly guardedBy?: readonly Compare[]
}

/**
 * Puts change sets into the store: plans, writes the blobs that are missing, proposes one transaction that compares
 * all it read, and plans again when somebody was quicker. One at a time; a result is returned once it is applied here.
 */
export class Steps {
  readonly #options: StepsOptions
  #last: Promise<unknown> = Promise.resolve()
  /** By namespace. */
  readonly #labels = new Map<string, ProcessLabels>()

  constructor(options: StepsOptions) {
    this.#options = options
  }

  /** One change set at a time: those of one member never conflict with each other. */
  inTurn(step: Step): Promise<PublishResult> {
    const run = this.#last.then(() => this.#run(step))
    this.#last = run.then(
      (result) => {
        if (result.changed) this.#options.onPublished({ result, by: step.by })
      },
      () => {},
    )
    return run
  }

  /** Writes as they are, out of turn. False when a condition did not hold. */
  async propose(principal: string, { compares, puts, deletes }: Writes): Promise<boolean> {
    const txn = { compares, success: [...puts, ...deletes], failure: [] }
    return (await proposeBody(this.#options.member, principal, { kind: 'txn', keyspace: 'system', txn })).succeeded
  }

  async #run(step: Step): Promise<PublishResult> {
    const { member } = this.#options
    let uncertain = false
    for (let attempt = 0; attempt < limits.publishAttemptsMax; attempt++) {
      if (attempt > 0) await this.#again(step, attempt)
      await member.linearizableRead()
      const before = uncertain ? this.#found(step) : undefined
      if (before) return before
      const done = await this.#attempt(step)
      if (typeof done === 'object') return done
      uncertain ||= done === 'uncertain'
    }
    throw new KeeperError('E_CONFLICT', `others changed the same configs ${limits.publishAttemptsMax} times meanwhile`)
  }

  async #again(step: Step, attempt: number): Promise<void> {
    const { clock, random } = this.#options
    await delay(clock, limits.publishBackoffMs * 2 ** attempt * (0.5 + random.unit()))
    await step.again?.()
  }

  /** One plan and proposal: the result, or why to plan again. */
  async #attempt(step: Step): Promise<PublishResult | 'conflict' | 'uncertain'> {
    try {
      return (await this.#planAndWrite(step)) ?? 'conflict'
    } catch (error) {
      if (error instanceof KeeperError && error.code === 'E_CONFLICT') return 'conflict'
      if (error instanceof KeeperError && leadershipChanged.has(error.code)) return 'uncertain'
      throw error
    }
  }

  async #planAndWrite(step: Step): Promise<PublishResult | undefined> {
    const view = viewOf(this.#options.member.store, step.namespace, this.#labelsOf(step.namespace))
    const plan = await step.plan(view)
    largeWorkDone()
    const [problem] = plan.problems
    if (problem) throw problem
    if (plan.guards.length > 0) return this.#park(step, view, plan)
    if (!step.dryRun && plan.puts.length + plan.deletes.length > 0) return this.#write(step, plan)
    return unchanged(view, plan)
  }

  /** Undefined when the store is no longer as the plan read it. */
  async #park(step: Step, view: PublishView, plan: ChangeSetPlan): Promise<PublishResult | undefined> {
    const { guards } = plan
    if (step.dryRun || !step.park) return { ...unchanged(view, plan), parked: { id: '', guards } }
    const { id, writes, content } = step.park(view, plan)
    if (writes.puts.length > 0) {
      await this.#putBlobs(step, [...blobsOf(step, plan), content])
      writes.compares.push(...(step.guardedBy ?? []))
      if (!(await this.propose(step.principal, writes))) return undefined
    }
    return { ...unchanged(view, plan), parked: { id, guards } }
  }

  /** Undefined when the store is no longer as the plan read it. */
  async #write(step: Step, plan: ChangeSetPlan): Promise<PublishResult | undefined> {
    const { member } = this.#options
    const { puts, deletes, deltas, held } = plan
    const blobs = blobsOf(step, plan)
    const written = this.#putBlobs(step, blobs)
    // A few small values go in the same turn as the transaction, in front of it, and so in one entry: it compares that
    // they are there. More than that is written first.
    if (!sharesEntry(plan, blobs)) await written
    for (const { hash, bytes } of blobs) if (bytes instanceof Uint8Array) member.store.lendBlob(hash, bytes)
    const txn = {
      compares: [...plan.compares, ...(step.guardedBy ?? [])],
      success: [...puts, ...deletes],
      failure: [],
    }
    const body = { kind: 'txn', keyspace: 'system', txn } as const
    const [{ succeeded, revision }] = await Promise.all([proposeBody(member, step.principal, body), written])
    if (!succeeded) return undefined
    const changed = deltas.length > 0
    return { changed, revision, changeSet: changed ? step.changeSet : '', deltas, diagnostics: [], held }
  }

  #putBlobs({ principal }: Step, blobs: readonly Blob[]): Promise<void> {
    const { member, clock } = this.#options
    return putBlobs(member, principal, blobs, () => delay(clock, 0))
  }

  /** The change set of an attempt whose outcome was not known, if it happened. */
  #found(step: Step): PublishResult | undefined {
    const revision = revisionOfChangeSet(this.#options.member.store, step.namespace, step.changeSet)
    if (revision === undefined) return undefined
    return { changed: true, revision, changeSet: step.changeSet, deltas: [], diagnostics: [] }
  }

  #labelsOf(namespace: string): ProcessLabels {
    const labels = this.#labels.get(namespace) ?? new ProcessLabels()
    this.#labels.set(namespace, labels)
    return labels
  }
}

const unchanged = ({ revision }: PublishView, { deltas, held }: ChangeSetPlan): PublishResult => ({
  ...{ changed: false, revision, changeSet: '', deltas, diagnostics: [], held },
})

/** A large change set is so many proposals that one of them meets it. What was dropped did not happen, but others may have. */
const leadershipChanged: ReadonlySet<string> = new Set(['E_UNCERTAIN', 'E_PROPOSAL_DROPPED'])

const SHARED_ENTRY_BYTES = 256 * 1024

const sharesEntry = (plan: ChangeSetPlan, blobs: readonly Blob[]): boolean =>
  blobs.length <= BLOBS_IN_FLIGHT &&
  blobs.every(({ bytes }) => bytes instanceof Uint8Array) &&
  blobs.reduce((sum, { bytes }) => sum + bytes.length, 0) <= SHARED_ENTRY_BYTES &&
  plan.compares.some((compare) => compare.target === 'blob')

const blobsOf = (step: Step, plan: ChangeSetPlan): Blob[] =>
  plan.blobsNeeded.map((hash) => {
    const blobs = step.blobs()
    const bytes = blobs.large?.(hash) ?? blobs.get(hash)
    if (!bytes) throw new KeeperError('E_INTERNAL', `the compile names ${hash} and does not give it`)
    return { hash, bytes }
  })
