/** Milliseconds of a clock that never goes back; its zero means nothing. */
export type MonotonicMs = number & { readonly __clock: 'monotonic' }
/** Milliseconds since the Unix epoch; may jump either way. */
export type WallMs = number & { readonly __clock: 'wall' }

/** Stops a timer; calling it again, or after the timer fired, does nothing. */
export type CancelTimer = () => void

/** Where time comes from. The simulator hands in its own. */
export interface Clock {
  monotonic(): MonotonicMs
  wall(): WallMs
  /** Calls `fire` once, `delayMs` from now. The timer does not keep a process alive. */
  setTimer(delayMs: number, fire: () => void): CancelTimer
}

/** The machine's clocks. */
export const systemClock: Clock = {
  monotonic: () => performance.now() as MonotonicMs,
  wall: () => Date.now() as WallMs,
  setTimer(delayMs, fire) {
    const timer = setTimeout(fire, delayMs)
    timer.unref()
    return () => clearTimeout(timer)
  },
}

/** Resolves `delayMs` from now on `clock`; rejects with the signal's reason when `signal` aborts first. */
export function delay(clock: Clock, delayMs: number, signal?: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    if (signal?.aborted) return reject(signal.reason)
    const cancel = clock.setTimer(delayMs, () => {
      signal?.removeEventListener('abort', onAbort)
      resolve()
    })
    const onAbort = () => {
      cancel()
      reject(signal?.reason)
    }
    signal?.addEventListener('abort', onAbort, { once: true })
  })
}
