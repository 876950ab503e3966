import { mkdir, open, readdir, rename, rm, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { KeeperError } from '../base/errors.js'
import { limits } from '../base/limits.js'
import { asDiskError, guarded } from './disk-errors.js'
import { InPlaceFile, syncFolder } from './synced-files.js'
import type { RawLog, RawSegment } from './types.js'

const NAME = /^(\d{8,})\.segment$/
const nameOf = (number: number): string => `${String(number).padStart(8, '0')}.segment`
/** A new segment is filled so much at a time. */
const CHUNK_BYTES = 1024 * 1024
const PAGE_BYTES = 4096

/** The log's segments as files of a folder, each named by its number. */
export class SegmentFiles implements RawLog {
  readonly segmentBytes: { readonly min: number; readonly max: number }
  readonly #folder: string
  /** Of those that were written to, made or given another number. */
  readonly #files = new Map<number, InPlaceFile>()
  #closed = false

  private constructor(folder: string, diskBytes: number) {
    const { logSegmentBytesMin: min, logSegmentBytesMax, logSegmentShare } = limits
    const share = Math.floor((diskBytes * logSegmentShare) / PAGE_BYTES) * PAGE_BYTES
    this.#folder = folder
    this.segmentBytes = { min, max: Math.max(min, Math.min(logSegmentBytesMax, share)) }
  }

  /** Makes the folder if there is none, and drops what was being made when it crashed. Rejects E_DISK, E_NO_SPACE. */
  static open(folder: string, diskBytes: number): Promise<SegmentFiles> {
    return guarded(`open ${folder}`, async () => {
      const isNew = (await mkdir(folder, { recursive: true, mode: 0o700 })) !== undefined
      if (isNew) await syncFolder(join(folder, '..'))
      const begun = (await readdir(folder)).filter((name) => name.endsWith('.tmp'))
      for (const name of begun) await rm(join(folder, name))
      return new SegmentFiles(folder, diskBytes)
    })
  }

  segments(): Promise<readonly RawSegment[]> {
    return guarded(`read ${this.#folder}`, async () => {
      const numbers = (await readdir(this.#folder)).flatMap((name) => NAME.exec(name)?.[1] ?? []).map(Number)
      const sizes = numbers.map(async (number) => ({ number, bytes: (await stat(this.#path(number))).size }))
      return (await Promise.all(sizes)).sort((a, b) => a.number - b.number)
    })
  }

  read(number: number, at: number, count: number): Promise<Uint8Array> {
    return guarded(`read ${this.#path(number)}`, async () => {
      const file = await open(this.#path(number), 'r')
      try {
        const bytes = Buffer.allocUnsafe(count)
        let read = 0
        for (let more = 1; more > 0 && read < count; read += more)
          more = (await file.read(bytes, read, count - read, at + read)).bytesRead
        return bytes.subarray(0, read)
      } finally {
        await file.close()
      }
    })
  }

  async write(number: number, at: number, bytes: Uint8Array): Promise<void> {
    try {
      const file = this.#files.get(number) ?? (await this.#open(number))
      await file.write(at, bytes)
    } catch (thrown) {
      throw asDiskError(thrown, `write ${this.#path(number)}`)
    }
  }

  /** Written in full, so that no later write has to find room for a block or mark it as written. */
  make(number: number, bytes: number): Promise<void> {
    const unfinished = `${this.#path(number)}.tmp`
    return guarded(`make ${this.#path(number)}`, async () => {
      await this.#close(number)
      try {
        await fill(unfinished, bytes)
        await rename(unfinished, this.#path(number))
      } catch (thrown) {
        await rm(unfinished, { force: true })
        throw thrown
      }
      await syncFolder(this.#folder)
      await this.#open(number)
    })
  }

  renumber(from: number, to: number): Promise<void> {
    return guarded(`rename ${this.#path(from)}`, async () => {
      await this.#close(from)
      await rename(this.#path(from), this.#path(to))
      await syncFolder(this.#folder)
      await this.#open(to)
    })
  }

  remove(numbers: readonly number[]): Promise<void> {
    return guarded(`remove ${this.#path(numbers[0] ?? 0)}`, async () => {
      for (const number of numbers) {
        await this.#close(number)
        await rm(this.#path(number), { force: true })
      }
    })
  }

  async close(): Promise<void> {
    this.#closed = true
    const closed = await Promise.allSettled([...this.#files.keys()].map((number) => this.#close(number)))
    const failed = closed.find((one) => one.status === 'rejected')
    if (failed) throw asDiskError(failed.reason, `close ${this.#folder}`)
  }

  async #open(number: number): Promise<InPlaceFile> {
    const file = await InPlaceFile.open(this.#path(number))
    if (this.#closed) {
      await file.close()
      throw new KeeperError('E_DISK', `the log in ${this.#folder} is closed`)
    }
    this.#files.set(number, file)
    return file
  }

  async #close(number: number): Promise<void> {
    const file = this.#files.get(number)
    this.#files.delete(number)
    await file?.close()
  }

  #path(number: number): string {
    return join(this.#folder, nameOf(number))
  }
}

async function fill(path: string, bytes: number): Promise<void> {
  const zeros = Buffer.alloc(Math.min(bytes, CHUNK_BYTES))
  const file = await open(path, 'w', 0o600)
  try {
    for (let left = bytes; left > 0; left -= zeros.length) await file.writeFile(zeros.subarray(0, left))
    await file.sync()
  } finally {
    await file.close()
  }
}
