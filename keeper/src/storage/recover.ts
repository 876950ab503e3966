/**
 * What the state on disk holds, verified record by record. Pure reading: whatever must be written because of it is done
 * by member-disk.ts.
 */

import { KeeperError } from '../base/errors.js'
import { unseal } from './record.js'
import { RecordSums } from './record-sums.js'
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
import type { RawDb } from './types.js'

/** Why a member may not be believed, and in words what was found. */
export interface Damage {
  readonly reason: 'lost-tail' | 'hole' | 'bad-sum'
  readonly detail: string
}

export interface FoundState {
  /** The newest flush; the empty one when there is none or it is damaged. */
  readonly manifest: Manifest
  /** Checksum of its record: the next flush links to it. */
  readonly manifestSum: number
  /** Greatest manifest number and generation met: new ones lie above. */
  readonly numberMax: number
  readonly generationMax: number
  /** Of the records of the live generation. */
  readonly sums: RecordSums
  /** Those that are to be kept, verified, in the order of their keys. */
  readonly kept: readonly KeyAndValue[]
  readonly damage?: Damage
}

/** What `read` finds; a record that does not fit its sum, or that the database cannot read, is damage and no error. */
export async function noticing(read: () => Promise<Damage | undefined>): Promise<Damage | undefined> {
  try {
    return await read()
  } catch (thrown) {
    if (!(thrown instanceof KeeperError) || thrown.code !== 'E_CORRUPT') throw thrown
    return { reason: 'bad-sum', detail: thrown.message }
  }
}

/** Is the record under this key of the store wanted in memory? */
export type Keep = (key: Uint8Array) => boolean

/** Reads the manifests and every record of the live generation. Rejects E_DATA_VERSION, E_DISK. */
export async function readState(db: RawDb, keep: Keep): Promise<FoundState> {
  const gathered: Gathered = { sums: new RecordSums(), kept: [] }
  let state: FoundState = { manifest: emptyManifest, manifestSum: 0, numberMax: 0, generationMax: 0, ...gathered }
  const damage = await noticing(async () => {
    state = { ...state, generationMax: await greatestGeneration(db) }
    const [newest, before] = await newestManifests(db)
    if (!newest) return undefined
    state = { ...state, numberMax: manifestNumber(newest.key) ?? 0 }
    const { manifest, sum } = unsealManifest(newest.key, newest.value)
    state = { ...state, manifest, manifestSum: sum }
    return checkLink(manifest, before) ?? (await verifyRecords(db, manifest, keep, gathered))
  })
  return damage ? { ...state, damage, sums: new RecordSums(), kept: [] } : state
}

async function greatestGeneration(db: RawDb): Promise<number> {
  for await (const { key } of db.iterate({ ...generationRange(0, 2 ** 32 - 2), reverse: true, limit: 1 }))
    return generationOf(key)
  return 0
}

type KeyAndValue = { key: Uint8Array; value: Uint8Array }

/** What one scan of the records finds besides damage. */
interface Gathered {
  readonly sums: RecordSums
  readonly kept: KeyAndValue[]
}

async function newestManifests(db: RawDb): Promise<KeyAndValue[]> {
  const found: KeyAndValue[] = []
  for await (const record of db.iterate({ ...allManifests, reverse: true, limit: 2 })) found.push(record)
  return found
}

/** Is the flush before the newest one the one that it was made upon? */
function checkLink(manifest: Manifest, before: KeyAndValue | undefined): Damage | undefined {
  if (manifest.link === 0) return undefined
  if (before && unsealManifest(before.key, before.value).sum === manifest.link) return undefined
  return { reason: 'hole', detail: `the flush before flush ${manifest.number} is missing` }
}

/** One scan: every record sound, their number and the sum of their checksums as the manifest says. */
async function verifyRecords(
  db: RawDb,
  manifest: Manifest,
  keep: Keep,
  { sums, kept }: Gathered,
): Promise<Damage | undefined> {
  let count = 0
  let sum = 0
  for await (const { key, value } of db.iterate(generationRange(manifest.generation))) {
    const record = unseal(key, value)
    sums.set(key, record.sum, value.length)
    if (keep(userKey(key))) kept.push({ key: userKey(key), value: record.body })
    sum = addToSum(sum, record.sum)
    count++
  }
  if (count === manifest.count && sum === manifest.sum) return undefined
  const found = count === manifest.count ? 'others' : String(count)
  return { reason: 'hole', detail: `flush ${manifest.number} left ${manifest.count} records, there are ${found}` }
}
