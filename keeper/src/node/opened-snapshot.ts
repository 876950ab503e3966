import { KeeperError } from '../base/errors.js'
import type { MemberDisk } from '../storage/types.js'
import type { StoreReader } from '../store/types.js'
import type { Flusher } from './flusher.js'
import type { OpenedSnapshot } from './types.js'

const attempts = 5

/** Flushes and opens what was flushed; again, when another flush came between. */
export async function openedSnapshot(disk: MemberDisk, flusher: Flusher, store: StoreReader): Promise<OpenedSnapshot> {
  for (let attempt = 0; attempt < attempts; attempt++) {
    let index = 0
    let revisions = { userRevision: 0, systemRevision: 0 }
    await flusher.flushNow(() => {
      index = store.appliedIndex
      revisions = { userRevision: store.revision('user'), systemRevision: store.revision('system') }
    })
    const view = await disk.openSnapshot()
    if (view.index === index) return { ...view, ...revisions }
    await view.records[Symbol.asyncIterator]().return?.()
  }
  throw new KeeperError('E_UNAVAILABLE', 'the state is flushed too often to be read in between')
}
