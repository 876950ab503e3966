import { ByteReader, ByteWriter } from '../base/codec.js'

/** What is known of a blob beside its bytes. */
export interface Manifest {
  readonly chunks: number
  readonly received: number
  readonly bytes: number
  /** All chunks are there and their sum was right. */
  readonly whole: boolean
  /** Of how many others it is a piece. */
  readonly users: number
  /** It is made of others. */
  readonly composed: boolean
}

/** As before there were pieces, where there are none: members that knew of none have the same bytes. */
export function encodeManifest({ chunks, received, bytes, whole, users, composed }: Manifest): Buffer {
  const to = new ByteWriter(32).uint(chunks).uint(received).uint(bytes).boolean(whole)
  if (users > 0 || composed) to.uint(users).boolean(composed)
  return to.finish()
}

/** Throws E_CORRUPT for what is none. */
export function decodeManifest(encoded: Uint8Array): Manifest {
  const from = new ByteReader(encoded)
  const [chunks, received, bytes, whole] = [from.uint(), from.uint(), from.uint(), from.boolean()]
  const [users, composed] = from.remaining > 0 ? [from.uint(), from.boolean()] : [0, false]
  return { chunks, received, bytes, whole, users, composed }
}
