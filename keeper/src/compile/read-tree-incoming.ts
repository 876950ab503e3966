import { closeSync, fstatSync, mkdirSync, openSync, rmSync, statfsSync, writeSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { KeeperError } from '../base/errors.js'
import { limits } from '../base/limits.js'
import { LargeSourceFile, stampOf } from './read-tree-file.js'
import type { SourceFile } from './types.js'

/** A large file that comes in bit by bit, and lies on the disk until it is released. */
export interface IncomingFile {
  /** Throws E_NO_SPACE, E_UNAVAILABLE. */
  write(bytes: Uint8Array): void
  /** What came, as a file of that path. */
  end(path: string): SourceFile
  /** Nobody reads it any more. */
  release(): void
}

/**
 * Where large files lie that come from elsewhere, so that they need not be in memory while they are compiled and published. What is
 * left there of a keeper that was killed goes at once: the folder is nobody else's.
 */
export class IncomingFiles {
  readonly #folder: string
  #next = 0

  constructor(folder: string) {
    this.#folder = resolve(folder)
    try {
      rmSync(this.#folder, { recursive: true, force: true })
    } catch {
      // it can be done without: whoever wants to begin a file there finds out
    }
  }

  /** Undefined where the disk has no room to spare, or cannot be written: then it has to be memory. */
  begin(length: number): IncomingFile | undefined {
    try {
      mkdirSync(this.#folder, { recursive: true, mode: 0o700 })
      const { bavail, bsize } = statfsSync(this.#folder)
      if (bavail * bsize - length < limits.incomingSpareBytes) return undefined
      return new FileInFolder(join(this.#folder, String(this.#next++)))
    } catch {
      return undefined
    }
  }
}

class FileInFolder implements IncomingFile {
  readonly #realPath: string
  readonly #file: number
  #isOpen = true

  constructor(realPath: string) {
    this.#realPath = realPath
    this.#file = openSync(realPath, 'wx', 0o600)
  }

  write(bytes: Uint8Array): void {
    try {
      for (let at = 0; at < bytes.length; ) at += writeSync(this.#file, bytes, at)
    } catch (thrown) {
      const code = (thrown as NodeJS.ErrnoException).code ?? ''
      const message = `cannot keep what comes in ${this.#realPath}: ${code}`
      throw new KeeperError(code === 'ENOSPC' ? 'E_NO_SPACE' : 'E_UNAVAILABLE', message, {}, { cause: thrown })
    }
  }

  end(path: string): SourceFile {
    const stats = fstatSync(this.#file, { bigint: true })
    this.#close()
    const place = { realPath: this.#realPath, stamp: stampOf(stats), length: Number(stats.size) }
    return new LargeSourceFile(path, place)
  }

  release(): void {
    this.#close()
    rmSync(this.#realPath, { force: true })
  }

  #close(): void {
    if (this.#isOpen) closeSync(this.#file)
    this.#isOpen = false
  }
}
