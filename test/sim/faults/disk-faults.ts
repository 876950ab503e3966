import type { RestFault, WriteFault } from '../disk/faults.js'
import type { faultKinds } from '../fault-kinds.js'
import { pick } from '../swarm.js'
import { anyProcess, type Strike } from './scene.js'

/** A write will fail: counted when it does. */
const nextWrite =
  (kind: WriteFault['kind']): Strike =>
  (scene) => {
    anyProcess(scene).inject({ kind, after: scene.random.below(20) })
    return true
  }

/** Takes something off a disk: counted when it is missed, at the next start. */
const damage =
  (...faults: readonly RestFault[]): Strike =>
  (scene) => {
    const process = anyProcess(scene)
    if (!scene.mayDamage(process)) return false
    const fault = pick(scene.random, faults)
    if (!process.mayLose(fault)) return false
    process.damage(fault)
    return true
  }

export const diskFaults: Readonly<Record<(typeof faultKinds.disk)[number], Strike>> = {
  'write error': nextWrite('write-error'),
  'sync error': nextWrite('sync-error'),
  'power failure in a write': nextWrite('crash'),
  'full disk': (scene) => {
    const process = anyProcess(scene)
    const forMs = 200 + scene.random.below(2_500)
    // nothing; less than the ballast; enough for the log alone; hardly enough
    process.leaveSpace(pick(scene.random, [0, 0, 2 ** 20, 16 * 2 ** 20, 64 * 2 ** 20]))
    const over = scene.encounters.struck('full disk', forMs)
    scene.lasts(forMs, () => {
      process.leaveSpace(2 ** 40)
      over()
    })
    return true
  },
  'slow disk': (scene) => {
    const process = anyProcess(scene)
    const forMs = 300 + scene.random.below(3_000)
    process.diskSlowness = pick(scene.random, [5, 20, 60])
    scene.trace.note(`n${process.id}'s disk is ${process.diskSlowness} times slower for ${forMs} ms`)
    const over = scene.encounters.struck('slow disk', forMs)
    scene.lasts(forMs, () => {
      process.diskSlowness = 1
      over()
    })
    return true
  },
  'lost wal': damage({ kind: 'lost-wal', place: 'state' }),
  'dropped records': damage({ kind: 'dropped-records', place: 'log' }, { kind: 'dropped-records', place: 'state' }),
  'torn tail': damage({ kind: 'torn-tail', place: 'log', count: 3 }, { kind: 'torn-tail', place: 'state' }),
  'bit flip': damage(
    { kind: 'bit-flip', place: 'log' },
    { kind: 'bit-flip', place: 'state' },
    { kind: 'bit-flip', place: 'mark' },
    { kind: 'bit-flip', place: 'side' },
  ),
  'unreadable table': damage({ kind: 'unreadable', place: 'state' }),
  'missing table': damage({ kind: 'missing-table', place: 'state' }),
  'damaged segment': damage(
    { kind: 'lost-segment', place: 'log' },
    { kind: 'cut-segment', place: 'log' },
    { kind: 'zeroed-page', place: 'log' },
    { kind: 'stale-segment', place: 'log' },
  ),
  'missing file': damage({ kind: 'missing-file', place: 'side' }, { kind: 'missing-file', place: 'mark' }),
}
