import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import { limits } from './limits.js'

let collect: (() => void) | undefined

/**
 * Gives back what large values left behind, after the work and not at the next allocation that may never come: V8 lets
 * 64 MB of dead buffers lie before it looks. Stops the event loop for a full collection, some 1 ms for each megabyte
 * of heap, and so does nothing where that is more than `heapBytesMax`. Gives the milliseconds it took; undefined when it
 * did nothing. Of a thread's own heap where a thread calls it.
 */
export function collectGarbage(heapBytesMax: number = limits.collectedHeapBytesMax): number | undefined {
  if (process.memoryUsage().heapUsed > heapBytesMax) return undefined
  const since = performance.now()
  collect ??= exposed()
  collect()
  return performance.now() - since
}

function exposed(): () => void {
  setFlagsFromString('--expose-gc')
  return runInNewContext('gc') as () => void
}
