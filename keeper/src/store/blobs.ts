/** Content-addressed values, larger than an entry: chunks come in by entries of their own, and count once their sum is right. */

import { createHash, type Hash } from 'node:crypto'
import { ByteReader, ByteWriter } from '../base/codec.js'
import { KeeperError } from '../base/errors.js'
import { limits } from '../base/limits.js'
import { BlobCache } from './blob-cache.js'
import { numberBytes, prefixEnd } from './kv-codec.js'
import { keyView } from './page.js'
import type { PagedMap } from './paged-map.js'
import type { CommandBody, LargeBytes } from './types.js'

export interface BlobTables {
  /** Hash → manifest. */
  readonly blobs: PagedMap
  /** Hash, then chunk number → bytes. */
  readonly blobChunks: PagedMap
}

interface Manifest {
  readonly chunks: number
  readonly received: number
  readonly bytes: number
  /** All chunks are there and their sum was right. */
  readonly whole: boolean
}

type BlobPut = Extract<CommandBody, { kind: 'blobPut' }>

const encodeManifest = (manifest: Manifest) =>
  new ByteWriter(24).uint(manifest.chunks).uint(manifest.received).uint(manifest.bytes).boolean(manifest.whole).finish()

function decodeManifest(bytes: Uint8Array): Manifest {
  const from = new ByteReader(bytes)
  return { chunks: from.uint(), received: from.uint(), bytes: from.uint(), whole: from.boolean() }
}

/** More come in at a time hardly ever, and cost no more than a reading of what is there. */
const SUMS_MAX = 64

const EMPTY = Buffer.alloc(0)
const isHash = (hash: string): boolean => /^[0-9a-f]{64}$/.test(hash)
const hashBytes = (hash: string): Buffer => Buffer.from(hash, 'hex')
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
    return this.#cache.get(hash) ?? this.#cache.add(hash, this.#whole(hashBytes(hash), manifest))
  }

  /** Bytes of the whole blob; 0 while it is not. */
  bytesOf(hash: string): number {
    const manifest = isHash(hash) ? this.#manifest(hashBytes(hash)) : undefined
    return manifest?.whole ? manifest.bytes : 0
  }

  /** All, those still coming in among them: the collector of garbage must see them. */
  hashes(): string[] {
    return this.#tables.blobs.keys(EMPTY, undefined).map((key) => key.toString('hex'))
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

  delete(hash: string): void {
    if (!isHash(hash)) throw new KeeperError('E_INVALID_ARGUMENT', `no SHA-256 in hex: ${hash}`)
    const key = hashBytes(hash)
    this.#sums.delete(hash)
    if (!this.#tables.blobs.delete(key)) return
    for (const chunk of this.#tables.blobChunks.keys(key, prefixEnd(key))) this.#tables.blobChunks.delete(chunk)
  }

  #addChunk(hash: Uint8Array, blob: BlobPut, old: Manifest | undefined): Manifest {
    const key = chunkKey(hash, blob.chunk)
    const replaced = this.#tables.blobChunks.get(key)
    const manifest = {
      chunks: blob.chunks,
      received: (old?.received ?? 0) + (replaced ? 0 : 1),
      bytes: (old?.bytes ?? 0) + blob.bytes.length - (replaced?.length ?? 0),
      whole: false,
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

  #whole(hash: Uint8Array, { chunks, bytes }: Manifest): Buffer {
    let whole: Buffer = chunks > 1 ? Buffer.allocUnsafeSlow(bytes) : EMPTY
    let end = 0
    this.#eachChunk(hash, (chunk) => {
      if (chunks > 1) end += chunk.copy(whole, end)
      else whole = chunk
    })
    // it is before long
    if (chunks > 1) this.#large?.died(bytes)
    return whole
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
