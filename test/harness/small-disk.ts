import { execFileSync, spawnSync } from 'node:child_process'
import { mkdir, open, rm } from 'node:fs/promises'
import { join } from 'node:path'

const MEGABYTE = 1024 * 1024

/** May this process make small file systems? */
export const mayMount = process.getuid?.() === 0 && spawnSync('mount', ['--version']).status === 0

/** A file system of its own, which others fill up. */
export class SmallDisk {
  readonly path: string

  private constructor(path: string) {
    this.path = path
  }

  static async mount(path: string, megabytes: number): Promise<SmallDisk> {
    await mkdir(path)
    execFileSync('mount', ['-t', 'tmpfs', '-o', `size=${megabytes}m`, 'tmpfs', path])
    return new SmallDisk(path)
  }

  grow(megabytes: number): void {
    execFileSync('mount', ['-o', `remount,size=${megabytes}m`, this.path])
  }

  /** As others do it: without asking, to the last byte. */
  async fill(): Promise<void> {
    const file = await open(this.#foreign, 'a')
    const zeros = Buffer.alloc(MEGABYTE)
    // larger again once there is room: a keeper that gives its ballast up meanwhile is not followed byte by byte
    for (let size = MEGABYTE; size > 0; ) {
      const { bytesWritten } = await file.write(zeros, 0, size).catch(() => ({ bytesWritten: 0 }))
      size = bytesWritten === 0 ? size >>> 1 : Math.min(2 * size, MEGABYTE)
    }
    await file.close()
  }

  /** They give it back. */
  async free(): Promise<void> {
    await rm(this.#foreign, { force: true })
  }

  unmount(): void {
    execFileSync('umount', [this.path])
  }

  get #foreign(): string {
    return join(this.path, 'foreign')
  }
}
