import type { Clock } from '../base/clock.js'
import { KeeperError } from '../base/errors.js'
import type { Random } from '../base/random.js'
import type { CompiledBlobs, Diagnostic } from '../compile/types.js'
import type { Member } from '../node/types.js'
import type { PendingRecord } from '../store/config-records.js'
import { DEFAULT_NAMESPACE, recordKey } from '../store/records.js'
import { changedTypes } from './changed-types.js'
import { checkPublish, checkRelease, checkRollback, checkUndo, checkVerdict } from './check-request.js'
import { parkedContent } from './intervention.js'
import { type Owners, ownersOf } from './owners.js'
import { findPending, planApproval, planParking, planRejection } from './parking.js'
import { idleReleases, planChangeSet, releasedEntry } from './plan.js'
import { editedTree, planEdit, requireBase } from './plan-edit.js'
import { planRollback } from './plan-rollback.js'
import { planUndo } from './plan-undo.js'
import { staleness } from './staleness.js'
import { type Step, Steps } from './steps.js'
import type {
  ChangeSetPlan,
  EditRequest,
  Published,
  PublishOptions,
  PublishRequest,
  PublishResult,
  PublishView,
  ReleaseRequest,
  RollbackRequest,
  UndoRequest,
  VerdictRequest,
} from './types.js'
import { readRecord, viewOf } from './view.js'
import { Writes } from './writes.js'

export interface PublisherOptions {
  readonly member: Member
  readonly clock: Clock
  readonly random: Random
  /** Told of each change set that changed something, once it is applied here. */
  readonly onPublished?: (published: Published) => void
  /** Why nothing that is compiled here is published; undefined when it may be. */
  readonly refusedHere?: () => KeeperError | undefined
}

/** What every request says of itself. */
type Asked = Pick<PublishRequest, 'author' | 'reason' | 'gitCommit' | 'spreadMs' | 'affected'>

const noBlobs = (): CompiledBlobs => new Map<string, Uint8Array>()

/** All that changes configs: publishing, going back, editing, and deciding about what was parked. */
export class Publisher {
  readonly #member: Member
  readonly #clock: Clock
  readonly #random: Random
  readonly #steps: Steps
  /** Why nothing that is compiled here is published (E_SETTINGS_DIFFER); undefined when it may be. */
  readonly refusedHere: () => KeeperError | undefined

  constructor({ member, clock, random, onPublished = () => {}, refusedHere = () => undefined }: PublisherOptions) {
    this.#member = member
    this.#clock = clock
    this.#random = random
    this.refusedHere = refusedHere
    this.#steps = new Steps({ member, clock, random, onPublished })
  }

