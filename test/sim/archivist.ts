import { type SavingContext, savedState } from '../../keeper/src/api/snapshot-service.js'
import type { Random } from '../../keeper/src/base/random.js'
import { decodeSnapshot, type SnapshotHeader } from '../../keeper/src/node/snapshot-format.js'
import { createStore } from '../../keeper/src/store/store.js'
import type { StateReader } from '../../keeper/src/store/types.js'
import type { Keepers } from './keepers.js'
import { unlessDefect } from './operator.js'
import type { SimProcess } from './process.js'
import { pick } from './swarm.js'
import { Violation } from './trace.js'

export interface ArchivistParts {
  readonly keepers: Keepers
  readonly random: Random
  /** The pause between two files is at most twice that; undefined: none are made. */
  readonly everyMs: number | undefined
  /** Revisions up to which writes are acknowledged by now. */
  readonly acknowledged: () => Acknowledged
  readonly over: () => boolean
}

export type Acknowledged = Pick<SnapshotHeader, 'userRevision' | 'systemRevision'>

/** A file of `keeper snapshot save`. */
export interface Archive {
  readonly header: SnapshotHeader
  readonly bytes: Buffer
}

/** Somebody waits so long for a file. */
const patienceMs = 5_000
/** Only the newest are kept: a backup is seldom old. */
const kept = 5

/** Saves snapshots of the running cluster again and again, at whichever member it finds, and looks whether they are whole. */
export class Archivist {
  readonly #parts: ArchivistParts
  #saved: readonly Archive[] = []

  constructor(parts: ArchivistParts) {
    this.#parts = parts
  }

  /** The newest last. */
  get saved(): readonly Archive[] {
    return this.#saved
  }

  async run(): Promise<void> {
    const { keepers, random, everyMs, over } = this.#parts
    while (everyMs !== undefined && !over()) {
      await keepers.time.sleep(random.below(2 * everyMs))
      const process = pick(random, keepers.processes)
      const context = !over() && contextOf(process)
      if (context) await this.#save(process, context)
    }
  }

  async #save(process: SimProcess, context: SavingContext): Promise<void> {
    const { keepers, acknowledged } = this.#parts
    const least = acknowledged()
    const { storeEpoch } = keepers
    const saving = bytesOf(context).catch(unlessDefect)
    // one that dies meanwhile never answers
    const bytes = await Promise.race([saving, keepers.time.sleep(patienceMs).then(() => false as const)])
    if (!bytes || keepers.storeEpoch !== storeEpoch) return
    const { header } = await decodeSnapshot(piecesOf(bytes))
    keepers.trace.note(`n${process.id} saved a snapshot of ${header.index}, r${header.userRevision}`)
    for (const which of ['userRevision', 'systemRevision'] as const)
      if (header[which] < least[which])
        throw new Violation('saved', `${which} ${header[which]}, acknowledged before were ${least[which]}`)
    await this.#examine(process.id, { header, bytes })
    this.#saved = [...this.#saved, { header, bytes }].slice(-kept)
  }

  /** It holds just what all members had when they stood at its entry. */
  async #examine(id: number, { header, bytes }: Archive): Promise<void> {
    const store = createStore({ reader: nowhere })
    await store.load(header.index, header.term, await recordsOf(bytes))
    const revisions = { userRevision: store.revision('user'), systemRevision: store.revision('system') }
    for (const which of ['userRevision', 'systemRevision'] as const)
      if (header[which] !== revisions[which])
        throw new Violation('saved', `${which} ${header[which]} in its header, ${revisions[which]} in its records`)
    this.#parts.keepers.raft.stands(id, header.index, store.hash())
  }
}

/** The state in a file. */
export async function recordsOf(bytes: Buffer): Promise<AsyncIterable<{ key: Uint8Array; value: Uint8Array }>> {
  return (await decodeSnapshot(piecesOf(bytes))).records
}

function contextOf({ member, clock, name, owner }: SimProcess): SavingContext | undefined {
  if (!member || !owner) return undefined
  return { member, memberName: name, clock: clock.for(owner), version: 'sim' }
}

async function bytesOf(context: SavingContext): Promise<Buffer> {
  const pieces: Buffer[] = []
  for await (const { bytes } of savedState(context)) pieces.push(bytes)
  return Buffer.concat(pieces)
}

async function* piecesOf(bytes: Buffer): AsyncGenerator<Buffer> {
  yield bytes
}

/** History, which nobody asks for here. */
const nowhere: StateReader = {
  generation: 0,
  getSync: () => undefined,
  get: async () => undefined,
  async *iterate() {},
}
