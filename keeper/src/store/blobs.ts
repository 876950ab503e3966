/**
 * Content-addressed values, larger than an entry: chunks come in by entries of their own, and count once their sum is right.
 * A large one is made of pieces instead, each a blob itself, so that what it shares with another lies there once and comes in once.
 */

import { createHash, type Hash } from 'node:crypto'
import { KeeperError } from '../base/errors.js'
import { limits } from '../base/limits.js'
import { BlobCache } from './blob-cache.js'
import { decodeManifest, encodeManifest, type Manifest } from './blob-manifest.js'
import { numberBytes, prefixEnd } from './kv-codec.js'
import { keyView } from './page.js'
import type { PagedMap } from './paged-map.js'
import type { BlobPiece, CommandBody, LargeBytes } from './types.js'

export interface BlobTables {
  /** Hash → manifest. */
  readonly blobs: PagedMap
  /** Hash, then chunk number → bytes; of a blob made of pieces, their hashes behind each other are its only chunk. */
  readonly blobChunks: PagedMap
}

type BlobPut = Extract<CommandBody, { kind: 'blobPut' }>
type BlobCompose = Extract<CommandBody, { kind: 'blobCompose' }>

/** More come in at a time hardly ever, and cost no more than a reading of what is there. */
const SUMS_MAX = 64

const EMPTY = Buffer.alloc(0)
const HASH_BYTES = 32
const isHash = (hash: string): boolean => /^[0-9a-f]{64}$/.test(hash)
const hashBytes = (hash: string): Buffer => Buffer.from(hash, 'hex')
const hexOf = (key: Uint8Array): string => Buffer.from(key.buffer, key.byteOffset, key.length).toString('hex')
const distinct = (keys: readonly Buffer[]): Iterable<Buffer> => new Map(keys.map((key) => [hexOf(key), key])).values()
const chunkKey = (hash: Uint8Array, chunk: number): Buffer => Buffer.concat([hash, numberBytes(chunk)])

export class Blobs {
  readonly #tables: BlobTables
  readonly #cache = new BlobCache()
  /** Of blobs that come in chunk by chunk in order: the sum so far, and the chunk that goes on. The oldest first. */
  readonly #sums = new Map<string, { readonly sum: Hash; next: number }>()
  readonly #large: LargeBytes | undefined

  constructor(tables: BlobTables, large?: LargeBytes) {
    this.#tables = tables
    this.#large = large
  }

  has(hash: string): boolean {
    return isHash(hash) && this.#manifest(hashBytes(hash))?.whole === true
  }

  /** Bytes of a blob that the caller keeps anyway, and never changes: as long as he does, no others are made for it. */
  lend(hash: string, bytes: Uint8Array): void {
    if (bytes.length > limits.blobCachedBytesMax && this.bytesOf(hash) === bytes.length)
      this.#cache.remember(hash, bytes)
  }

  /** The whole blob, undefined while it is not. */
  read(hash: string): Buffer | undefined {
    const manifest = isHash(hash) ? this.#manifest(hashBytes(hash)) : undefined
    if (!manifest?.whole) return undefined
    const known = this.#cache.get(hash)
    if (known) return known
    const blob = this.#whole(hashBytes(hash), manifest)
    // a piece is read to be compared, once
    return manifest.users > 0 ? blob : this.#cache.add(hash, blob)
  }

  /** Bytes of the whole blob; 0 while it is not. */
  bytesOf(hash: string): number {
    const manifest = isHash(hash) ? this.#manifest(hashBytes(hash)) : undefined
    return manifest?.whole ? manifest.bytes : 0
  }

  /** All that are no pieces of others, those still coming in among them: the collector of garbage must see them. */
  hashes(): string[] {
    const hashes: string[] = []
    this.#tables.blobs.scan(EMPTY, undefined, (page, slot) => {
      if (decodeManifest(this.#tables.blobs.peek(page, slot)).users === 0) hashes.push(hexOf(keyView(page, slot)))
      return true
    })
    return hashes
  }

