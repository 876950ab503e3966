/** Makes data folders of a new cluster from a snapshot, or from what is left of a member: nothing runs meanwhile. */

import { createHash, randomBytes } from 'node:crypto'
import { createReadStream } from 'node:fs'
import { access, open, readdir, rename, rm, stat } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { systemClock } from './base/clock.js'
import { KeeperError } from './base/errors.js'
import { systemRandom } from './base/random.js'
import { idOfName } from './cluster.js'
import { epochAfter, mintEpoch, type OldState, rebuild } from './node/rebuild.js'
import { decodeSnapshot, type SnapshotHeader } from './node/snapshot-format.js'
import { LevelDisk } from './storage/level-disk.js'
import { claimFolder, openMemberDisk } from './storage/member-disk.js'
import type { Identity } from './storage/types.js'
import { decodeBatch } from './store/command-codec.js'

export interface Seat {
  readonly name: string
  readonly peer: string
}

export interface RestoreOptions {
  readonly file: string
  /** Made; must not be there, or be empty. */
  readonly dataDir: string
  readonly name: string
  /** All members of the new cluster; the same on each. Default: this one alone. */
  readonly seats?: readonly Seat[]
  /** Of the new cluster; the same on each. Default: the one after the snapshot's, right for a file that is restored once. */
  readonly epoch?: number
  readonly onProgress?: (records: number, of: number) => void
}

export interface Restored {
  readonly clusterId: string
  readonly storeEpoch: number
  readonly header: SnapshotHeader
}

/** What a snapshot file is; every sum in it was checked. Rejects E_BAD_SNAPSHOT, E_DATA_VERSION, E_NOT_FOUND. */
export async function examineSnapshot(
  file: string,
  onProgress?: RestoreOptions['onProgress'],
): Promise<SnapshotHeader & { hash: string }> {
  await expectFile(file)
  const hash = createHash('sha256')
  const { header, records } = await decodeSnapshot(hashed(file, hash))
  let count = 0
  for await (const _ of records) if (++count % progressEvery === 0) onProgress?.(count, header.records)
  return { ...header, hash: hash.digest('hex') }
}

/**
 * A member's folder in a new cluster, with the state of the file: restored with the same seats on several machines, they
 * are of the same cluster. Rejects E_DATA_EXISTS, E_INVALID_ARGUMENT, and as examineSnapshot does.
 */
export async function restoreSnapshot({
  file,
  dataDir,
  name,
  seats = [],
  epoch,
  onProgress,
}: RestoreOptions): Promise<Restored> {
  if (seats.length > 0 && !seats.some((seat) => seat.name === name))
    throw new KeeperError('E_INVALID_ARGUMENT', `--initial-cluster does not name ${name}, this member`)
  await expectNothing(dataDir)
  const { hash } = await examineSnapshot(file)
  const { header, records } = await decodeSnapshot(createReadStream(file))
  const storeEpoch = epochAfter(header, epoch)
  const words = [hash, String(storeEpoch), ...seats.map((seat) => `${seat.name}=${seat.peer}`).sort()]
  const clusterId = newName(words)
  const old = {
    index: header.index,
    term: header.term,
    records: counted(records, header.records, onProgress),
    entries: [],
  }
  await build(dataDir, { clusterId, storeEpoch, memberId: idOfName(name), memberName: name }, seats, old)
  return { clusterId, storeEpoch, header }
}

export interface Remains {
  readonly identity: Identity
  readonly condition: string
  readonly lastIndex: number
  readonly lastTerm: number
  /** The highest entry that it knows to be committed. */
  readonly commit: number
  /** Of the newest entry with commands in its log; 0 if there is none. */
  readonly lastWallMs: number
  /** When the folder was written to last, by its machine's clock. */
  readonly writtenWallMs: number
  readonly voters: readonly number[]
}

/** What a survivor's folder holds. Rejects E_NOT_FOUND, E_DATA_LOCKED, E_CORRUPT, E_DATA_VERSION. */
export async function examineRemains(dataDir: string): Promise<Remains> {
  return await withRemains(dataDir, async (remains) => remains)
}

/**
 * A cluster of one from a survivor's folder, when the others are lost for ever: all that its log holds counts from now
 * on. The old folder stays as it is. Of several clusters that are made so each has an epoch of its own. Rejects E_DATA_EXISTS, and as examineRemains does.
 */
