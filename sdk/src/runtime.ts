/** Stops a timer; calling it again, or after the timer fired, does nothing. */
export type CancelTimer = () => void

/** Time and chance, handed in, so that a simulator may own them. */
export interface Runtime {
  /** Milliseconds that never go back. */
  monotonicMs(): number
  /** Milliseconds since the Unix epoch. */
  wallMs(): number
  setTimer(delayMs: number, fire: () => void): CancelTimer
  /** Calls `run` once this turn of the event loop is done: what is said in one turn goes out as one frame. */
  defer(run: () => void): void
  /** A number in [0, 1). */
  unit(): number
  randomBytes(count: number): Uint8Array
  /** The longest that the event loop was late since the last call, in milliseconds. */
  takeLagMs(): number
}