  /** What the whole blob is made of, in its order: itself, where it was not composed. Empty while it is not whole. */
  pieces(hash: string): readonly BlobPiece[] {
    const manifest = isHash(hash) ? this.#manifest(hashBytes(hash)) : undefined
    if (!manifest?.whole) return []
    if (!manifest.composed) return [{ hash, bytes: manifest.bytes }]
    return this.#pieceKeys(hashBytes(hash)).map((key) => ({ hash: hexOf(key), bytes: this.#manifest(key)?.bytes ?? 0 }))
  }

  /**
   * Makes a blob of others, which stay as long as it does; one that is whole already stays as it is. Whoever composes has the
   * bytes and their hash: they are not read again. Throws E_NOT_FOUND for a piece that is not whole, E_INVALID_ARGUMENT,
   * E_TOO_LARGE.
   */
  compose({ hash, pieces }: BlobCompose): void {
    if (!isHash(hash) || !pieces.every(isHash))
      throw new KeeperError('E_INVALID_ARGUMENT', `no SHA-256 in hex: ${[hash, ...pieces].find((one) => !isHash(one))}`)
    if (pieces.length < 1 || pieces.length > limits.blobPiecesMax)
      throw new KeeperError('E_INVALID_ARGUMENT', `${pieces.length} pieces, limit ${limits.blobPiecesMax}`)
    const key = hashBytes(hash)
    const old = this.#manifest(key)
    if (old?.whole) return
    if (old) this.delete(hash)
    const keys = pieces.map(hashBytes)
    const bytes = this.#bytesOfPieces(keys)
    for (const piece of distinct(keys)) this.#count(piece, 1)
    this.#tables.blobChunks.put(chunkKey(key, 0), Buffer.concat(keys), undefined, true)
    this.#tables.blobs.put(
      key,
      encodeManifest({ chunks: 1, received: 1, bytes, whole: true, users: 0, composed: true }),
    )
    this.#large?.workDone()
  }

  /**
   * Takes a chunk; one of a whole blob is ignored. Throws E_INVALID_ARGUMENT, E_TOO_LARGE. False when this chunk
   * completed the blob and its sum is wrong: then all chunks are dropped.
   */
  put(blob: BlobPut): boolean {
    const hash = checked(blob)
    const old = this.#manifest(hash)
    if (old?.whole) return true
    if (old && old.chunks !== blob.chunks)
      throw new KeeperError('E_INVALID_ARGUMENT', `blob ${blob.hash} has ${old.chunks} chunks, not ${blob.chunks}`)
    const received = this.#addChunk(hash, blob, old)
    this.#addToSum(blob)
    if (received.received < received.chunks) return true
    return this.#finish(hash, blob.hash, received)
  }

  /** A piece of others stays. */
  delete(hash: string): void {
    if (!isHash(hash)) throw new KeeperError('E_INVALID_ARGUMENT', `no SHA-256 in hex: ${hash}`)
    const key = hashBytes(hash)
    this.#sums.delete(hash)
    const manifest = this.#manifest(key)
    if (!manifest || manifest.users > 0) return
    if (manifest.composed) for (const piece of distinct(this.#pieceKeys(key))) this.#count(piece, -1)
    this.#tables.blobs.delete(key)
    for (const chunk of this.#tables.blobChunks.keys(key, prefixEnd(key))) this.#tables.blobChunks.delete(chunk)
  }

  #addChunk(hash: Uint8Array, blob: BlobPut, old: Manifest | undefined): Manifest {
    const key = chunkKey(hash, blob.chunk)
    const replaced = this.#tables.blobChunks.get(key)
    const manifest = {
      chunks: blob.chunks,
      received: (old?.received ?? 0) + (replaced ? 0 : 1),
      bytes: (old?.bytes ?? 0) + blob.bytes.length - (replaced?.length ?? 0),
      ...{ whole: false, users: 0, composed: false },
    }
    if (manifest.bytes > limits.blobBytesMax)
      throw new KeeperError('E_TOO_LARGE', `blob of more than ${limits.blobBytesMax} bytes`)
    this.#tables.blobChunks.put(key, blob.bytes, replaced, true)
    this.#tables.blobs.put(hash, encodeManifest(manifest))
    return manifest
  }

  /** Else all would be read again in the end, from the disk mostly. */
  #addToSum({ hash, chunk, bytes }: BlobPut): void {
    const known = chunk === 0 ? { sum: createHash('sha256'), next: 0 } : this.#sums.get(hash)
    this.#sums.delete(hash)
    if (known?.next !== chunk) return
    known.sum.update(bytes)
    known.next++
    this.#sums.set(hash, known)
    const [oldest] = this.#sums.keys()
    if (this.#sums.size > SUMS_MAX && oldest !== undefined) this.#sums.delete(oldest)
  }

  #finish(key: Buffer, hash: string, manifest: Manifest): boolean {
    const right = this.#sumOf(key, hash, manifest) === hash
    if (right) this.#tables.blobs.put(key, encodeManifest({ ...manifest, whole: true }))
    else this.delete(hash)
    this.#sums.delete(hash)
    this.#large?.workDone()
    return right
  }

  #sumOf(key: Buffer, hash: string, { chunks }: Manifest): string {
    const known = this.#sums.get(hash)
    if (known?.next === chunks) return known.sum.digest('hex')
    const sum = createHash('sha256')
    this.#eachChunk(key, (chunk) => sum.update(chunk))
    return sum.digest('hex')
  }

  #manifest(hash: Uint8Array): Manifest | undefined {
    const bytes = this.#tables.blobs.get(hash)
    return bytes && decodeManifest(bytes)
  }

  #whole(hash: Uint8Array, { chunks, bytes, composed }: Manifest): Buffer {
    if (chunks === 1 && !composed) return this.#onlyChunk(hash)
    const whole = Buffer.allocUnsafeSlow(bytes)
    let end = 0
    for (const piece of composed ? this.#pieceKeys(hash) : [hash])
      this.#eachChunk(piece, (chunk) => {
        end += chunk.copy(whole, end)
      })
    // it is before long
    this.#large?.died(bytes)
    return whole
  }

  #onlyChunk(hash: Uint8Array): Buffer {
    let only: Buffer = EMPTY
    this.#eachChunk(hash, (chunk) => {
      only = chunk
    })
    return only
  }

  #pieceKeys(hash: Uint8Array): Buffer[] {
    const list = this.#onlyChunk(hash)
    return Array.from({ length: list.length / HASH_BYTES }, (_, at) =>
      list.subarray(at * HASH_BYTES, (at + 1) * HASH_BYTES),
    )
  }

  #bytesOfPieces(keys: readonly Buffer[]): number {
    let bytes = 0
    for (const key of keys) {
      const manifest = this.#manifest(key)
      if (!manifest?.whole) throw new KeeperError('E_NOT_FOUND', `no blob ${hexOf(key)} to be a piece of another`)
      if (manifest.composed)
        throw new KeeperError('E_INVALID_ARGUMENT', `blob ${hexOf(key)} is made of pieces itself: it can be none`)
      bytes += manifest.bytes
    }
    if (bytes > limits.blobBytesMax)
      throw new KeeperError('E_TOO_LARGE', `blob of more than ${limits.blobBytesMax} bytes`)
    return bytes
  }

  /** More, or fewer, blobs are made of this one. */
  #count(piece: Buffer, more: number): void {
    const manifest = this.#manifest(piece)
    if (manifest) this.#tables.blobs.put(piece, encodeManifest({ ...manifest, users: manifest.users + more }))
  }

  /** In order, one at a time in memory where they lie on disk. */
  #eachChunk(hash: Uint8Array, visit: (chunk: Buffer) => void): void {
    const { blobChunks } = this.#tables
    blobChunks.scan(hash, prefixEnd(hash), (page, slot) => {
      if (keyView(page, slot).length === hash.length) return true
      const chunk = blobChunks.valueAt(page, slot)
      visit(chunk)
      this.#large?.died(chunk.length)
      return true
    })
  }
}

function checked({ hash, chunk, chunks, bytes }: BlobPut): Buffer {
  if (!isHash(hash)) throw new KeeperError('E_INVALID_ARGUMENT', `no SHA-256 in hex: ${hash}`)
  if (chunks < 1 || chunks > limits.blobChunksMax || chunk >= chunks)
    throw new KeeperError('E_INVALID_ARGUMENT', `chunk ${chunk} of ${chunks}, limit ${limits.blobChunksMax}`)
  if (bytes.length > limits.blobChunkBytes)
    throw new KeeperError('E_TOO_LARGE', `chunk of ${bytes.length} bytes, limit ${limits.blobChunkBytes}`)
  return hashBytes(hash)
}
