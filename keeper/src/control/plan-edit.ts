import { KeeperError } from '../base/errors.js'
import type { CompileOutput, SourceFile, SourceTree } from '../compile/types.js'
import { digestOf } from './digest.js'
import { planIntervention } from './intervention.js'
import { draftOf, invalid } from './plan.js'
import type { ChangeSetPlan, EditRequest, PublishOptions, PublishView } from './types.js'

/** The texts that all live configs were made of, by path. Throws E_NOT_FOUND for one that is gone. */
export function liveFiles(view: PublishView, names?: ReadonlySet<string>): LiveFile[] {
  const files = new Map<string, LiveFile>()
  for (const { record, modRevision } of view.configs()) {
    if (record.removed || (names && !names.has(record.name))) continue
    for (const { path, hash } of record.files) {
      if (files.has(path)) continue
      const bytes = view.blob(hash)
      if (!bytes) throw new KeeperError('E_NOT_FOUND', `the text of ${path} is gone`, { path })
      files.set(path, { path, bytes, config: record.name, revision: modRevision })
    }
  }
  return [...files.values()].sort((a, b) => (a.path < b.path ? -1 : 1))
}

export interface LiveFile extends SourceFile {
  /** The first config that was made of it. */
  readonly config: string
  readonly revision: number
}

/** All that is live, with the edited files in their place. */
export function editedTree(view: PublishView, files: readonly SourceFile[]): SourceTree {
  const edited = new Map(files.map((file) => [file.path, file]))
  const others = liveFiles(view).filter(({ path }) => !edited.has(path))
  const all = [...others.map(({ path, bytes }) => ({ path, bytes })), ...files]
  return { files: all.sort((a, b) => (a.path < b.path ? -1 : 1)), problems: [] }
}

/** Throws E_NOT_FOUND for a config that is not live, E_MOVED for one that changed since its text was taken. */
export function requireBase(
  view: PublishView,
  { name, baseRevision }: Pick<EditRequest, 'name' | 'baseRevision'>,
): void {
  const live = view.config(name)
  if (!live || live.record.removed) throw new KeeperError('E_NOT_FOUND', `no config ${name}`, { name })
  if (live.modRevision === baseRevision) return
  const message = `${name} was changed while you edited it: it is r${live.modRevision} now, and was r${baseRevision}`
  throw new KeeperError('E_MOVED', message, { name })
}

/**
 * What an edit of one config's files comes to: that config, and every other that is made of it, as one step; and a hold
 * on the name, so that its source does not undo it. `output` is of all that is live, so nothing else may change
 * meanwhile. Without a difference no step.
 */
export function planEdit(
  view: PublishView,
  output: CompileOutput,
  { name }: Pick<EditRequest, 'name'>,
  options: PublishOptions,
): ChangeSetPlan {
  const intervention = { holds: [name], compiledAt: view.revision }
  if (!output.ok) return { ...planIntervention(view, [], intervention, options), problems: [invalid(output)] }
  const drafts = output.configs.flatMap((config) => draftOf(view, config, digestOf(config), options))
  return planIntervention(view, drafts, intervention, options, output.blobs)
}
