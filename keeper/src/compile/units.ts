/** Durations and sizes as text: `300s`, `1.5h`, `64KiB`. All arithmetic is exact; k, M, G are 1000, Ki, Mi, Gi 1024. */

/** How many of the smallest (milliseconds, bytes) one of it is. */
const durations: Readonly<Record<string, bigint>> = {
  ms: 1n,
  s: 1_000n,
  m: 60_000n,
  min: 60_000n,
  h: 3_600_000n,
  d: 86_400_000n,
}

const sizes: Readonly<Record<string, bigint>> = {
  B: 1n,
  kB: 10n ** 3n,
  KB: 10n ** 3n,
  MB: 10n ** 6n,
  GB: 10n ** 9n,
  TB: 10n ** 12n,
  KiB: 2n ** 10n,
  MiB: 2n ** 20n,
  GiB: 2n ** 30n,
  TiB: 2n ** 40n,
}

interface Unit {
  readonly suffixes: Readonly<Record<string, bigint>>
  readonly scale: bigint
  /** What a person may write. */
  readonly examples: string
}

const duration = (scale: bigint): Unit => ({ suffixes: durations, scale, examples: '"300ms", "5s", "5m", "2h"' })

/** Values of the schema keyword `unit`. */
export const units: Readonly<Record<string, Unit>> = {
  ms: duration(1n),
  s: duration(1_000n),
  min: duration(60_000n),
  h: duration(3_600_000n),
  bytes: { suffixes: sizes, scale: 1n, examples: '"512B", "64KiB", "10MB"' },
}

const quantity = /^(?<sign>-?)(?<whole>\d{1,30})(?:\.(?<fraction>\d{1,30}))? ?(?<suffix>[A-Za-z]+)$/

/** `toUnit('5m', 's')` is 300; undefined when `text` is no quantity of that unit, or beyond what a number holds. */
export function toUnit(text: string, unit: string): number | undefined {
  const known = Object.hasOwn(units, unit) ? units[unit] : undefined
  const { sign, whole = '', fraction = '', suffix = '' } = quantity.exec(text.trim())?.groups ?? {}
  if (!known || !Object.hasOwn(known.suffixes, suffix)) return undefined
  const numerator = BigInt(whole + fraction) * (known.suffixes[suffix] ?? 1n)
  const denominator = 10n ** BigInt(fraction.length) * known.scale
  const isWhole = numerator % denominator === 0n
  const value = isWhole ? Number(numerator / denominator) : Number(numerator) / Number(denominator)
  if (value > Number.MAX_SAFE_INTEGER) return undefined
  return sign && value !== 0 ? -value : value
}
