import type { MemoryStorage } from '../raft/memory-storage.js'
import type { MemberDisk } from '../storage/types.js'
import type { Flusher } from './flusher.js'
import type { Peers } from './peers.js'
import type { ReadRounds } from './reads.js'
import type { ReadyHost } from './ready-loop.js'
import type { StatePort } from './state-port.js'

export interface LoopParts extends Pick<ReadyHost, 'feed' | 'standingChanged' | 'fault' | 'nextTurn'> {
  readonly disk: MemberDisk
  readonly log: MemoryStorage
  readonly flusher: Flusher
  readonly state: StatePort
  readonly peers: Peers
  readonly reads: ReadRounds
}

/** What the Ready loop makes happen, done by the member's parts. */
export function loopHost(parts: LoopParts): ReadyHost {
  const { disk, log, flusher, state, peers, reads } = parts
  return {
    feed: parts.feed,
    persist: (entries, hardState, sync) => {
      if (!sync && !hardState) return undefined
      const durable = disk.append({ entries, ...(hardState && { hardState }) })
      if (sync) return durable
      // a commit index alone rides with the next entries
      durable.catch(parts.fault)
      return undefined
    },
    persisted: (entries, hardState) => {
      flusher.appending(entries)
      log.append(entries)
      if (hardState) log.setHardState(hardState)
    },
    install: (snapshot) => state.install(snapshot),
    send: (messages) => peers.sendRaft(messages),
    readable: () => disk.opening(),
    apply: (entries) => state.apply(entries),
    answer: (states) => {
      for (const one of states) reads.answered(one)
    },
    standingChanged: parts.standingChanged,
    fault: parts.fault,
    nextTurn: parts.nextTurn,
  }
}
