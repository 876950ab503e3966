/**
 * The `state` database:
 *
 *     m <number u64>             manifest of a flush; the newest two are kept
 *     s <generation u32> <key>   a record of the state
 *
 * The generation grows whenever the state is replaced as a whole (a snapshot): one batch with a manifest that names the
 * new generation makes the change, whatever is left of the old one no longer counts.
 */

import { ByteReader, ByteWriter } from '../base/codec.js'
import type { ConfState } from '../raft/types.js'
import { asBuffer, seal, unseal } from './record.js'

const MANIFEST = 0x6d
const STATE = 0x73
const PREFIX = 5

/** What one flush left behind. */
export interface Manifest {
  /** 1 for the first flush; 0 stands for a state never flushed. */
  readonly number: number
  /** The link: checksum of the manifest before; 0 when the state begins here (the first flush, or after damage). */
  readonly link: number
  readonly index: number
  readonly term: number
  /** Checksum of the entry at `index`: the first entry after it must follow it. */
  readonly chain: number
  readonly generation: number
  readonly logEpoch: number
  readonly confState: ConfState
  /** Live records of the generation, and the sum of their checksums modulo 2^48. */
  readonly count: number
  readonly sum: number
}

export const emptyConfState: ConfState = {
  voters: [],
  learners: [],
  votersOutgoing: [],
  learnersNext: [],
  autoLeave: false,
}

export const emptyManifest: Manifest = {
  number: 0,
  link: 0,
  index: 0,
  term: 0,
  chain: 0,
  generation: 0,
  logEpoch: 0,
  confState: emptyConfState,
  count: 0,
  sum: 0,
}

export const addToSum = (sum: number, checksum: number): number => (sum + checksum) % 2 ** 48
export const takeFromSum = (sum: number, checksum: number): number => (sum - checksum + 2 ** 48) % 2 ** 48

export function manifestKey(number: number): Buffer {
  const key = Buffer.allocUnsafe(9)
  key[0] = MANIFEST
  key.writeBigUInt64BE(BigInt(number), 1)
  return key
}

/** The number in a manifest's key; undefined for the key of another record. */
export const manifestNumber = (key: Uint8Array): number | undefined =>
  key[0] === MANIFEST ? Number(asBuffer(key).readBigUInt64BE(1)) : undefined

export const allManifests = { low: Uint8Array.of(MANIFEST), high: Uint8Array.of(MANIFEST + 1) }

export function stateKey(generation: number, key: Uint8Array): Buffer {
  const whole = Buffer.allocUnsafe(PREFIX + key.length)
  whole[0] = STATE
  whole.writeUInt32BE(generation, 1)
  whole.set(key, PREFIX)
  return whole
}

/** The store's key in a state record's key. */
export const userKey = (key: Uint8Array): Uint8Array => key.subarray(PREFIX)

export const generationOf = (key: Uint8Array): number => asBuffer(key).readUInt32BE(1)

export const generationRange = (from: number, to = from): { low: Buffer; high: Buffer } => ({
  low: stateKey(from, new Uint8Array(0)),
  high: stateKey(to + 1, new Uint8Array(0)),
})

export function writeConfState(writer: ByteWriter, confState: ConfState): ByteWriter {
  for (const ids of [confState.voters, confState.learners, confState.votersOutgoing, confState.learnersNext]) {
    writer.uint(ids.length)
    for (const id of ids) writer.uint(id)
  }
  return writer.boolean(confState.autoLeave)
}

export function readConfState(reader: ByteReader): ConfState {
  const ids = () => Array.from({ length: reader.uint() }, () => reader.uint())
  return {
    voters: ids(),
    learners: ids(),
    votersOutgoing: ids(),
    learnersNext: ids(),
    autoLeave: reader.boolean(),
  }
}

/** The manifest's record and its checksum, which the next one links to. */
export function sealManifest(manifest: Manifest): { key: Buffer; record: Buffer; sum: number } {
  const key = manifestKey(manifest.number)
  const writer = new ByteWriter().uint(manifest.number).uint32(manifest.link)
  writer.uint(manifest.index).uint(manifest.term).uint32(manifest.chain)
  writer.uint(manifest.generation).uint(manifest.logEpoch)
  writeConfState(writer, manifest.confState).uint(manifest.count).uint(manifest.sum)
  return { key, ...seal(key, writer.finish()) }
}

/** Throws E_CORRUPT, E_DATA_VERSION. */
export function unsealManifest(key: Uint8Array, record: Uint8Array): { manifest: Manifest; sum: number } {
  const { body, sum } = unseal(key, record)
  const reader = new ByteReader(body)
  const manifest = {
    number: reader.uint(),
    link: reader.uint32(),
    index: reader.uint(),
    term: reader.uint(),
    chain: reader.uint32(),
    generation: reader.uint(),
    logEpoch: reader.uint(),
    confState: readConfState(reader),
    count: reader.uint(),
    sum: reader.uint(),
  }
  return { manifest, sum }
}
