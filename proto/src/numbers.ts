/** A 64-bit field as read (decimal string) or written (number) → a safe integer. Throws RangeError past 2^53 − 1. */
export function toSafe(value: string | number | bigint | { toString(): string } | null | undefined): number {
  const number = Number(value ?? 0)
  if (!Number.isSafeInteger(number) || number < 0) throw new RangeError(`not a safe unsigned integer: ${String(value)}`)
  return number
}

/** A 64-bit id, exactly. */
export const toBigInt = (value: string | number | bigint | { toString(): string } | null | undefined): bigint =>
  BigInt((value ?? 0).toString())