  /**
   * Publishes compiled files as one change set; what a guard stops is parked, names that are held stay. Rejects
   * E_INVALID_CONFIG (the files have errors), E_NOT_OWNER, E_TAKEN_OVER, E_STALE_SOURCE, E_DECLINED, E_TOO_LARGE,
   * E_CONFLICT (others kept changing the same), E_MOVED, E_TYPE_CHANGED, E_INVALID_ARGUMENT, E_SETTINGS_DIFFER, and what
   * proposals reject.
   */
  async publish(request: PublishRequest): Promise<PublishResult> {
    checkPublish(request)
    const options = await this.#publishOptions(request)
    const { recompile, guardedBy } = request
    let { output } = request
    let idle: readonly Diagnostic[] = []
    const plan = (view: PublishView) => {
      this.#requireCommon()
      idle = idleReleases(view, options.release)
      return reviewed(view, planChangeSet(view, output, view.source(request.source), options), { ...request, output })
    }
    const result = await this.#steps.inTurn({
      ...this.#step(request, options),
      ...{ plan, blobs: () => output.blobs, dryRun: request.dryRun ?? false },
      park: (view, parked) => planParking(view, output.configs, parked, options),
      again: async () => {
        if (recompile) output = await recompile()
      },
      ...(guardedBy !== undefined && { guardedBy }),
    })
    return { ...result, diagnostics: [...output.diagnostics, ...idle] }
  }

  /** Who publishes what now: for a takeover that begins here. */
  async owners(namespace = DEFAULT_NAMESPACE): Promise<Owners> {
    await this.#member.linearizableRead()
    return ownersOf(this.#view(namespace))
  }

  /**
   * Writes an old revision's values as a new revision and sets a hold on the name. `changed` is false when they are
   * live already; what a guard stops is parked. Rejects E_NOT_FOUND for a name or revision that is not there, E_TOO_MANY.
   */
  async rollback(request: RollbackRequest): Promise<PublishResult> {
    checkRollback(request)
    const options = this.#options(request, { source: 'rollback', action: 'rollback' })
    const plan = (view: PublishView) => planRollback(view, request, options)
    return this.#steps.inTurn({ ...this.#intervening(request, options), plan })
  }

  /**
   * Makes live again what was before a change set, and holds its names; what a guard stops is parked. Rejects E_NOT_FOUND
   * for a change set that is not there, E_MOVED when one of its names was changed since, E_TOO_MANY.
   */
  async undo(request: UndoRequest): Promise<PublishResult> {
    checkUndo(request)
    const options = this.#options(request, { source: 'undo', action: 'undo' })
    const plan = (view: PublishView) => planUndo(view, request.changeSet, options)
    return this.#steps.inTurn({ ...this.#intervening(request, options), plan })
  }

  /**
   * Puts new texts of one live config's files in their place, compiled with all that is live, and holds the name;
   * what a guard stops is parked. Rejects E_NOT_FOUND, E_MOVED when the config changed since its text was taken, E_INVALID_CONFIG, E_SETTINGS_DIFFER.
   */
  async edit(request: EditRequest): Promise<PublishResult> {
    checkRollback(request)
    const options = this.#options(request, { source: 'edit', action: 'edit' })
    let blobs: CompiledBlobs = noBlobs()
    const plan = async (view: PublishView) => {
      this.#requireCommon()
      requireBase(view, request)
      const output = await request.compile(editedTree(view, request.files))
      blobs = output.blobs
      return planEdit(view, output, request, options)
    }
    return this.#steps.inTurn({ ...this.#intervening(request, options), blobs: () => blobs, plan })
  }

  /** Ends the hold on a name; false if there was none. */
  async release(request: ReleaseRequest): Promise<boolean> {
    checkRelease(request)
    const namespace = request.namespace || DEFAULT_NAMESPACE
    const key = recordKey(namespace, 'hold', request.name)
    await this.#member.linearizableRead()
    const hold = readRecord(this.#member.store, namespace, 'hold', request.name)
    if (!hold) return false
    const principal = request.principal ?? 'system'
    const writes = new Writes()
    writes.expect(key, hold)
    writes.delete(key)
    writes.tell(namespace, this.#clock.wall(), releasedEntry(request.name, { author: request.author || principal }))
    // Whoever was quicker released it, or held it anew: that hold is another one.
    return this.#steps.propose(principal, writes)
  }

  /**
   * Publishes a parked change set as it was parked. Rejects E_NOT_FOUND, E_DECLINED (it was rejected), E_PENDING_STALE
   * (live moved since, or it is too old), and as `publish`.
   */
  async approve(request: VerdictRequest): Promise<PublishResult> {
    checkVerdict(request)
    await this.#member.linearizableRead()
    const { record } = findPending(this.#view(request.namespace), request.id)
    const { source, action, author, reason } = record
    const options = { ...this.#options({ author, reason }, { source, action }), changeSet: record.id }
    const by = { author: request.author, reason: request.reason, wallMs: this.#clock.wall() }
    const plan = (view: PublishView) => planApproval(view, record.id, by)
    return this.#steps.inTurn({ ...this.#step(request, options), plan })
  }

  /** Drops a parked change set. Rejects E_NOT_FOUND, E_DECLINED (it is rejected already), E_CONFLICT. */
  async reject(request: VerdictRequest): Promise<PendingRecord> {
    checkVerdict(request)
    await this.#member.linearizableRead()
    const by = { author: request.author, reason: request.reason, wallMs: this.#clock.wall() }
    const { writes, record } = planRejection(this.#view(request.namespace), request.id, by)
    if (!(await this.#steps.propose(request.principal ?? 'system', writes)))
      throw new KeeperError('E_CONFLICT', `somebody decided about ${record.id} at the same time`)
    return record
  }

  /** Notes that a change set was refused, for the timeline. Failing to is no failure. */
  async noteRefusal(
    { namespace, source, author, reason }: Pick<PublishRequest, 'namespace' | 'source' | 'author' | 'reason'>,
    { code, message }: KeeperError,
  ): Promise<void> {
    const writes = new Writes()
    const text = `change of ${source} by ${author} refused: ${message}`
    const entry = { kind: 'refused' as const, text, author, reason, source, code }
    writes.tell(namespace || DEFAULT_NAMESPACE, this.#clock.wall(), entry)
    await this.#steps.propose('system', writes).catch(() => {})
  }

  #requireCommon(): void {
    const refusal = this.refusedHere()
    if (refusal) throw refusal
  }

  async #publishOptions(request: PublishRequest): Promise<PublishOptions> {
    const { source, action, place, takeover = false, release = [] } = request
    const seen = takeover ? (request.seen ?? (await this.owners(request.namespace))) : undefined
    return {
      ...this.#options(request, { source, action }),
      ...{ takeover, release },
      ...(place !== undefined && { place }),
      ...(seen !== undefined && { seen }),
    }
  }

  #options(request: Asked, rest: Pick<PublishOptions, 'source' | 'action'>): PublishOptions {
    const { author, reason, gitCommit = '', spreadMs = 0, affected } = request
    const changeSet = Buffer.from(this.#random.bytes(8)).toString('hex')
    const wallMs = this.#clock.wall()
    const how = { gitCommit, spreadMs, ...(affected !== undefined && { affected }) }
    return { ...rest, ...how, author, reason, changeSet, wallMs, takeover: false, release: [] }
  }

  #step({ namespace, principal }: { namespace?: string; principal?: string }, by: PublishOptions): Omit<Step, 'plan'> {
    const { changeSet } = by
    return {
      ...{ namespace: namespace || DEFAULT_NAMESPACE, principal: principal ?? 'system' },
      ...{ changeSet, by, dryRun: false, blobs: noBlobs },
    }
  }

  #intervening(
    request: { namespace?: string; principal?: string; dryRun?: boolean },
    by: PublishOptions,
  ): Omit<Step, 'plan'> {
    const park = (view: PublishView, plan: ChangeSetPlan) => planParking(view, parkedContent(plan.drafts), plan, by)
    return { ...this.#step(request, by), dryRun: request.dryRun ?? false, park }
  }

  #view(namespace: string | undefined): PublishView {
    return viewOf(this.#member.store, namespace || DEFAULT_NAMESPACE)
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
