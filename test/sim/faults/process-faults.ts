import type { FaultKind, faultKinds } from '../fault-kinds.js'
import { clockDriftMax } from '../machine-clock.js'
import type { SimProcess } from '../process.js'
import { anyProcess, type Scene, type Strike } from './scene.js'

/** Does it to one that runs. */
const toRunning =
  (kind: FaultKind, harm: (process: SimProcess, scene: Scene) => number): Strike =>
  (scene) => {
    const process = anyProcess(scene)
    if (!process.running) return false
    scene.encounters.struck(kind, harm(process, scene))
    return true
  }

export const processFaults: Readonly<Record<(typeof faultKinds.process)[number], Strike>> = {
  kill: toRunning('kill', (process) => {
    process.crash('kill')
    return 0
  }),
  'power failure': toRunning('power failure', (process) => {
    process.crash('power')
    return 0
  }),
  stop: toRunning('stop', (process) => {
    process.stop()
    return 0
  }),
  pause: toRunning('pause', (process, { random }) => {
    const forMs = 200 + random.below(3_000)
    process.pause(forMs)
    return forMs
  }),
  'clock drift': (scene) => {
    const process = anyProcess(scene)
    const rate = 1 + (scene.random.unit() * 2 - 1) * clockDriftMax
    const forMs = 1_000 + scene.random.below(5_000)
    scene.trace.note(`n${process.id}'s clock runs at ${rate.toFixed(3)}`)
    process.clock.runAt(rate)
    const over = scene.encounters.struck('clock drift', forMs)
    scene.lasts(forMs, () => {
      process.clock.runAt(1)
      over()
    })
    return true
  },
  'wall jump': (scene) => {
    const process = anyProcess(scene)
    const byMs = Math.round((scene.random.unit() - 0.5) * 20_000)
    scene.trace.note(`n${process.id}'s wall clock jumps by ${byMs} ms`)
    process.clock.jumpWall(byMs)
    scene.encounters.struck('wall jump')
    return true
  },
  /** As when a machine was suspended: longer than an election timeout, or it would be a drift. */
  'monotonic jump': (scene) => {
    const process = anyProcess(scene)
    const byMs = 1_200 + scene.random.below(20_000)
    scene.trace.note(`n${process.id}'s monotonic clock jumps by ${byMs} ms`)
    process.clock.jump(byMs)
    scene.encounters.struck('monotonic jump')
    return true
  },
}
