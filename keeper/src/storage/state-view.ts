import { KeeperError } from '../base/errors.js'
import { unseal } from './record.js'
import {
  addToSum,
  allManifests,
  emptyManifest,
  generationOf,
  generationRange,
  type Manifest,
  manifestNumber,
  unsealManifest,
  userKey,
} from './state-records.js'
import type { RawDb, SnapshotView } from './types.js'

interface KeyAndValue {
  readonly key: Uint8Array
  readonly value: Uint8Array
}

/**
 * The newest manifest and its records out of one iterator, so that a flush meanwhile cannot come between them.
 * Rejects E_CORRUPT.
 */
export async function snapshotView(db: RawDb): Promise<SnapshotView> {
  const all = db.iterate({ low: allManifests.low, high: generationRange(2 ** 32 - 2).high })
  const iterator = all[Symbol.asyncIterator]()
  let newest: KeyAndValue | undefined
  let found = await nextOf(iterator)
  for (; found && manifestNumber(found.key) !== undefined; found = await nextOf(iterator)) newest = found
  const manifest = newest ? unsealManifest(newest.key, newest.value).manifest : emptyManifest
  const { index, term, confState, count } = manifest
  return { index, term, confState, count, records: verified(found, iterator, manifest) }
}

async function* verified(
  first: KeyAndValue | undefined,
  rest: AsyncIterator<KeyAndValue>,
  manifest: Manifest,
): AsyncGenerator<KeyAndValue> {
  let count = 0
  let sum = 0
  try {
    for (let found = first; found; found = await nextOf(rest)) {
      if (generationOf(found.key) !== manifest.generation) continue
      const record = unseal(found.key, found.value)
      sum = addToSum(sum, record.sum)
      count++
      yield { key: userKey(found.key), value: record.body }
    }
  } finally {
    await rest.return?.()
  }
  if (count !== manifest.count || sum !== manifest.sum)
    throw new KeeperError('E_CORRUPT', `flush ${manifest.number} has ${manifest.count} records, ${count} are there`)
}

const nextOf = async (iterator: AsyncIterator<KeyAndValue>): Promise<KeyAndValue | undefined> => {
  const { value, done } = await iterator.next()
  return done ? undefined : value
}

/** State records as the store knows them: without prefix and wrapping, each verified. */
export async function* userRecords(records: AsyncIterable<KeyAndValue>): AsyncGenerator<KeyAndValue> {
  for await (const { key, value } of records) yield { key: userKey(key), value: unseal(key, value).body }
}
