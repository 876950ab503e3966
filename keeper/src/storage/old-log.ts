/**
 * The log of folders of format 1, a LevelDB database that is read once more, to be written as segments:
 *
 *     e <epoch u32> <index u64>   one entry; its record carries the checksum of the entry before (the chain)
 *     h                           head: hard state and where the log ends, rewritten in the batch of every append
 *
 * Integers in keys are big-endian, so that key order is index order.
 */

import { ByteReader } from '../base/codec.js'
import { KeeperError } from '../base/errors.js'
import type { Entry } from '../raft/types.js'
import { type LogHead, readEntry, readHead } from './log-records.js'
import type { Mark } from './marks.js'
import { asBuffer, unseal } from './record.js'
import { type Damage, noticing } from './recover.js'
import { compareHead, type FoundLog } from './recover-log.js'
import type { Manifest } from './state-records.js'
import type { RawDb, RawLog } from './types.js'

const ENTRY = 0x65
export const OLD_HEAD_KEY: Uint8Array = Uint8Array.of(0x68)

export function oldEntryKey(epoch: number, index: number): Buffer {
  const key = Buffer.allocUnsafe(13)
  key[0] = ENTRY
  key.writeUInt32BE(epoch, 1)
  key.writeBigUInt64BE(BigInt(index), 5)
  return key
}

const indexOfKey = (key: Uint8Array): number => Number(asBuffer(key).readBigUInt64BE(5))

/** Throws E_CORRUPT, E_DATA_VERSION. */
function unsealEntry(key: Uint8Array, record: Uint8Array): { entry: Entry; before: number; chain: number } {
  const { body, sum } = unseal(key, record)
  const reader = new ByteReader(body)
  const before = reader.uint32()
  return { entry: readEntry(reader), before, chain: sum }
}

const nothing = new KeeperError('E_CORRUPT', 'the database of the log is not there')

/** As readLog; `segments` are what a migration that broke off left behind. Rejects E_DATA_VERSION, E_DISK. */
export async function readOldLog(
  { db, log }: { db: RawDb | undefined; log: RawLog },
  flush: Manifest,
  mark: Mark,
): Promise<FoundLog> {
  let head: LogHead | undefined
  const segments = await log.segments()
  const tail = { entries: [] as Entry[], chains: [] as number[] }
  const damage =
    (await noticing(async () => {
      const record = await db?.get(OLD_HEAD_KEY)
      head = record && readHead(new ByteReader(unseal(OLD_HEAD_KEY, record).body))
      return undefined
    })) ??
    (await noticing(async () => {
      if (!db && mark.head.sequence > 0) throw nothing
      return db && (await readEntries(db, flush, tail))
    })) ??
    compareHead({ head, ...tail }, flush, mark)
  return { ...tail, head, segments, ...(damage && { damage }) }
}

/** Fills `tail` up to the first entry that does not fit. */
async function readEntries(
  db: RawDb,
  flush: Manifest,
  tail: { entries: Entry[]; chains: number[] },
): Promise<Damage | undefined> {
  let expected = flush.index + 1
  const range = { low: oldEntryKey(flush.logEpoch, expected), high: oldEntryKey(flush.logEpoch + 1, 0) }
  for await (const { key, value } of db.iterate(range)) {
    if (indexOfKey(key) !== expected)
      return { reason: 'hole', detail: `entry ${expected} is missing before ${indexOfKey(key)}` }
    const { entry, before, chain } = unsealEntry(key, value)
    if (before !== (tail.chains.at(-1) ?? flush.chain))
      return { reason: 'hole', detail: `entry ${expected} does not follow the one before it` }
    tail.entries.push(entry)
    tail.chains.push(chain)
    expected++
  }
  return undefined
}
