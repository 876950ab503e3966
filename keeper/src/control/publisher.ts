import { type Clock, delay } from '../base/clock.js'
import { KeeperError } from '../base/errors.js'
import { limits } from '../base/limits.js'
import type { Random } from '../base/random.js'
import type { Member } from '../node/types.js'
import { DEFAULT_NAMESPACE, recordKey } from '../store/records.js'
import { changedTypes } from './changed-types.js'
import { checkPublish, checkRollback, checkText } from './check-request.js'
import { planChangeSet } from './plan.js'
import { editedTree, planEdit, requireBase } from './plan-edit.js'
import { planRollback } from './plan-rollback.js'
import { planUndo } from './plan-undo.js'
import { ProcessLabels } from './process-labels.js'
import { BLOBS_IN_FLIGHT, proposeBody, putBlobs } from './propose.js'
import { staleness } from './staleness.js'
import type {
  ChangeSetPlan,
  EditRequest,
  Published,
  PublishOptions,
  PublishRequest,
  PublishResult,
  PublishView,
  RollbackRequest,
  UndoRequest,
} from './types.js'
import { readRecord, revisionOfChangeSet, viewOf } from './view.js'

export interface PublisherOptions {
  readonly member: Member
  readonly clock: Clock
  readonly random: Random
  /** Told of each change set that changed something, once it is applied here. */
  readonly onPublished?: (published: Published) => void
}

type Planner = (view: PublishView) => ChangeSetPlan | Promise<ChangeSetPlan>

interface Step {
  readonly namespace: string
  readonly principal: string
  readonly changeSet: string
  readonly blobs: ReadonlyMap<string, Uint8Array>
  readonly plan: Planner
  readonly dryRun: boolean
  readonly by: Published['by']
}

/**
 * Puts change sets into the store: plans, writes the blobs that are missing, proposes one transaction that compares
 * all it read, and plans again when somebody was quicker. One at a time; a result is returned once it is applied here.
 */
export class Publisher {
  readonly #member: Member
  readonly #clock: Clock
  readonly #random: Random
  readonly #onPublished: (published: Published) => void
  #last: Promise<unknown> = Promise.resolve()
  /** By namespace. */
  readonly #labels = new Map<string, ProcessLabels>()

  constructor({ member, clock, random, onPublished = () => {} }: PublisherOptions) {
    this.#member = member
    this.#clock = clock
    this.#random = random
    this.#onPublished = onPublished
  }

