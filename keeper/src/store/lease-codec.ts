/** How a lease lies in its table. */

import { ByteReader, ByteWriter } from '../base/codec.js'

export interface LeaseRow {
  readonly ttlSeconds: number
  readonly grantedWallMs: number
  /** Keys bound to it. */
  readonly keys: number
}

export const encodeLease = (row: LeaseRow): Buffer =>
  new ByteWriter(32).uint(row.ttlSeconds).uint(row.grantedWallMs).uint(row.keys).finish()

export function decodeLease(payload: Uint8Array): LeaseRow {
  const from = new ByteReader(payload)
  return { ttlSeconds: from.uint(), grantedWallMs: from.uint(), keys: from.uint() }
}
