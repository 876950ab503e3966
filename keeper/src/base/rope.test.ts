import { expect, test } from 'vitest'
import { seededRandom } from './random.js'
import { Rope } from './rope.js'

test('bytes in parts are those of the whole, wherever they are looked at, and come from one part at a time', () => {
  const random = seededRandom(3)
  for (let round = 0; round < 200; round++) {
    const parts = Array.from({ length: random.below(6) }, () => random.bytes(random.below(30)))
    const whole = Buffer.concat(parts)
    let loads = 0
    const load = (part: Uint8Array) => () => {
      loads++
      return part
    }
    const rope = new Rope(parts.map((part) => ({ length: part.length, load: load(part) })))
    expect(rope.length).toBe(whole.length)
    for (let at = 0; at < whole.length; at++) expect(rope.at(at)).toBe(whole[at])
    expect(loads).toBe(parts.filter(({ length }) => length > 0).length)
    expect([rope.at(-1), rope.at(whole.length)]).toEqual([undefined, undefined])
    for (let look = 0; look < 20; look++) {
      const from = random.below(whole.length + 1)
      const to = from + random.below(whole.length + 1 - from)
      expect(rope.slice(from, to).equals(whole.subarray(from, to))).toBe(true)
      const within = rope.within(from, to)
      expect(within.slice(0, within.length).equals(whole.subarray(from, to))).toBe(true)
      if (from === whole.length) continue
      const part = rope.part(from)
      expect(part.equals(whole.subarray(rope.partStart, rope.partStart + part.length))).toBe(true)
    }
  }
})
