import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { vi } from 'vitest'
import { systemClock } from '../../base/clock.js'
import { encodeText } from '../../base/codec.js'
import { silentLogger } from '../../base/logger.js'
import { systemRandom } from '../../base/random.js'
import { LevelDisk } from '../../storage/level-disk.js'
import { openMemberDisk } from '../../storage/member-disk.js'
import type { Command } from '../../store/types.js'
import { LocalNetwork } from '../../transport/local-network.js'
import { startMember } from '../member.js'
import type { MemberOptions } from '../options.js'
import type { StartedMember } from '../types.js'

/** A user's write. */
export const put = (key: string, value: string): Command => ({
  principal: 'test',
  body: {
    kind: 'txn',
    keyspace: 'user',
    txn: {
      compares: [],
      success: [
        {
          kind: 'put',
          key: encodeText(key),
          value: encodeText(value),
          lease: 0n,
          revisionSuffix: false,
          prevKv: false,
          ignoreValue: false,
          ignoreLease: false,
        },
      ],
      failure: [],
    },
  },
})

export const valueAt = (member: StartedMember, key: string): string | undefined =>
  member.store.get('user', encodeText(key))?.value.toString()

/** Resolves with what `look` gives once it does not throw nor give undefined. */
export const soon = <T>(look: () => T | undefined): Promise<T> =>
  vi.waitFor(
    () => {
      const found = look()
      if (found === undefined || found === false) throw new Error('not yet')
      return found
    },
    { timeout: 20_000, interval: 5 },
  )

/** Members in one process, on real data folders, over a network that can be cut. Member i is named `ni`. */
export class LocalCluster {
  readonly founders: readonly number[]
  readonly members = new Map<number, StartedMember>()
  /** Members that nothing reaches and that reach nobody. */
  readonly cut = new Set<number>()
  readonly #folder: string
  readonly #network: LocalNetwork

  private constructor(folder: string, founders: readonly number[]) {
    this.#folder = folder
    this.founders = founders
    this.#network = new LocalNetwork(({ from, to }, deliver, lost) => {
      setImmediate(() => (this.cut.has(from) || this.cut.has(to) ? lost() : deliver()))
    })
  }

  static async begin(founders: number, options: Partial<MemberOptions> = {}): Promise<LocalCluster> {
    const folder = await mkdtemp(join(tmpdir(), 'keeper-cluster-'))
    const cluster = new LocalCluster(
      folder,
      Array.from({ length: founders }, (_, at) => at + 1),
    )
    await Promise.all(cluster.founders.map((id) => cluster.start(id, options)))
    return cluster
  }

  async start(id: number, options: Partial<MemberOptions> = {}): Promise<StartedMember> {
    const identity = { clusterId: 'c1', memberId: id, memberName: `n${id}` }
    const disk = await openMemberDisk(new LevelDisk(this.folderOf(id)), { identity })
    const member = await startMember({
      disk,
      clock: systemClock,
      random: systemRandom,
      logger: silentLogger,
      voters: this.founders,
      transport: this.#network.connect(id),
      tickMs: 20,
      ...options,
    })
    this.members.set(id, member)
    return member
  }

  /** As a crash does it, but for the disk's lock. */
  async stop(id: number): Promise<void> {
    await this.members.get(id)?.stop()
    this.members.delete(id)
  }

  folderOf(id: number): string {
    return join(this.#folder, `n${id}`)
  }

  /** The one that leads by its own word and that of a majority. */
  leader(): Promise<StartedMember> {
    return soon(() => {
      const all = [...this.members.values()].filter((member) => member.status().condition === 'clean')
      const leading = all.find((member) => member.status().role === 'leader')
      const followers = all.filter((member) => member.status().leader === leading?.status().identity.memberId)
      return 2 * followers.length > all.length ? leading : undefined
    })
  }

  async follower(): Promise<StartedMember> {
    const leader = await this.leader()
    const other = [...this.members.values()].find((member) => member !== leader)
    if (!other) throw new Error('there is no follower')
    return other
  }

  async end(): Promise<void> {
    await Promise.all([...this.members.values()].map((member) => member.stop()))
    await rm(this.#folder, { recursive: true })
  }
}

export const idOf = (member: StartedMember): number => member.status().identity.memberId
