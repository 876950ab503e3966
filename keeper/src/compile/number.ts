/**
 * Why a number of a file cannot be a JavaScript number without becoming another one, or undefined when it can.
 * `literal` is its text without underscores. Integers are held to ±(2^53 − 1); decimal fractions are rounded to the
 * nearest double as everywhere, but neither to infinity, nor to zero, nor to another whole number.
 */
export function numberProblem(literal: string, value: number): string | undefined {
  if (Number.isNaN(value)) return 'NaN is not a number that JSON has; quote it if text is meant'
  if (!Number.isFinite(value)) return `${literal} is out of range; quote it if text is meant`
  if (/^[-+]?(?:\d+|0[xob][\da-f]+)$/i.test(literal))
    return Number.isSafeInteger(value) ? undefined : `${literal} is beyond ±(2^53 − 1) and would be changed; quote it`
  if (value === 0 && /[1-9]/.test(literal.split(/e/i, 1)[0] ?? ''))
    return `${literal} is too small and would become 0; quote it`
  if (Number.isInteger(value) && !Number.isSafeInteger(value) && significant(literal) !== significant(String(value)))
    return `${literal} would be changed to ${value}; quote it`
  return undefined
}

/** Digits of a decimal without sign, point, exponent and outer zeros. */
const significant = (literal: string): string =>
  (literal.split(/e/i, 1)[0] ?? '').replace(/[-+.]/g, '').replace(/^0+|0+$/g, '')
