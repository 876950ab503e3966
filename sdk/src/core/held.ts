import type { AckState, HeldConfig } from '@keeper/proto/wire'

/** One value of one config, as a process may run with it. */
export interface Held {
  readonly name: string
  /** Of the keepers it came from: numbers of another cluster's history mean nothing here. */
  readonly clusterId: string
  readonly storeEpoch: number
  readonly revision: number
  readonly hash: string
  /** Frozen all the way down. */
  readonly value: unknown
  /** Canonical JSON as it came, for the last-good file. */
  readonly bytes: Buffer
  /** It holds secrets: never written down in the clear. */
  readonly secret?: boolean
}

/** What a process said last of a config. */
export type Said = 'received' | 'applied' | 'rejected' | 'failed'

export const wireState: Record<Said, AckState> = {
  received: 'ACK_STATE_RECEIVED',
  applied: 'ACK_STATE_APPLIED',
  rejected: 'ACK_STATE_REJECTED',
  failed: 'ACK_STATE_FAILED',
}

/** Where a value stands in history. */
export type Place = Pick<Held, 'clusterId' | 'storeEpoch' | 'revision'>

/**
 * Is `place` later than what is held? A newer epoch always is, an older one never; within an epoch revisions count,
 * but only within one cluster's history: after a restore numbers begin anew.
 */
export function isLater(place: Place, held: Place | undefined): boolean {
  if (held === undefined) return true
  if (place.storeEpoch !== held.storeEpoch) return place.storeEpoch > held.storeEpoch
  if (held.clusterId !== '' && place.clusterId !== held.clusterId) return true
  return place.revision > held.revision
}

/** As hello and acks name it; a process that runs with nothing says revision 0. */
export function heldConfig(
  name: string,
  held: Held | undefined,
  said: Said,
  reason: string,
  atUnixMs: number,
): HeldConfig {
  return {
    name,
    storeEpoch: held?.storeEpoch ?? 0,
    revision: held?.revision ?? 0,
    hash: held?.hash ?? '',
    state: wireState[said],
    reason,
    atUnixMs,
  }
}
