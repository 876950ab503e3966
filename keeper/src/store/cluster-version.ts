/**
 * The cluster's version is the least of its members' (DESIGN 21). A command that an older member would not understand
 * would halt it, so nobody proposes one before every member does.
 */

import type { CommandBody } from './types.js'

/** The newest cluster version that this program understands. */
export const CLUSTER_VERSION = 4

/**
 * From which version of the cluster on results of plain puts in a row are remembered as one. What every member has
 * alike may change its form only so: by a command, at the same place of the log for all.
 */
export const resultRunsSince = 2

/** From which version on history on disk, which members send one another, lacks pointers that can be done without. */
export const sparsePointersSince = 3

/** From which version of the cluster on a command may be proposed. A new kind gets the next number. */
const since: Readonly<Record<CommandBody['kind'], number>> = {
  txn: 0,
  leaseGrant: 0,
  leaseRevoke: 0,
  compact: 0,
  blobPut: 0,
  blobCompose: 4,
  blobDelete: 0,
  blobExecute: 0,
  clusterVersion: 0,
}

/** The least cluster version in which every member understands the command. */
export const versionOf = (body: CommandBody): number => since[body.kind]
