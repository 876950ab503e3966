import { isUtf8 } from 'node:buffer'
import { limits } from '../base/limits.js'
import type { Remark } from './finding.js'

/** A file's text (a byte order mark stripped), or why it has none. */
export type Decoded = { readonly text: string } | { readonly remark: Remark }

/** UTF-8 within limits.fileBytesMax, or the reason with its place. */
export function decodeSource(bytes: Uint8Array): Decoded {
  if (bytes.length > limits.fileBytesMax)
    return {
      remark: {
        rule: 'limit/file-size',
        message: `file of ${bytes.length} bytes; at most ${limits.fileBytesMax} are allowed`,
      },
    }
  if (!isUtf8(bytes)) return { remark: invalidUtf8(bytes) }
  return { text: new TextDecoder('utf-8').decode(bytes) }
}

function invalidUtf8(bytes: Uint8Array): Remark {
  const buffer = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length)
  let start = 0
  for (let line = 1; ; line++) {
    const newline = buffer.indexOf(10, start)
    const end = newline < 0 ? buffer.length : newline
    const part = buffer.subarray(start, end)
    if (!isUtf8(part))
      return { rule: 'text/utf8', line, column: firstInvalid(part) + 1, message: 'not UTF-8: save the file as UTF-8' }
    if (newline < 0) return { rule: 'text/utf8', message: 'not UTF-8: save the file as UTF-8' }
    start = newline + 1
  }
}

/** Characters before the first byte that is not UTF-8. */
function firstInvalid(line: Buffer): number {
  let low = 0
  let high = line.length
  // A character cut in two at the end is no fault: `stream` waits for its rest.
  const fatal = (end: number) => {
    try {
      new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(line.subarray(0, end), { stream: true })
      return false
    } catch {
      return true
    }
  }
  while (low < high) {
    const middle = (low + high) >>> 1
    if (fatal(middle)) high = middle
    else low = middle + 1
  }
  const valid = line.subarray(0, Math.max(0, low - 1))
  return new TextDecoder('utf-8', { ignoreBOM: true }).decode(valid, { stream: true }).length
}

/** Turns offsets into lines and columns, both 1-based, columns in UTF-16 code units. */
export class LineIndex {
  readonly #starts: number[] = [0]

  constructor(text: string) {
    for (let at = text.indexOf('\n'); at >= 0; at = text.indexOf('\n', at + 1)) this.#starts.push(at + 1)
  }

  position(offset: number): { line: number; column: number } {
    let low = 0
    let high = this.#starts.length
    while (high - low > 1) {
      const middle = (low + high) >>> 1
      if ((this.#starts[middle] ?? 0) <= offset) low = middle
      else high = middle
    }
    return { line: low + 1, column: offset - (this.#starts[low] ?? 0) + 1 }
  }
}
