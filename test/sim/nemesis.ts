import type { FaultKind } from './fault-kinds.js'
import { clientFaults } from './faults/client-faults.js'
import { diskFaults } from './faults/disk-faults.js'
import { networkFaults } from './faults/network-faults.js'
import { processFaults } from './faults/process-faults.js'
import type { Scene, Strike } from './faults/scene.js'
import type { Plan } from './swarm.js'

const strikes: Readonly<Record<FaultKind, Strike>> = {
  ...networkFaults,
  ...processFaults,
  ...diskFaults,
  ...clientFaults,
}

/**
 * Does harm, as much as Raft promises to stand: any number of crashes, lost data on fewer than half of the disks at a
 * time. Which kinds, how often, and how quickly one after another is the seed's plan.
 */
export class Nemesis {
  readonly #scene: Scene
  readonly #plan: Pick<Plan, 'harm' | 'calmMs'>
  readonly #undo = new Set<() => void>()
  #over = false

  constructor(parts: Omit<Scene, 'lasts'>, plan: Pick<Plan, 'harm' | 'calmMs'>) {
    this.#plan = plan
    this.#scene = { ...parts, lasts: (forMs, undo) => this.#lasts(forMs, undo) }
  }

  async run(): Promise<void> {
    const { time, random } = this.#scene
    if (this.#plan.harm.size === 0) return
    while (!this.#over) {
      await time.sleep(20 + random.below(2 * this.#plan.calmMs))
      if (!this.#over) strikes[this.#choose()](this.#scene)
    }
  }

  /** All harm ends, but for disk faults that wait for a write. */
  heal(): void {
    this.#over = true
    this.#scene.trace.note('heals')
    for (const undo of [...this.#undo]) undo()
    for (const process of this.#scene.processes) process.resume()
  }

  #choose(): FaultKind {
    const { harm } = this.#plan
    const total = [...harm.values()].reduce((sum, weight) => sum + weight, 0)
    let at = this.#scene.random.below(total)
    for (const [kind, weight] of harm) {
      at -= weight
      if (at < 0) return kind
    }
    throw new Error('weights do not add up')
  }

  #lasts(forMs: number, undo: () => void): void {
    const once = () => {
      if (this.#undo.delete(once)) undo()
    }
    this.#undo.add(once)
    this.#scene.time.after(forMs, once)
  }
}
