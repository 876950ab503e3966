import { getHeapStatistics, setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import { limits } from './limits.js'

let collect: ((options?: { type: 'minor' }) => void) | undefined

/** Since the last collection of what is young, and of all. */
let [diedBytes, diedBytesInAll] = [0, 0]

/**
 * Gives back what large values left behind, after the work and not at the next allocation that may never come: V8 lets
 * 64 MB of dead buffers lie before it looks. Stops the event loop for a full collection, some 1 ms for each megabyte
 * of heap, and so does nothing where that is more than `heapBytesMax`. Gives the milliseconds it took; undefined when it
 * did nothing. Of a thread's own heap where a thread calls it.
 */
export function collectGarbage(heapBytesMax: number = limits.collectedHeapBytesMax): number | undefined {
  const since = performance.now()
  collect ??= exposed()
  if (heapBytes() > heapBytesMax) {
    // most of it may be what died young
    collect({ type: 'minor' })
    if (heapBytes() > heapBytesMax) return undefined
  }
  collect()
  diedBytes = diedBytesInAll = 0
  return performance.now() - since
}

/**
 * Large buffers of so many bytes died, or will in a moment. Once they are some megabytes, what is young is collected: half
 * a millisecond, and else V8 would let a dozen copies of a large value lie on its way through the log to the disk. What
 * lived too long to be young is collected when they are many more.
 */
export function largeBytesDied(bytes: number): void {
  diedBytes += bytes
  diedBytesInAll += bytes
  if (diedBytes < limits.diedBytesMax) return
  diedBytes = 0
  if (diedBytesInAll >= limits.diedBytesInAllMax) {
    if (collectGarbage() !== undefined) return
    diedBytesInAll = 0
  }
  collectYoung()
}

/** Who worked with large buffers is done: what is left of them is collected, when this turn of the event loop is over. */
export function largeWorkDone(): void {
  if (diedBytesInAll < limits.diedBytesInWork) return
  diedBytesInAll = 0
  setImmediate(() => collectGarbage()).unref()
}

/** What is young, in half a millisecond. */
export function collectYoung(): void {
  collect ??= exposed()
  collect({ type: 'minor' })
}

const heapBytes = () => getHeapStatistics().used_heap_size

function exposed(): NonNullable<typeof collect> {
  setFlagsFromString('--expose-gc')
  return runInNewContext('gc') as NonNullable<typeof collect>
}
