import { KeeperError } from '../base/errors.js'
import { examine } from './findings.js'
import { emptyMark, MarkWriter } from './marks.js'
import { OpenDisk, type Stores } from './open-disk.js'
import type { Keep } from './recover.js'
import { SEGMENT_HEADER_BYTES } from './segment-records.js'
import { decodeSide, encodeSide, type Side } from './side-file.js'
import type { Condition, Home, Identity, MemberDisk, RawDb, RawDisk, RawLog, RawSegment } from './types.js'

export interface OpenOptions {
  /** Whose folder it must be. What is absent is taken as it stands there; a new folder needs a cluster id. */
  readonly identity: Pick<Identity, 'memberId' | 'memberName'> & Partial<Identity>
  /** Make a new folder's files when there are none (the default). */
  readonly create?: boolean
  /** What a new folder begins with. Default: a cluster of one, and a folder without a name. */
  readonly home?: Home
  /** Condition of a new folder: `recovering` for that of a member whose disk was lost. */
  readonly condition?: Condition
  /** Leave what was staged and not installed yet: whoever staged it goes on. Default: it is dropped. */
  readonly keepStaged?: boolean
  /** Which records of the state `kept` hands out, by their keys. Default: none. */
  readonly keep?: Keep
}

/**
 * Opens a member's data folder, verifies every record in it, and says what can be believed. Rejects E_DATA_LOCKED,
 * E_DATA_FOREIGN, E_DATA_VERSION, E_CORRUPT (the side file, or a database that does not open), E_NOT_FOUND (nothing
 * there and not to be created), E_DISK, E_NO_SPACE.
 *
 * - A batch that only the newest mark holds is written again (see marks.ts): `clean`.
 * - A lost flush whose entries are all still in the log is made up by them: `clean`, with a note.
 * - Anything else that is missing or does not fit its sum: `recovering`, written to the side file before this resolves.
 *   A damaged state is handed out as an empty one at index 0; nothing on disk is deleted before the first write, so
 *   that a single voter's folder can still be examined.
 */
export async function openMemberDisk(raw: RawDisk, options: OpenOptions): Promise<MemberDisk> {
  await raw.open()
  try {
    const stores = { log: await raw.log(), state: await raw.state() }
    const bytes = await raw.readSide()
    const found = bytes && decodeSide(bytes)
    const side = found && !('forming' in found) ? found : await createFolder(raw, stores, options)
    checkIdentity(side.identity, options.identity)
    return await recover(raw, stores, side, options)
  } catch (thrown) {
    await raw.close()
    throw thrown
  }
}

/**
 * Looks whose folder this is before a cluster is known; a new one gets its name, durably, so that it is the same folder
 * at the next try. Rejects E_DATA_LOCKED, E_DATA_FOREIGN, E_DATA_VERSION, E_CORRUPT, E_DISK.
 */
export async function claimFolder(
  raw: RawDisk,
  memberName: string,
  newFolder: () => string,
): Promise<{ folder: string; identity?: Identity }> {
  await raw.open()
  try {
    const bytes = await raw.readSide()
    const found = bytes && decodeSide(bytes)
    if (found && !('forming' in found)) return { folder: found.home.folder, identity: found.identity }
    if (!found && !(await isNew(raw))) throw nameless()
    const owner = found?.forming.memberName ?? memberName
    if (owner !== memberName)
      throw new KeeperError('E_DATA_FOREIGN', `the data folder was claimed by ${owner}, not ${memberName}`)
    const folder = found?.forming.folder ?? newFolder()
    if (!found) await raw.writeSide(encodeSide({ forming: { folder, memberName } }))
    return { folder }
  } finally {
    await raw.close()
  }
}

const nameless = () =>
  new KeeperError('E_CORRUPT', 'side file member.json is missing beside a log: nothing says whose data this is')

async function createFolder(raw: RawDisk, { log }: Stores, options: OpenOptions): Promise<Side> {
  const { identity, create = true, home = { folder: '', founders: [] }, condition = 'clean' } = options
  if (!(await isNew(raw))) throw nameless()
  if (!create) throw new KeeperError('E_NOT_FOUND', 'no member has ever used this data folder')
  const { clusterId, memberId, memberName, storeEpoch = 1 } = identity
  if (!clusterId) throw new KeeperError('E_INVALID_ARGUMENT', 'a new data folder needs a cluster id')
  await new MarkWriter(raw, emptyMark, 1).update({})
  await log.make(1, log.segmentBytes.min)
  const reason = condition === 'recovering' ? { reason: 'lost-disk' } : {}
  const side: Side = { identity: { clusterId, memberId, memberName, storeEpoch }, home, condition, ...reason }
  // last: a folder with a side file is complete
  await raw.writeSide(encodeSide(side))
  return side
}

async function isNew(raw: RawDisk): Promise<boolean> {
  const [log, old] = [await raw.log(), await raw.oldLog()]
  for (const segment of await log.segments()) if (!(await isUnused(log, segment))) return false
  return (!old || (await isEmpty(old))) && (await isEmpty(await raw.state()))
}

/** A folder whose making broke off may have a segment of zeros. */
const isUnused = async (log: RawLog, { number }: RawSegment): Promise<boolean> =>
  (await log.read(number, 0, SEGMENT_HEADER_BYTES)).every((byte) => byte === 0)

async function isEmpty(db: RawDb): Promise<boolean> {
  for await (const _ of db.iterate({ limit: 1 })) return false
  return true
}

function checkIdentity(found: Identity, wanted: OpenOptions['identity']): void {
  // the name first: the id follows from it and says less
  for (const field of ['clusterId', 'memberName', 'memberId', 'storeEpoch'] as const) {
    const expected = wanted[field]
    if (expected === undefined || expected === found[field]) continue
    throw new KeeperError('E_DATA_FOREIGN', `the data folder has ${field} ${found[field]}, not ${expected}`, { found })
  }
}

const keepNone: Keep = () => false

async function recover(
  raw: RawDisk,
  stores: Stores,
  before: Side,
  { keepStaged = false, keep = keepNone }: OpenOptions,
): Promise<MemberDisk> {
  const findings = await examine(raw, stores, before, keep)
  const { damage } = findings
  const side: Side = damage ? { ...before, condition: 'recovering', reason: damage.reason } : before
  if (damage && before.condition === 'clean') await raw.writeSide(encodeSide(side))
  const disk = new OpenDisk(raw, stores, findings, side)
  if (!damage) await disk.finishInterrupted(findings, keepStaged)
  return disk
}
