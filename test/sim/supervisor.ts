import type { Random } from '../../keeper/src/base/random.js'
import type { SimProcess } from './process.js'
import type { VirtualTime } from './virtual-time.js'

export interface SupervisorParts {
  readonly time: VirtualTime
  readonly random: Random
  readonly processes: readonly SimProcess[]
}

const lookEveryMs = 50

/** Starts again what ended, sooner or later, as an init system or an operator does. */
export class Supervisor {
  readonly #parts: SupervisorParts
  readonly #startAt = new Map<SimProcess, number>()
  /** The longest that a process stays down. */
  downMsMax = 2_500

  constructor(parts: SupervisorParts) {
    this.#parts = parts
  }

  async run(): Promise<void> {
    for (;;) {
      await this.#parts.time.sleep(lookEveryMs)
      for (const process of this.#parts.processes) this.#look(process)
    }
  }

  #look(process: SimProcess): void {
    const { time, random } = this.#parts
    if (process.halted && !process.departed) process.crash('kill')
    if (process.running || process.departed) {
      this.#startAt.delete(process)
      return
    }
    const startAt = this.#startAt.get(process)
    if (startAt === undefined) this.#startAt.set(process, time.now + random.below(this.downMsMax))
    else if (startAt <= time.now || this.downMsMax <= lookEveryMs) process.start()
  }
}
