import { randomBytes, randomInt } from 'node:crypto'

/** Where chance comes from. The simulator hands in a seeded one. */
export interface Random {
  /** A number in [0, 1). */
  unit(): number
  /** An integer in [0, below). */
  below(below: number): number
  bytes(count: number): Uint8Array
}

/** The machine's randomness; `bytes` is fit for secrets. */
export const systemRandom: Random = {
  unit: () => Math.random(),
  below: (below) => randomInt(below),
  bytes: (count) => randomBytes(count),
}

/** The same numbers for the same seed, on every machine (sfc32, seeded by splitmix32). Not for secrets. */
export function seededRandom(seed: number): Random {
  let mix = seed | 0
  const splitmix = () => {
    mix = (mix + 0x9e3779b9) | 0
    let z = mix ^ (mix >>> 16)
    z = Math.imul(z, 0x21f0aaad)
    z ^= z >>> 15
    z = Math.imul(z, 0x735a2d97)
    return z ^ (z >>> 15)
  }
  let a = splitmix()
  let b = splitmix()
  let c = splitmix()
  let counter = 1
  const next = () => {
    const sum = (((a + b) | 0) + counter) | 0
    counter = (counter + 1) | 0
    a = b ^ (b >>> 9)
    b = (c + (c << 3)) | 0
    c = (((c << 21) | (c >>> 11)) + sum) | 0
    return sum >>> 0
  }
  for (let i = 0; i < 12; i++) next()
  return {
    unit: () => next() / 2 ** 32,
    below: (below) => Math.floor((next() / 2 ** 32) * below),
    bytes: (count) => Uint8Array.from({ length: count }, () => next() & 0xff),
  }
}
