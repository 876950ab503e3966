import type { Fault } from './disk/faults.js'

/** Every kind of harm there is, by the part of the world that it strikes. */
export const faultKinds = {
  network: [
    'loss',
    'delay',
    'reorder',
    'duplicate',
    'one-way cut',
    'isolation',
    'split',
    'partial cut',
    'bridge',
    'broken connection',
  ],
  process: ['kill', 'power failure', 'stop', 'pause', 'clock drift', 'wall jump', 'monotonic jump'],
  // the first five strike what is written, the rest what was written
  disk: [
    'write error',
    'full disk',
    'sync error',
    'slow disk',
    'power failure in a write',
    'lost wal',
    'dropped records',
    'torn tail',
    'bit flip',
    'unreadable table',
    'missing table',
    'damaged segment',
    'missing file',
  ],
  client: ['broken stream', 'stalled stream', 'restarted client'],
} as const

export type FaultKind = (typeof faultKinds)[keyof typeof faultKinds][number]

export const allFaultKinds: readonly FaultKind[] = Object.values(faultKinds).flat()

/** What a fault of the disk counts as. */
export const kindOf: Readonly<Record<Fault['kind'], FaultKind>> = {
  'write-error': 'write error',
  'no-space': 'full disk',
  'sync-error': 'sync error',
  crash: 'power failure in a write',
  'lost-wal': 'lost wal',
  'dropped-records': 'dropped records',
  'torn-tail': 'torn tail',
  'bit-flip': 'bit flip',
  unreadable: 'unreadable table',
  'missing-table': 'missing table',
  'lost-segment': 'damaged segment',
  'cut-segment': 'damaged segment',
  'zeroed-page': 'damaged segment',
  'stale-segment': 'damaged segment',
  'missing-file': 'missing file',
}
