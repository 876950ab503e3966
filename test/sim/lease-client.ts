import { encodeText } from '../../keeper/src/base/codec.js'
import type { Command, CommandBody, CommandResult } from '../../keeper/src/store/types.js'
import { anyOf, askOnce, type ClientParts, insist } from './asking.js'
import { fenceKey, fenceValue } from './checkers/fencing.js'
import { type HolderChecker, heldShare } from './checkers/holders.js'
import type { LeaseChecker } from './checkers/leases.js'
import { putOf } from './put-of.js'
import { Violation } from './trace.js'

const sessionBase = 7_000n
const leaseBase = 1_000_000n

export interface LeaseClientParts extends ClientParts {
  readonly checker: LeaseChecker
  readonly holders: HolderChecker
}

/** One that holds a lease, and with luck the lock on it, renews it for a while, and then gives it up, forgets it, or lives on; and a controller. */
export class LeaseClient {
  readonly #parts: LeaseClientParts
  #sequence = 0
  #leases = 0
  doing = 'nothing yet'

  constructor(parts: LeaseClientParts) {
    this.#parts = parts
  }

  async run(): Promise<void> {
    const { time, random, over } = this.#parts
    while (!over()) {
      await this.#hold()
      await time.sleep(random.below(100))
    }
    this.doing = 'nothing any more'
  }

  async #hold(): Promise<void> {
    const { time, random, checker, holders, number, over } = this.#parts
    const id = leaseBase * BigInt(number) + BigInt(++this.#leases)
    const ttlSeconds = 1 + random.below(3)
    this.doing = `grant of lease ${id}`
    const askedAt = time.now
    const granted = await this.#propose({ kind: 'leaseGrant', keyspace: 'user', id, ttlSeconds })
    if (!granted.ok) throw new Violation('client', `lease ${id} was refused: ${granted.code}`)
    checker.granted(id, ttlSeconds, askedAt)
    let renewedAt = askedAt
    const heldUntil = () => renewedAt + ttlSeconds * 1_000 * heldShare
    const token = await this.#tryLock(id)
    if (token !== undefined) holders.holds(number, token, heldUntil())
    for (let beats = random.below(12); beats > 0 && !over(); beats--) {
      await time.sleep((ttlSeconds * 1_000) / 4)
      renewedAt = (await this.#renew(id)) ?? renewedAt
      holders.keeps(number, heldUntil())
      if (random.unit() < 0.3) await this.#control()
    }
    if (random.unit() < 0.5) return await time.sleep(Math.max(0, heldUntil() - time.now))
    holders.ends(number)
    checker.released(id)
    this.doing = `revocation of lease ${id}`
    await this.#propose({ kind: 'leaseRevoke', keyspace: 'user', id })
  }

  /** The lock's token, if it was free. */
  async #tryLock(lease: bigint): Promise<number | undefined> {
    this.doing = `lock with lease ${lease}`
    const free = { target: 'version', key: encodeText('lock'), comparison: 'equal', operand: 0 } as const
    const put = putOf('lock', `${lease}`, lease)
    const txn = { compares: [free], success: [put], failure: [] }
    // refused when the lease ran out meanwhile
    const result = await this.#propose({ kind: 'txn', keyspace: 'user', txn })
    return result.ok && result.succeeded ? result.revision : undefined
  }

  /** When it was asked for, if it was confirmed. */
  async #renew(id: bigint): Promise<number | undefined> {
    const { time, trace, checker } = this.#parts
    const askedAt = time.now
    this.doing = `renewal of lease ${id}`
    const answer = await askOnce(this.#parts, anyOf(this.#parts), (member) => member.renewLeases('user', [id]))
    if (answer !== 'none' && answer.value.length > 0) checker.refused(id)
    if (answer === 'none' || answer.value.length > 0) return undefined
    trace.note(`lease ${id} renewed`)
    checker.renewed(id, askedAt)
    return askedAt
  }

  /** What a controller does: writes as long as its term lasts. */
  async #control(): Promise<void> {
    const leader = this.#parts.processes.find(({ member }) => member?.status().role === 'leader')
    if (!leader?.member) return
    const { term } = leader.member.status()
    const put = putOf(encodeText(fenceKey), fenceValue(term, ++this.#sequence))
    const txn = { compares: [{ target: 'term', term }], success: [put], failure: [] } as const
    this.doing = 'a write as controller'
    await askOnce(this.#parts, leader, (member) =>
      member.propose({ principal: 'controller', body: { kind: 'txn', keyspace: 'user', txn } }),
    )
  }

  #propose(body: CommandBody): Promise<CommandResult> {
    const sequence = ++this.#sequence
    const requestId = { session: sessionBase + BigInt(this.#parts.number), sequence, lowWater: sequence }
    const command: Command = { principal: 'leases', requestId, body }
    return insist(this.#parts, (member) => member.propose(command))
  }
}
