import type { CancelTimer, Runtime } from '../runtime.js'

const slices = 4
/** Patience ends in any case, after so many times what was asked for, and one part more in which to read what came. */
const stretchMax = 4
/** Timers come before sockets in a turn: a busy one that just ended has read nothing yet. */
const lookMs = 1

/**
 * Calls `fire` when `waitMs` have passed in which this process could have heard something. What came while its event
 * loop was busy waits unread in a socket: a part of the wait that ends late does not count, so that a busy process does
 * not take the keeper for dead.
 */
export function waitPatiently(runtime: Runtime, waitMs: number, fire: () => void): CancelTimer {
  const sliceMs = waitMs / slices
  const endMs = runtime.monotonicMs() + waitMs * stretchMax
  let left = slices
  let isLast = false
  let cancel: CancelTimer = () => {}
  const arm = () => {
    const dueMs = runtime.monotonicMs() + sliceMs
    cancel = runtime.setTimer(sliceMs, () => {
      const lateMs = runtime.monotonicMs() - dueMs
      if (lateMs < sliceMs / 2) left--
      if (left === 0) return fire()
      if (isLast) cancel = runtime.setTimer(lookMs, fire)
      else arm()
      isLast = runtime.monotonicMs() >= endMs
    })
  }
  arm()
  return () => cancel()
}