export async function recoverQuorum(from: string, dataDir: string): Promise<Identity> {
  await expectNothing(dataDir)
  return await withRemains(from, async ({ identity, lastIndex, lastTerm }, old) => {
    const storeEpoch = mintEpoch(identity, systemClock.wall(), systemRandom.unit())
    const clusterId = newName([
      identity.clusterId,
      String(storeEpoch),
      `${lastIndex}/${lastTerm}`,
      randomBytes(16).toString('hex'),
    ])
    const own = { ...identity, clusterId, storeEpoch }
    await build(dataDir, own, [], old)
    return own
  })
}

async function withRemains<T>(dataDir: string, use: (remains: Remains, old: OldState) => Promise<T>): Promise<T> {
  const marks = await stat(join(dataDir, 'marks')).catch(() => {
    throw new KeeperError('E_NOT_FOUND', `${dataDir} is no data folder of a keeper`)
  })
  const { identity } = await claimFolder(new LevelDisk(dataDir), '', () => '')
  if (!identity) throw new KeeperError('E_NOT_FOUND', `${dataDir} was claimed, but never of any cluster`)
  const disk = await openMemberDisk(new LevelDisk(dataDir), { identity, create: false, keepStaged: true })
  try {
    const { entries, hardState, flush, condition } = disk.recovered
    const last = entries.at(-1) ?? flush
    const remains: Remains = {
      ...{ identity, condition, lastIndex: last.index, lastTerm: last.term },
      commit: Math.max(hardState.commit, flush.index),
      lastWallMs: newestWallMs(entries),
      writtenWallMs: Math.floor(marks.mtimeMs),
      voters: flush.confState.voters,
    }
    if (last.index === 0)
      throw new KeeperError(
        'E_CORRUPT',
        `nothing in ${dataDir} can be believed: take another survivor, or restore a snapshot`,
      )
    return await use(remains, { index: flush.index, term: flush.term, records: disk.stateRecords(), entries })
  } finally {
    await disk.close()
  }
}

function newestWallMs(entries: OldState['entries']): number {
  const newest = entries.findLast(({ type, data }) => type === 'normal' && data.length > 0)
  return newest ? decodeBatch(newest.data).wallMs : 0
}

/** Beside its place first, so that a folder that is there is whole. */
async function build(dataDir: string, identity: Identity, seats: readonly Seat[], old: OldState): Promise<void> {
  const folder = randomBytes(16).toString('hex')
  const founders = seats.map((seat) => ({
    ...seat,
    id: idOfName(seat.name),
    folder: seat.name === identity.memberName ? folder : '',
  }))
  const voters = founders.length > 0 ? founders.map(({ id }) => id) : [identity.memberId]
  const making = `${dataDir}.making`
  await rm(making, { recursive: true, force: true })
  try {
    const disk = await openMemberDisk(new LevelDisk(making), { identity, home: { folder, founders } })
    await rebuild(disk, old, voters).finally(() => disk.close())
    await rm(dataDir, { recursive: true, force: true })
    await rename(making, dataDir)
    await syncFolder(dirname(dataDir))
  } catch (thrown) {
    await rm(making, { recursive: true, force: true })
    throw thrown
  }
}

/** Throws E_DATA_EXISTS for a folder with anything in it. */
async function expectNothing(dataDir: string): Promise<void> {
  const found = await readdir(dataDir).catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return []
    if (error.code === 'ENOTDIR') return ['a file']
    throw error
  })
  if (found.length > 0) throw new KeeperError('E_DATA_EXISTS', `${dataDir} is not empty`)
}

async function expectFile(file: string): Promise<void> {
  await access(file).catch((error: NodeJS.ErrnoException) => {
    throw new KeeperError('E_NOT_FOUND', `cannot read ${file}: ${error.code}`)
  })
}

const progressEvery = 1_000

async function* hashed(file: string, hash: ReturnType<typeof createHash>): AsyncGenerator<Buffer> {
  for await (const piece of createReadStream(file) as AsyncIterable<Buffer>) {
    hash.update(piece)
    yield piece
  }
}

async function* counted<T>(
  records: AsyncIterable<T>,
  of: number,
  tell?: RestoreOptions['onProgress'],
): AsyncGenerator<T> {
  let count = 0
  for await (const record of records) {
    if (++count % progressEvery === 0) tell?.(count, of)
    yield record
  }
}

const newName = (words: readonly string[]): string =>
  createHash('sha256').update(words.join('\n')).digest('hex').slice(0, 16)

async function syncFolder(path: string): Promise<void> {
  const handle = await open(path === '' ? '.' : path, 'r')
  await handle.sync().finally(() => handle.close())
}
