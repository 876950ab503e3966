import { randomBytes } from 'node:crypto'
import type { Runtime } from '../runtime.js'

// Taken when the module loads: a test that fakes the timers of its own code must not stop the SDK's.
const { setTimeout, clearTimeout, setImmediate, setInterval, clearInterval } = globalThis
const wallMs = Date.now
const now = performance.now.bind(performance)

const lagSampleMs = 500

/** The machine's clocks and randomness, and a cheap measure of how late the event loop is. */
export function systemRuntime(): Runtime & { close(): void } {
  let worst = 0
  let due = now() + lagSampleMs
  const sampler = setInterval(() => {
    worst = Math.max(worst, now() - due)
    due = now() + lagSampleMs
  }, lagSampleMs)
  sampler.unref()
  return {
    monotonicMs: now,
    wallMs,
    setTimer: (delayMs, fire) => {
      const timer = setTimeout(fire, delayMs)
      return () => clearTimeout(timer)
    },
    defer: (run) => void setImmediate(run),
    unit: () => Math.random(),
    randomBytes: (count) => randomBytes(count),
    takeLagMs: () => {
      const lag = Math.max(worst, now() - due, 0)
      worst = 0
      return lag
    },
    close: () => clearInterval(sampler),
  }
}

/** Keeps the process running, as an open connection would, until the returned function is called: also when fenced. */
export function holdProcess(): () => void {
  const hold = setInterval(() => {}, 2 ** 30)
  return () => clearInterval(hold)
}
