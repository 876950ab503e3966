import { KeeperError } from '../../../keeper/src/base/errors.js'

/** What is free on a disk of the double, and what is kept for when nothing is. */
export class DoubleRoom {
  readonly #freeBytes: () => number
  /** The ballast's included, the reserve's not. */
  #left = 2 ** 40
  ballastBytes = 0
  reserveBytes = 0

  constructor(freeBytes: () => number = () => Number.POSITIVE_INFINITY) {
    this.#freeBytes = freeBytes
  }

  get freeBytes(): number {
    return Math.min(this.#left, this.#freeBytes()) - this.ballastBytes
  }

  get isFull(): boolean {
    return this.#left <= this.ballastBytes
  }

  leave(bytes: number): void {
    this.#left = bytes
  }

  /** As LevelDisk, without steps. */
  reserve(walBytes: number, { next, leave }: { next: number; leave: number }): boolean {
    const growth = Math.max(0, walBytes + next - this.reserveBytes)
    if (growth > 0 && this.freeBytes < growth + leave) return false
    this.reserveBytes += growth
    this.#left -= growth
    return true
  }

  /** Opening makes tables of the logs, whose own room is free only then. Throws E_NO_SPACE. */
  forTables(walBytes: number): void {
    if (walBytes <= this.freeBytes) return
    this.ballastBytes = 0
    if (walBytes <= this.freeBytes) return
    this.#left += this.reserveBytes
    this.reserveBytes = 0
    if (walBytes > this.freeBytes) throw new KeeperError('E_NO_SPACE', 'double: no space left to open the state')
  }
}
