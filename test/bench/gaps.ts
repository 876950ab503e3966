export interface Gaps {
  /** The longest gap that ended before the fault. */
  readonly calmMs: number
  /** The longest gap that ended after it, or has not ended. */
  readonly gapMs: number
  /** The longest gap ended with an answer, not with the watch. */
  readonly over: boolean
}

/**
 * The longest gaps between answers, before and after a fault. The one that the fault falls into begins with the last
 * answer before it, and one that is open when the watch ends counts too. `at` is in order.
 */
export function longestGaps(at: readonly number[], faultAt: number, watchedTo: number): Gaps {
  let [calmMs, gapMs, over] = [0, 0, true]
  for (const [i, end] of [...at, watchedTo].entries()) {
    const gap = end - (at[i - 1] ?? (i === 0 ? Math.min(end, faultAt) : end))
    if (end < faultAt) {
      calmMs = Math.max(calmMs, gap)
    } else if (gap > gapMs) {
      gapMs = gap
      over = i < at.length
    }
  }
  return { calmMs, gapMs, over }
}
