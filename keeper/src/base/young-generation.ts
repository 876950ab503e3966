import { getHeapSpaceStatistics, setFlagsFromString } from 'node:v8'
import type { CancelTimer, Clock } from './clock.js'
import { collectYoung, hadLargeWork } from './garbage.js'
import { limits } from './limits.js'

/** Share of its time that the event loop was busy since the last call, but for work with large values: that needs no young generation. */
export type Load = () => number

/**
 * How large the young generation may get. V8 doubles it each time that more survives than it holds, which loading a
 * program's modules is enough for, and leaves it so: 32 MB that a keeper at rest has no use for, and of which twice as much
 * is touched while a large value is worked with. So it grows only while there is load, and is made small again after it.
 */
export class YoungGeneration {
  readonly #load: Load
  #isLoaded = true
  #compiles = 0
  #cancel: CancelTimer = () => {}

  constructor(load: Load = loadOfLoop()) {
    this.#load = load
  }

  start(clock: Clock): void {
    this.#cancel = clock.setTimer(limits.youngLookMs, () => {
      this.look()
      this.start(clock)
    })
  }

  close(): void {
    this.#cancel()
    this.#set(true)
  }

  /** True where it may grow from now on. */
  look(): boolean {
    this.#isLoaded = this.#load() >= limits.youngLoadMin
    this.#set(this.mayGrow)
    // V8 makes it smaller itself at a collection, where little was allocated in the last seconds
    if (!this.#isLoaded && youngBytes() > limits.youngRestBytes) collectYoung()
    return this.mayGrow
  }

  get mayGrow(): boolean {
    return this.#isLoaded || this.#compiles > 0
  }

  /** Of all heaps of this process while something is compiled: the compiler's has a cap of its own. */
  compiling(begins: boolean): void {
    this.#compiles += begins ? 1 : -1
    this.#set(this.mayGrow)
  }

  #set(mayGrow: boolean): void {
    setFlagsFromString(`--semi-space-growth-factor=${mayGrow ? 2 : 1}`)
  }
}

const youngBytes = (): number =>
  getHeapSpaceStatistics().find(({ space_name }) => space_name === 'new_space')?.space_size ?? 0

function loadOfLoop(): Load {
  let last = performance.eventLoopUtilization()
  return () => {
    const now = performance.eventLoopUtilization()
    const { utilization } = performance.eventLoopUtilization(now, last)
    last = now
    return hadLargeWork() ? 0 : utilization
  }
}
