import type { MemberId } from '../raft/types.js'
import type { Keyspace } from '../store/types.js'

type PerKeyspace<T> = Readonly<Record<Keyspace, T>>

/**
 * Which member brought a lease's last renewal: the one that its owner has a stream to. When that one falls silent, its
 * owners are on their way to another.
 */
export class Renewers {
  readonly #isAlive: (member: MemberId) => boolean
  readonly #by: PerKeyspace<Map<bigint, MemberId>> = { user: new Map(), system: new Map() }
  readonly #alive = new Set<MemberId>()

  constructor(isAlive: (member: MemberId) => boolean) {
    this.#isAlive = isAlive
  }

  note(keyspace: Keyspace, lease: bigint, member: MemberId): void {
    this.#by[keyspace].set(lease, member)
    this.#alive.add(member)
  }

  forget(keyspace: Keyspace, lease: bigint): void {
    this.#by[keyspace].delete(lease)
  }

  clear(): void {
    this.#by.user.clear()
    this.#by.system.clear()
    this.#alive.clear()
  }

  /** Leases whose member has fallen silent since the last call, each told once. */
  *orphaned(): Iterable<readonly [Keyspace, bigint]> {
    for (const member of this.#alive) {
      if (this.#isAlive(member)) continue
      this.#alive.delete(member)
      for (const keyspace of ['user', 'system'] as const)
        for (const [lease, by] of this.#by[keyspace]) if (by === member) yield [keyspace, lease]
    }
  }
}
