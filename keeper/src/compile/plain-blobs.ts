import { type LargeBytes, wholeOf } from '../base/large-bytes.js'
import type { Digest, PieceName } from '../base/pieces.js'
import { sha256 } from './canonical.js'
import { fileChanged } from './file-changed.js'
import { Marks } from './plain-marks.js'
import { Output } from './plain-output.js'
import { type PlainRecipe, writeValue } from './plain-value.js'
import { readableOf } from './source-file.js'
import type { SourceFile } from './types.js'

/** A config that is one very large file of plain data: its value is made of the file, piece by piece, when somebody comes to it. */
export interface LargePlain extends PlainRecipe {
  /** Of the file. */
  readonly file: Digest
}

/** Its value and its file, by hash. */
export function blobsOfPlain(plain: LargePlain): ReadonlyMap<string, LargeBytes> {
  const { source, file, digest } = plain
  const ofFile = new PartsOfFile(source, file.pieces)
  return new Map<string, LargeBytes>([
    [file.hash, ofFile],
    ...(digest ? [[digest.hash, new PartsOfValue(plain, digest.pieces)] as const] : []),
  ])
}

/** A blob of a config as a whole. */
export const blobIn = (
  { blobs, large }: { readonly blobs: ReadonlyMap<string, Uint8Array>; readonly large?: LargePlain | undefined },
  hash: string,
): Uint8Array | undefined => {
  const parts = large && blobsOfPlain(large).get(hash)
  return parts ? wholeOf(parts) : blobs.get(hash)
}

/** As JSON: all but the file. */
export interface WrittenPlain {
  readonly recipe: PlainRecipe['recipe']
  readonly marks: Pick<PlainRecipe['marks'], 'lists' | 'files' | 'written'>
  readonly digest?: WrittenDigest
  readonly file: WrittenDigest
}

/** The hashes of pieces behind each other: they are hundreds. */
interface WrittenDigest {
  readonly hash: string
  readonly hashes: string
  readonly lengths: readonly number[]
}

export const writtenPlain = ({ recipe, marks, digest, file }: LargePlain): WrittenPlain => ({
  ...{ recipe, marks, file: writtenDigest(file) },
  ...(digest && { digest: writtenDigest(digest) }),
})

/** `source`: the file that it was made of. */
export const restoredPlain = ({ recipe, marks, digest, file }: WrittenPlain, source: SourceFile): LargePlain => ({
  ...{ source, recipe, marks: new Marks(marks) },
  ...{ digest: digest && restoredDigest(digest), file: restoredDigest(file) },
})

const writtenDigest = ({ hash, pieces }: Digest): WrittenDigest => ({
  hash,
  hashes: pieces.map((piece) => piece.hash).join(''),
  lengths: pieces.map(({ length }) => length),
})

const restoredDigest = ({ hash, hashes, lengths }: WrittenDigest): Digest => ({
  hash,
  pieces: lengths.map((length, at) => ({ hash: hashes.slice(at * hash.length, (at + 1) * hash.length), length })),
})

abstract class Parts implements LargeBytes {
  readonly length: number
  readonly pieces: readonly PieceName[]
  readonly #starts: readonly number[]
  readonly #source: SourceFile

  constructor(source: SourceFile, pieces: readonly PieceName[]) {
    let length = 0
    this.#starts = pieces.map((piece) => {
      length += piece.length
      return length - piece.length
    })
    this.length = length
    this.pieces = pieces
    this.#source = source
  }

  piece(at: number, into?: Uint8Array): Uint8Array {
    const { length, hash } = this.pieces[at] as PieceName
    const start = this.#starts[at] as number
    const bytes = this.made(start, start + length, into)
    // a file may be written so soon after it was looked at that its times tell nothing
    if (sha256(bytes) !== hash) throw fileChanged(this.#source.path)
    return bytes
  }

  protected abstract made(from: number, to: number, into?: Uint8Array): Uint8Array
}

class PartsOfFile extends Parts {
  readonly #file: ReturnType<typeof readableOf>

  constructor(source: SourceFile, pieces: readonly PieceName[]) {
    super(source, pieces)
    this.#file = readableOf(source)
  }

  protected made(from: number, to: number, into?: Uint8Array): Uint8Array {
    return this.#file.read(from, to, into)
  }
}

class PartsOfValue extends Parts {
  readonly #plain: PlainRecipe

  constructor(plain: PlainRecipe, pieces: readonly PieceName[]) {
    super(plain.source, pieces)
    this.#plain = plain
  }

  protected made(from: number, to: number, into?: Uint8Array): Uint8Array {
    const { source, recipe, marks } = this.#plain
    const mark = marks.before(from)
    const bytes = into?.subarray(0, to - from) ?? Buffer.allocUnsafeSlow(to - from)
    let at = (mark?.written ?? 0) - from
    const put = (more: Uint8Array) => {
      const [start, end] = [Math.max(0, -at), Math.min(more.length, bytes.length - at)]
      if (start < end) bytes.set(more.subarray(start, end), at + start)
      at += more.length
    }
    const out = new Output(put, mark?.written ?? 0, to)
    writeValue(readableOf(source), recipe, out, { ...(mark && { from: mark }) })
    return bytes
  }
}
