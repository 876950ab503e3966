import type { CancelTimer, Clock } from '../base/clock.js'
import { limits } from '../base/limits.js'
import type { Logger } from '../base/logger.js'
import type { DiskSpace, RawDisk } from './types.js'

export interface SpaceGuardParts {
  readonly raw: RawDisk
  readonly clock: Clock
  readonly logger: Logger
}

/** Marks of a file system of this size, in bytes. */
export const spaceMarks = (totalBytes: number) => {
  const low = Math.min(limits.diskLowBytes, totalBytes * limits.diskLowShare)
  const ballast = Math.floor(Math.min(limits.ballastBytes, totalBytes * limits.ballastShare))
  return { low, ample: low * 1.25, ballast, room: low / 4 }
}

/**
 * Watches how much of the disk is free: once per interval, and sooner when much is written. Below the low mark nothing
 * should be taken that makes the store larger; what must go on (elections, deletes, compaction, the flush that lets go
 * of the log) has the rest, and the ballast when that is gone.
 */
export class SpaceGuard {
  readonly #parts: SpaceGuardParts
  #space: DiskSpace = { freeBytes: Number.POSITIVE_INFINITY, low: false }
  #marks = spaceMarks(Number.POSITIVE_INFINITY)
  #written = 0
  #ballast = 0
  /** A write found no space since the last look: what is free now must be ample. */
  #struck = false
  /** There is room to open the folder with, as far as it is known. */
  #reserved = false
  #reserving: Promise<void> = Promise.resolve()
  #checking: Promise<void> | undefined
  #cancel: CancelTimer = () => {}
  /** What it does by itself. */
  #work: Promise<void> = Promise.resolve()
  #closed = false

  constructor(parts: SpaceGuardParts) {
    this.#parts = parts
  }

  get space(): DiskSpace {
    return this.#space
  }

  /** Looks once, and from then on by itself. */
  async start(): Promise<void> {
    await this.check()
    this.#arm()
  }

  /** `bytes` are about to be written. */
  wrote(bytes: number): void {
    this.#written += bytes
    if (this.#written > this.#marks.room / 2) void this.check()
  }

  /** Is there room for `bytes` more, with what must go on beside them? */
  async hasRoom(bytes: number): Promise<boolean> {
    await this.check()
    return this.#space.freeBytes > bytes + this.#marks.room
  }

  /**
   * `next` bytes of state are about to be written: sees to it that the folder can be opened after that, whoever takes
   * the rest of the disk. Where there is no room for that beside them they are written all the same: a member that
   * runs and lets go of its log is worth more than one that could be killed.
   */
  reserve(next: number): Promise<void> {
    this.#reserving = this.#reserving.then(() => this.#reserve(next))
    return this.#reserving
  }

  /** Looks now; a disk that cannot be asked is taken as it was. */
  check(): Promise<void> {
    this.#checking ??= this.#look().finally(() => {
      this.#checking = undefined
    })
    return this.#checking
  }

  /** The disk is full: what is kept for this moment is given up. Opening the folder may take the reserve as well. */
  async giveUpBallast(): Promise<void> {
    this.#ballast = 0
    this.#reserved = false
    this.#struck = true
    await this.#parts.raw.setBallast(0).catch((error) => this.#parts.logger.warn({ error }, 'ballast stays'))
    // A look that began before saw the disk as it was with the ballast.
    await this.#checking
    this.#struck = true
    await this.check()
  }

  /** Nothing of it is in the folder any more when it resolves. */
  async close(): Promise<void> {
    this.#closed = true
    this.#cancel()
    await Promise.all([this.#work, this.#reserving])
  }

  #arm(): void {
    if (this.#closed) return
    this.#cancel = this.#parts.clock.setTimer(limits.diskCheckIntervalMs, () => {
      this.#work = this.check()
        .then(() => (this.#reserved ? undefined : this.reserve(0)))
        .then(() => this.#keepBallast())
        .finally(() => this.#arm())
    })
  }

  async #look(): Promise<void> {
    const { raw, logger } = this.#parts
    this.#written = 0
    const found = await raw.space().catch((error) => void logger.warn({ error }, 'free space is not known'))
    if (!found) return
    const { freeBytes, totalBytes } = found
    this.#marks = spaceMarks(totalBytes)
    const low = freeBytes < (this.#space.low || this.#struck ? this.#marks.ample : this.#marks.low)
    this.#struck = false
    if (low !== this.#space.low)
      logger.warn(
        { freeBytes },
        low ? 'the disk is almost full: nothing is taken that grows' : 'the disk has space again',
      )
    this.#space = { freeBytes, low }
  }

  async #reserve(next: number): Promise<void> {
    const { raw, logger } = this.#parts
    const reserved = await raw.reserve({ next, leave: next + this.#marks.room }).catch((error) => {
      logger.warn({ error }, 'the reserve cannot be made')
      return false
    })
    if (!reserved && this.#reserved)
      logger.warn(
        { bytes: next },
        'no room for a reserve: if it is killed while the disk is full, this keeper may not start',
      )
    this.#reserved = reserved
  }

  /** Made while there is plenty, given up when almost nothing is left, in time for writes not to fail at all. */
  async #keepBallast(): Promise<void> {
    const { freeBytes, low } = this.#space
    if (this.#closed) return
    if (this.#ballast > 0 && freeBytes < this.#marks.room) return await this.giveUpBallast()
    if (this.#ballast > 0 || low || freeBytes < this.#marks.ample + this.#marks.ballast) return
    this.#ballast = this.#marks.ballast
    await this.#parts.raw.setBallast(this.#ballast).catch(() => {
      this.#ballast = 0
    })
  }
}
