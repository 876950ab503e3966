import { getHeapStatistics, setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import { limits } from './limits.js'

let collect: ((options?: { type: 'minor' }) => void) | undefined

/** Since the last collection of what is young, and of all; and since work was done, for a collection may come while it lasts. */
let [diedBytes, diedBytesInAll, diedBytesInWork] = [0, 0, 0]

const LARGE_BYTES_MIN = 64 * 1024

/** Were there any since `hadLargeWork` was asked last? */
let hadLarge = false

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
  hadLarge ||= bytes >= LARGE_BYTES_MIN
  diedBytes += bytes
  diedBytesInAll += bytes
  diedBytesInWork += bytes
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
  if (diedBytesInWork < limits.diedBytesInWork) return
  diedBytesInWork = 0
  setImmediate(() => collectGarbage()).unref()
}

/** Was there work with large buffers in this thread since the last call? */
export function hadLargeWork(): boolean {
  const had = hadLarge
  hadLarge = false
  return had
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
