/** The parts of a hub, made once and handed to each other. */

import { limits as defaultLimits } from '../base/limits.js'
import { DEFAULT_NAMESPACE } from '../store/records.js'
import { AddressBook } from './address-book.js'
import { InterestIndex } from './interest.js'
import { Ledger } from './ledger.js'
import type { PushHubOptions, SessionLimits } from './options.js'
import { Pace } from './pace.js'
import { PushCache } from './push-cache.js'
import { Readers } from './readers.js'
import { Roster } from './roster.js'
import { SecretValues } from './secret-values.js'
import { SessionLog } from './session-log.js'
import type { Subscription } from './subscription.js'

export interface Parts extends Required<Omit<PushHubOptions, 'limits' | 'sealingKeys'>> {
  readonly limits: SessionLimits
  readonly storeEpoch: number
  readonly index: InterestIndex<Subscription>
  readonly cache: PushCache
  readonly roster: Roster
  readonly readers: Readers
  readonly ledger: Ledger
  readonly log: SessionLog
  readonly book: AddressBook
  readonly pace: Pace
}

/** `streams`: how many there are now. */
export function makeParts(options: PushHubOptions, streams: () => number): Parts {
  const { member, clock, random, logger } = options
  const { store } = member
  const limits = { ...defaultLimits, ...options.limits }
  const { storeEpoch, memberId } = member.status().identity
  const secrets = new SecretValues(store, options.sealingKeys)
  const index = new InterestIndex<Subscription>({ store, logger, secrets })
  const roster = new Roster(store)
  const ledger: Ledger = new Ledger({
    ...{ store, clock, index, roster, coalesceMs: limits.ledgerCoalesceMs },
    readers: () => readers,
  })
  const readers = new Readers({
    ...{ store, clock, limits, secrets, member: memberId },
    changed: (name) => ledger.changed(name),
  })
  return {
    authorize: () => {},
    onRefused: () => {},
    namespaces: (namespace) => namespace === DEFAULT_NAMESPACE,
    ...options,
    limits,
    storeEpoch,
    index,
    roster,
    book: new AddressBook(store, memberId),
    pace: new Pace(limits, streams),
    cache: new PushCache({
      storeEpoch,
      chunkBytes: limits.pushChunkBytes,
      bytesMax: limits.pushCacheBytesMax,
      deltas: {
        clock,
        sliceMs: limits.deltaSliceMs,
        valueBytesMin: limits.deltaValueBytesMin,
        basesMax: limits.deltaBasesMax,
        blobBytes: (hash) => store.blobBytes(hash),
      },
      blob: (hash) => store.blob(hash),
      pieces: (hash) => store.blobPieces(hash),
    }),
    readers,
    ledger,
    log: new SessionLog(member, clock, random),
  }
}
