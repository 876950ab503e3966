/**
 * Bytes of pushes, made once per distinct effective value and once per distinct set of values, however many sessions
 * get them. The sets are a trie: a session walks one step per change, in name order, so that equal sets end at the
 * same node and so at the same frame object.
 */

import {
  configChange,
  joinParts,
  joinPush,
  type LoadedPart,
  lengthOf,
  type Parts,
  partsOfChange,
  partsOfPush,
} from '@keeper/proto'
import type { BlobPiece } from '../store/types.js'
import { ChunkFrames, type Frames } from './chunk-frames.js'
import { DeltaDesk, type DeltaDeskOptions } from './delta-desk.js'
import { StoredValue } from './stored-value.js'
import type { Delta, Target } from './target.js'

/** Of a hash: 2^64 to one that nothing else is taken for what was meant. */
const CHECK_BYTES = 8

export interface PushCacheOptions {
  readonly storeEpoch: number
  /** A push whose bytes are more goes out as chunks of so many. */
  readonly chunkBytes: number
  /** What may be kept for the next hello. */
  readonly bytesMax: number
  readonly deltas: Omit<DeltaDeskOptions, 'pieces' | 'blob' | 'onReady'>
  /** As of DeltaDeskOptions. */
  pieces(hash: string): readonly BlobPiece[]
  /** Canonical JSON of a hash; undefined if the store has no such blob. */
  blob(hash: string): Uint8Array | undefined
}

/** A set of changes; the root is the empty one. */
export class PushNode {
  /** The newest revision among the changes. */
  readonly revision: number
  readonly target: Target | undefined
  readonly parent: PushNode | undefined
  readonly #children = new Map<Target, PushNode>()
  /** The chunks of a large push last as long as somebody sends them: values are not in memory for who may come. */
  frames: Frames | WeakRef<ChunkFrames> | undefined

  constructor(parent?: PushNode, target?: Target) {
    this.parent = parent
    this.target = target
    this.revision = Math.max(parent?.revision ?? 0, target?.revision ?? 0)
  }

  /** The set with one change more. */
  with(target: Target): PushNode {
    const known = this.#children.get(target)
    if (known) return known
    const child = new PushNode(this, target)
    this.#children.set(target, child)
    return child
  }

  /** The changes in the order they were added. */
  targets(): Target[] {
    const before = this.parent?.targets() ?? []
    return this.target ? [...before, this.target] : before
  }
}

export class PushCache {
  readonly #options: PushCacheOptions
  readonly #changes = new Map<Target, Parts>()
  readonly #deltas: DeltaDesk
  /** Targets told as differences → the same in the brief form. */
  readonly #briefs = new WeakMap<Target, Target>()
  #root = new PushNode()
  #bytes = 0
  /** ConfigChanges serialized and pushes joined since the start. */
  readonly made = { changes: 0, pushes: 0 }

  /** Called when differences that `from` had no answer for are there. */
  onDeltas: () => void = () => {}

  constructor(options: PushCacheOptions) {
    const { deltas, blob, pieces } = options
    this.#options = options
    this.#deltas = new DeltaDesk({ ...deltas, blob, pieces, onReady: () => this.onDeltas() })
  }

  /** Bytes kept for the next who needs them. */
  get bytes(): number {
    return this.#bytes
  }

  get root(): PushNode {
    return this.#root
  }

  /**
   * Forgets everything: values changed, of configs of these names, or of all. Never in the middle of a fan-out, or its
   * sessions would not share bytes.
   */
  clear(names?: ReadonlySet<string>): void {
    this.#root = new PushNode()
    this.#changes.clear()
    this.#deltas.clear(names)
    this.#bytes = 0
  }

  /**
   * What a process that runs with the value of `baseHash` is sent: a difference, where that is much less, `brief` to
   * those who take it so; undefined while that is being made.
   */
  from(baseHash: string, target: Target, brief = false): Target | undefined {
    if (target.kind !== 'value' || target.opened || baseHash === '') return target
    const told = this.#deltas.from(baseHash, target)
    return brief && told?.delta ? this.#briefly(told, told.delta) : told
  }

  #briefly(told: Target, delta: Delta): Target {
    const known = this.#briefs.get(told) ?? { ...told, delta: { ...delta, brief: true } }
    this.#briefs.set(told, known)
    return known
  }

  /** Forgets everything if it is more than may be kept. */
  trim(): void {
    if (this.#bytes > this.#options.bytesMax) this.clear(new Set())
  }

  /** The frames of a push of this set: one, or the chunks of one. */
  frames(node: PushNode): Frames {
    const known = node.frames instanceof WeakRef ? node.frames.deref() : node.frames
    return known ?? this.#join(node)
  }

  #join(node: PushNode): Frames {
    this.made.pushes++
    const { storeEpoch, chunkBytes } = this.#options
    const changes = node.targets().map((target) => this.#change(target, node.revision))
    const push = partsOfPush(storeEpoch, node.revision, changes)
    const bytes = lengthOf(push)
    if (bytes > chunkBytes) {
      const frames = new ChunkFrames(push, chunkBytes)
      node.frames = new WeakRef(frames)
      return frames
    }
    this.#bytes += bytes
    const frames = [{ bytes: joinPush(push) }]
    node.frames = frames
    return frames
  }

  #change(target: Target, pushRevision: number): Parts {
    if (target.delta?.brief) return [this.#encodeBrief(target, target.delta.bytes, pushRevision)]
    const known = this.#changes.get(target)
    if (known) return known
    const parts = this.#encode(target)
    // one that makes a push of chunks by itself is not kept twice
    if (lengthOf(parts) > this.#options.chunkBytes) return parts
    const change = [joinParts(parts)]
    this.#changes.set(target, change)
    this.#bytes += lengthOf(change)
    return change
  }

  /** Nothing but what the process cannot know: one changed line is to cost hardly more than itself. */
  #encodeBrief({ name, revision, hash }: Target, delta: Uint8Array, pushRevision: number): Uint8Array {
    this.made.changes++
    const check = Buffer.from(hash.slice(0, 2 * CHECK_BYTES), 'hex')
    return configChange.encode({ name, delta, check, ...(revision !== pushRevision && { revision }) })
  }

  #encode(target: Target): Parts {
    this.made.changes++
    const { name, revision, hash, committedUnixMs } = target
    if (target.kind !== 'value') return [configChange.encode({ name, revision, removed: true, committedUnixMs })]
    if (target.delta) {
      const { baseHash, bytes: delta } = target.delta
      return [configChange.encode({ name, revision, hash, committedUnixMs, baseHash, delta })]
    }
    const value = target.opened ?? this.#valueOf(hash)
    const secret = target.opened !== undefined
    return partsOfChange({ name, revision, hash, value, committedUnixMs, secret })
  }

  /** A large one is read as it is sent. */
  #valueOf(hash: string): Uint8Array | LoadedPart {
    const { pieces, blob, chunkBytes } = this.#options
    const stored = new StoredValue(pieces(hash), blob)
    return stored.pieces > 1 && stored.length > chunkBytes ? stored : (blob(hash) ?? new Uint8Array())
  }
}
