/**
 * The hash over all state: a sum of one 64-bit number (two 32-bit lanes) per record, so that it costs only what
 * changes and depends neither on order nor on page layout. It finds members that drifted apart; it is no defence
 * against somebody who forges collisions.
 */

let laneA = 0
let laneB = 0

function mix(word: number): void {
  let k = Math.imul(word, 0xcc9e2d51)
  k = (k << 15) | (k >>> 17)
  laneA ^= Math.imul(k, 0x1b873593)
  laneA = (Math.imul((laneA << 13) | (laneA >>> 19), 5) + 0xe6546b64) | 0
  let q = Math.imul(word ^ laneA, 0x85ebca77)
  q = (q << 16) | (q >>> 16)
  laneB = (Math.imul((laneB ^ q) | 0, 0xc2b2ae3d) + 0x27d4eb2f) | 0
}

function mixBytes(bytes: Uint8Array, from: number, to: number): void {
  mix(to - from)
  let at = from
  for (; at + 4 <= to; at += 4)
    mix(
      (bytes[at] as number) |
        ((bytes[at + 1] as number) << 8) |
        ((bytes[at + 2] as number) << 16) |
        ((bytes[at + 3] as number) << 24),
    )
  let rest = 0
  for (let shift = 0; at < to; at++, shift += 8) rest |= (bytes[at] as number) << shift
  mix(rest)
}

function avalanche(lane: number): number {
  let h = lane
  h = Math.imul(h ^ (h >>> 16), 0x85ebca6b)
  h = Math.imul(h ^ (h >>> 13), 0xc2b2ae35)
  return h ^ (h >>> 16)
}

/** A piece of a buffer: a key or value as it lies in its page. */
export interface Span {
  readonly bytes: Uint8Array
  readonly from: number
  readonly to: number
}

export class StateHash {
  #a = 0
  #b = 0

  add(table: number, key: Uint8Array, bytes: Uint8Array, from: number, to: number): void {
    this.#record(table, key, 0, key.length, bytes, from, to, 1)
  }

  subtract(table: number, key: Uint8Array, bytes: Uint8Array, from: number, to: number): void {
    this.#record(table, key, 0, key.length, bytes, from, to, -1)
  }

  /** As `add`, for a key that lies in a page. */
  addSpans(table: number, key: Span, value: Span): void {
    this.#record(table, key.bytes, key.from, key.to, value.bytes, value.from, value.to, 1)
  }

  subtractSpans(table: number, key: Span, value: Span): void {
    this.#record(table, key.bytes, key.from, key.to, value.bytes, value.from, value.to, -1)
  }

  get lanes(): readonly [number, number] {
    return [this.#a >>> 0, this.#b >>> 0]
  }

  copy(): StateHash {
    const copy = new StateHash()
    copy.#a = this.#a
    copy.#b = this.#b
    return copy
  }

  /** 16 hex digits. */
  hex(): string {
    return this.lanes.map((lane) => lane.toString(16).padStart(8, '0')).join('')
  }

  #record(
    table: number,
    key: Uint8Array,
    keyFrom: number,
    keyTo: number,
    value: Uint8Array,
    valueFrom: number,
    valueTo: number,
    sign: 1 | -1,
  ): void {
    laneA = Math.imul(table + 1, 0x9e3779b1)
    laneB = Math.imul(table + 1, 0x165667b1)
    mixBytes(key, keyFrom, keyTo)
    mixBytes(value, valueFrom, valueTo)
    this.#a = (this.#a + sign * avalanche(laneA)) | 0
    this.#b = (this.#b + sign * avalanche(laneB ^ (laneA << 7))) | 0
  }
}
