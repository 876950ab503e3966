import type { Random } from '../../../keeper/src/base/random.js'
import type { Encounters } from '../encounters.js'
import type { SimNetwork } from '../network.js'
import type { SimProcess } from '../process.js'
import type { SessionClient } from '../session-client.js'
import type { Trace } from '../trace.js'
import type { VirtualTime } from '../virtual-time.js'

/** What there is to harm. */
export interface Scene {
  readonly time: VirtualTime
  readonly random: Random
  readonly trace: Trace
  readonly network: SimNetwork
  /** Those that run or may be started; it changes as members come and go. */
  readonly processes: readonly SimProcess[]
  readonly sessions: readonly SessionClient[]
  readonly encounters: Encounters
  /** May another disk lose what it had synced? Fewer than half of the voters at a time, says the promise. */
  readonly mayDamage: (process: SimProcess) => boolean
  /** Has it undone when all harm ends, or after `forMs`. */
  lasts(forMs: number, undo: () => void): void
}

/** Does one kind of harm; false: there was nothing to do it to. */
export type Strike = (scene: Scene) => boolean

export const anyProcess = ({ random, processes }: Scene): SimProcess =>
  processes[random.below(processes.length)] as SimProcess

/** In any order. */
export function shuffled<T>({ random }: Scene, from: readonly T[]): T[] {
  const mixed = [...from]
  for (let at = mixed.length - 1; at > 0; at--) {
    const other = random.below(at + 1)
    ;[mixed[at], mixed[other]] = [mixed[other] as T, mixed[at] as T]
  }
  return mixed
}