  /**
   * Publishes compiled files as one change set. Rejects E_INVALID_CONFIG (the files have errors), E_NOT_OWNER,
   * E_HELD, E_TOO_LARGE, E_CONFLICT (others kept changing the same), E_INVALID_ARGUMENT, and what proposals reject.
   */
  async publish(request: PublishRequest): Promise<PublishResult> {
    checkPublish(request)
    const { output, source, takeover = false, release = [] } = request
    const options = this.#options(request, { source, action: request.action, takeover, release })
    const result = await this.#inTurn({
      ...this.#step(request, options),
      blobs: output.blobs,
      plan: (view) => reviewed(view, planChangeSet(view, output, view.source(source), options), request),
      dryRun: request.dryRun ?? false,
    })
    return { ...result, diagnostics: output.diagnostics }
  }

  /**
   * Writes an old revision's values as a new revision and sets a hold on the name. `changed` is false when they are
   * live already. Rejects E_NOT_FOUND for a name or revision that is not there.
   */
  async rollback(request: RollbackRequest): Promise<PublishResult> {
    checkRollback(request)
    const options = this.#options(request, { source: 'rollback', action: 'rollback', takeover: false, release: [] })
    return this.#inTurn({
      ...this.#step(request, options),
      blobs: new Map(),
      plan: (view) => planRollback(view, request, options),
      dryRun: false,
    })
  }

  /**
   * Makes live again what was before a change set, and holds its names. Rejects E_NOT_FOUND for a change set that is
   * not there, E_MOVED when one of its names was changed since.
   */
  async undo(request: UndoRequest): Promise<PublishResult> {
    checkText(request)
    const options = this.#options(request, { source: 'undo', action: 'undo', takeover: false, release: [] })
    return this.#inTurn({
      ...this.#step(request, options),
      blobs: new Map(),
      plan: (view) => planUndo(view, request.changeSet, options),
      dryRun: false,
    })
  }

  /**
   * Puts new texts of one live config's files in their place, compiled with all that is live, and holds the name.
   * Rejects E_NOT_FOUND, E_MOVED when the config changed since its text was taken, E_INVALID_CONFIG.
   */
  async edit(request: EditRequest): Promise<PublishResult> {
    checkRollback(request)
    const options = this.#options(request, { source: 'edit', action: 'edit', takeover: false, release: [] })
    const blobs = new Map<string, Uint8Array>()
    const plan = async (view: PublishView) => {
      requireBase(view, request)
      const output = await request.compile(editedTree(view, request.files))
      for (const [hash, bytes] of output.blobs) blobs.set(hash, bytes)
      return planEdit(view, output, request, options)
    }
    return this.#inTurn({ ...this.#step(request, options), blobs, plan, dryRun: request.dryRun ?? false })
  }

  /** Ends the hold on a name; false if there was none. */
  async release(request: { namespace?: string; name: string; principal?: string }): Promise<boolean> {
    const namespace = request.namespace || DEFAULT_NAMESPACE
    const key = recordKey(namespace, 'hold', request.name)
    const operation = { kind: 'delete', key, prevKv: false } as const
    const txn = { compares: [], success: [operation], failure: [] }
    await this.#member.linearizableRead()
    if (!readRecord(this.#member.store, namespace, 'hold', request.name)) return false
    await proposeBody(this.#member, request.principal ?? 'system', { kind: 'txn', keyspace: 'system', txn })
    return true
  }

  #options(
    request: { author: string; reason: string; gitCommit?: string; spreadMs?: number },
    rest: Pick<PublishOptions, 'source' | 'action' | 'takeover' | 'release'>,
  ): PublishOptions {
    const { author, reason, spreadMs = 0 } = request
    const changeSet = Buffer.from(this.#random.bytes(8)).toString('hex')
    const gitCommit = request.gitCommit ?? ''
    return { ...rest, author, reason, changeSet, wallMs: this.#clock.wall(), gitCommit, spreadMs }
  }

  #step({ namespace, principal }: { namespace?: string; principal?: string }, by: PublishOptions) {
    return { namespace: namespace || DEFAULT_NAMESPACE, principal: principal ?? 'system', changeSet: by.changeSet, by }
  }

  #labelsOf(namespace: string): ProcessLabels {
    const labels = this.#labels.get(namespace) ?? new ProcessLabels()
    this.#labels.set(namespace, labels)
    return labels
  }

  /** One change set at a time: those of one member never conflict with each other. */
  #inTurn(step: Step): Promise<PublishResult> {
    const run = this.#last.then(() => this.#run(step))
    this.#last = run.then(
      (result) => {
        if (result.changed) this.#onPublished({ result, by: step.by })
      },
      () => {},
    )
    return run
  }

  async #run(step: Step): Promise<PublishResult> {
    let uncertain = false
    for (let attempt = 0; attempt < limits.publishAttemptsMax; attempt++) {
      if (attempt > 0) await delay(this.#clock, this.#backoffMs(attempt))
      await this.#member.linearizableRead()
      const before = uncertain ? this.#found(step) : undefined
      if (before) return before
      const done = await this.#attempt(step)
      if (typeof done === 'object') return done
      uncertain ||= done === 'uncertain'
    }
    throw new KeeperError('E_CONFLICT', `others changed the same configs ${limits.publishAttemptsMax} times meanwhile`)
  }

  #backoffMs(attempt: number): number {
    return limits.publishBackoffMs * 2 ** attempt * (0.5 + this.#random.unit())
  }

  /** One plan and proposal: the result, or why to plan again. */
  async #attempt(step: Step): Promise<PublishResult | 'conflict' | 'uncertain'> {
    try {
      return (await this.#planAndWrite(step)) ?? 'conflict'
    } catch (error) {
      if (error instanceof KeeperError && error.code === 'E_CONFLICT') return 'conflict'
      if (error instanceof KeeperError && error.code === 'E_UNCERTAIN') return 'uncertain'
      throw error
    }
  }

  async #planAndWrite(step: Step): Promise<PublishResult | undefined> {
    const view = viewOf(this.#member.store, step.namespace, this.#labelsOf(step.namespace))
    const plan = await step.plan(view)
    const [problem] = plan.problems
    if (problem) throw problem
    if (!step.dryRun && plan.puts.length + plan.deletes.length > 0) return this.#write(step, plan)
    return { changed: false, revision: view.revision, changeSet: '', deltas: plan.deltas, diagnostics: [] }
  }

  /** Undefined when the store is no longer as the plan read it. */
  async #write(step: Step, plan: ChangeSetPlan): Promise<PublishResult | undefined> {
    const { puts, deletes, compares } = plan
    const blobs = plan.blobsNeeded.map((hash) => ({ hash, bytes: bytesOf(step, hash) }))
    const written = putBlobs(this.#member, step.principal, blobs)
    // A few small values go in the same turn as the transaction, in front of it, and so in one entry: it compares that
    // they are there. More than that is written first.
    if (!sharesEntry(plan, blobs)) await written
    const txn = { compares, success: [...puts, ...deletes], failure: [] }
    const body = { kind: 'txn', keyspace: 'system', txn } as const
    const [{ succeeded, revision }] = await Promise.all([proposeBody(this.#member, step.principal, body), written])
    if (!succeeded) return undefined
    const changed = plan.deltas.length > 0
    return { changed, revision, changeSet: changed ? step.changeSet : '', deltas: plan.deltas, diagnostics: [] }
  }

  /** The change set of an attempt whose outcome was not known, if it happened. */
  #found(step: Step): PublishResult | undefined {
    const revision = revisionOfChangeSet(this.#member.store, step.namespace, step.changeSet)
    if (revision === undefined) return undefined
    return { changed: true, revision, changeSet: step.changeSet, deltas: [], diagnostics: [] }
  }
}

/** The plan with one more reason to refuse it, where there is one. */
function reviewed(view: PublishView, plan: ChangeSetPlan, request: PublishRequest): ChangeSetPlan {
  const { planned, refuseTypeChanges = false, output } = request
  const stale = planned && staleness(view, planned, plan.drafts)
  const types = refuseTypeChanges ? changedTypes(view, plan.drafts, output.blobs) : undefined
  const problems = [...plan.problems, ...[stale, types].flatMap((problem) => problem ?? [])]
  return problems.length > plan.problems.length ? { ...plan, puts: [], deletes: [], problems } : plan
}

const SHARED_ENTRY_BYTES = 256 * 1024

const sharesEntry = (plan: ChangeSetPlan, blobs: readonly { readonly bytes: Uint8Array }[]): boolean =>
  blobs.length <= BLOBS_IN_FLIGHT &&
  blobs.reduce((sum, { bytes }) => sum + bytes.length, 0) <= SHARED_ENTRY_BYTES &&
  plan.compares.some((compare) => compare.target === 'blob')

function bytesOf(step: Step, hash: string): Uint8Array {
  const bytes = step.blobs.get(hash)
  if (!bytes) throw new KeeperError('E_INTERNAL', `the compile names ${hash} and does not give it`)
  return bytes
}
