/** What a review says: what a change set would do, to whom. */

import type { KeeperError } from '../base/errors.js'
import type { TypeChange } from '../compile/type-changes.js'
import type { Guard, Selector } from '../store/config-records.js'
import type { HeldName, PathDelta, PlannedName } from './types.js'

/** A live process, and what is known of its stream. */
export interface LiveProcess {
  readonly instance: string
  /** All of them, cluster, role and instance among them. */
  readonly labels: Readonly<Record<string, string>>
  /** `unknown`: the member that has it does not answer. */
  readonly state: 'connected' | 'away' | 'unknown'
}

/** One distinct step from value to value, and the processes that take it. */
export interface Outcome {
  /** Files laid over the base afterwards, and before. */
  readonly overlays: readonly string[]
  readonly overlaysBefore: readonly string[]
  readonly hadValue: boolean
  readonly hasValue: boolean
  readonly changed: boolean
  /** At most `limits.deltaPathsMax`, of `pathsTotal`. */
  readonly paths: readonly PathDelta[]
  readonly pathsTotal: number
  readonly processes: number
  readonly away: number
  readonly unknown: number
  /** Names of the first `limits.planInstancesMax` processes. */
  readonly instances: readonly string[]
}

export interface ReviewedConfig extends PlannedName {
  readonly kind: 'added' | 'changed' | 'removed' | 'same'
  readonly audience: Selector
  readonly hasSchema: boolean
  /** Live ones that it is, or was, meant for. */
  readonly processes: number
  readonly affected: number
  /** The base first, then those that reach processes, then the rest; at most `limits.planOutcomesMax` of `outcomesTotal`. */
  readonly outcomes: readonly Outcome[]
  readonly outcomesTotal: number
  /** Without a schema only. */
  readonly types: readonly (TypeChange & { readonly overlays: readonly string[] })[]
}

export interface Review {
  /** Of the store that it looked at. */
  readonly revision: number
  readonly configs: readonly ReviewedConfig[]
  /** What the change set would be refused for. */
  readonly refusals: readonly KeeperError[]
  /** Names that stay as they are, whatever the files say. */
  readonly holds: readonly HeldName[]
  /** What would park the change set. */
  readonly guards: readonly Guard[]
  /** Live processes of the namespace; those for which some value changes; those among them of which nobody says how they are. */
  readonly processes: number
  readonly affected: number
  readonly unknown: number
}
