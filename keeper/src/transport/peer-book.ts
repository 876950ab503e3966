import { KeeperError } from '../base/errors.js'
import type { MemberId } from '../raft/types.js'

export interface PeerEntry {
  readonly id: MemberId
  readonly name: string
  /** Where it listens for its peers. */
  readonly peer: string
  /** Its data folder's name, where it is known. */
  readonly folder?: string
}

/** Who the members are and where they listen, from whatever said so last. */
export class PeerBook {
  readonly #entries = new Map<MemberId, PeerEntry>()

  /** Newer words about members, known or not. */
  learn(entries: readonly PeerEntry[]): void {
    for (const entry of entries) this.#entries.set(entry.id, { ...this.#entries.get(entry.id), ...entry })
  }

  forget(id: MemberId): void {
    this.#entries.delete(id)
  }

  knows(id: MemberId): boolean {
    return this.#entries.has(id)
  }

  addressOf(id: MemberId): string | undefined {
    return this.#entries.get(id)?.peer
  }

  /** Throws E_MEMBER_UNKNOWN for one that is not a member, by id or by name. */
  admit({ from, name, address }: { from: MemberId; name: string; address: string }): void {
    const entry = this.#entries.get(from)
    if (!entry) throw new KeeperError('E_MEMBER_UNKNOWN', `${name} at ${address} (${from}) is none of this cluster`)
    if (entry.name !== name)
      throw new KeeperError('E_MEMBER_DUPLICATE', `member ${from} is ${entry.name}, not ${name} at ${address}`)
  }

  /** The data folder by which the cluster knows a member that looks for it. Throws E_MEMBER_UNKNOWN. */
  folderOf({ id, name }: Record<string, unknown>): string {
    const entry = [...this.#entries.values()].find((one) => one.id === id && one.name === name)
    if (!entry) throw new KeeperError('E_MEMBER_UNKNOWN', `${String(name)} is none of this cluster`)
    return entry.folder ?? ''
  }
}
