/** The members of the cluster as the log has them: what they are called, and where clients reach them. */

import { DEFAULT_NAMESPACE, decodeRecord, type MemberRecord, recordRange } from '../store/records.js'
import type { StoreReader } from '../store/types.js'

export class AddressBook {
  readonly #store: StoreReader
  readonly #ownId: number
  #records: readonly MemberRecord[] | undefined

  constructor(store: StoreReader, ownId: number) {
    this.#store = store
    this.#ownId = ownId
  }

  /** Client addresses of all members, this one among them. */
  all(): string[] {
    return this.#members().flatMap((member) => member.clients)
  }

  /** Client addresses of the other members. */
  others(): string[] {
    return this.otherMembers().flatMap((member) => member.clients)
  }

  otherMembers(): readonly MemberRecord[] {
    return this.#members().filter((member) => member.id !== this.#ownId)
  }

  /** What a member is called; its id where it has no name yet. */
  nameOf(id: number): string {
    return this.#members().find((member) => member.id === id)?.name || String(id)
  }

  /** A member record changed: read them again when they are asked for. */
  changed(): void {
    this.#records = undefined
  }

  #members(): readonly MemberRecord[] {
    this.#records ??= this.#read()
    return this.#records
  }

  #read(): readonly MemberRecord[] {
    const range = {
      ...recordRange(DEFAULT_NAMESPACE, 'member'),
      limit: 0,
      revision: 0,
      keysOnly: false,
      countOnly: false,
    }
    const all = this.#store.range('system', range).kvs.map((kv) => decodeRecord('member', kv.value))
    return all.filter((member) => member.wanted !== 'removed')
  }
}
