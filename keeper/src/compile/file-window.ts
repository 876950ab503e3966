import type { Readable } from './types.js'

/** How much of a file is looked at in one piece; no line and no text of a plain file is longer than half of it. */
const WINDOW_BYTES = 128 * 1024

/** Windows are looked through one after the other: what each looks at is done with when the next one is begun. */
const memory = Buffer.allocUnsafeSlow(WINDOW_BYTES)

/** A file as somebody goes through it from its begin to its end: a part of it in memory, from `from` on. */
export class FileWindow {
  bytes: Buffer = Buffer.alloc(0)
  from: number
  readonly #file: Readable
  readonly #length: number

  /** It begins at `from`. */
  constructor(file: Readable, from = 0, windowBytes = WINDOW_BYTES) {
    this.#file = file
    this.#length = windowBytes
    this.from = from
    this.slide(0)
  }

  /** Is nothing left behind what is in memory? */
  get isLast(): boolean {
    return this.from + this.bytes.length >= this.#file.length
  }

  /** Is less than half of the window left behind `at`, though there is more in the file? */
  isShortAt(at: number): boolean {
    return !this.isLast && 2 * (this.bytes.length - at) < this.#length
  }

  /** What is at `at` comes to the front, and more behind it. */
  slide(at: number): void {
    this.from += at
    const { buffer, byteOffset, length } = this.#file.read(this.from, this.from + this.#length, memory)
    this.bytes = Buffer.from(buffer, byteOffset, length)
  }
}

const NEWLINE = 0x0a

/**
 * Goes through the lines of a file from `from` to `to`, the newline of the last may be missing: `bytes.subarray(start, end)` is one
 * without its newline, and `bytes` begins at `offset` of the file. False as soon as `visit` is, and where a line is as long as half
 * a window: wherever a window begins, shorter ones are in it.
 */
export function eachLine(
  file: Readable,
  { from, to, windowBytes }: { readonly from: number; readonly to: number; readonly windowBytes?: number | undefined },
  visit: (bytes: Buffer, start: number, end: number, offset: number) => boolean,
): boolean {
  const window = new FileWindow(file, from, windowBytes)
  const tooLong = Math.floor((windowBytes ?? WINDOW_BYTES) / 2)
  for (let start = 0; window.from + start < to; ) {
    if (window.isShortAt(start)) {
      window.slide(start)
      start = 0
    }
    const { bytes } = window
    let end = start
    while (end < bytes.length && bytes[end] !== NEWLINE) end++
    if (end - start >= tooLong || !visit(bytes, start, end, window.from)) return false
    start = end + 1
  }
  return true
}
