import { KeeperError } from '../base/errors.js'
import type { Random } from '../base/random.js'
import type { Member } from '../node/types.js'
import type { MemberRecord } from '../store/records.js'
import { foundingRecord, readMember, viewMembers, writeMember } from './member-book.js'
import { expectSafeToAdd, expectSafeToPromote, expectSafeToRemove } from './member-rules.js'
import type { FoundingMember, MemberAddition, MemberView } from './member-types.js'

export interface MemberChangesOptions {
  readonly member: Member
  readonly random: Random
  readonly founders: readonly FoundingMember[]
}

/**
 * What the leader does about the membership; one after the other. What is wanted goes into the member's record before
 * anything happens, so that the next leader goes on where this one ends.
 */
export class MemberChanges {
  readonly #member: Member
  readonly #random: Random
  readonly #founders: readonly FoundingMember[]
  #turn: Promise<unknown> = Promise.resolve()

  constructor({ member, random, founders }: MemberChangesOptions) {
    this.#member = member
    this.#random = random
    this.#founders = founders
  }

  list(): MemberView[] {
    return viewMembers(this.#member, this.#founders)
  }

  /** Gives the new member's id. Rejects E_MEMBER_EXISTS, E_QUORUM_AT_RISK, and what Member.changeMembership does. */
  add(addition: MemberAddition): Promise<number> {
    return this.#inTurn(async (term) => {
      const members = this.list()
      expectFree(members, addition)
      if (!addition.learner) expectSafeToAdd(members)
      const { name, peer, learner } = addition
      const id = this.#newId()
      const fresh = foundingRecord({ id, name, peer, folder: '' })
      await this.#want({ ...fresh, wanted: learner ? 'learner' : 'voter' }, term)
      await this.#change('addLearnerNode', id)
      return id
    })
  }

  /** Makes a learner a voter. Rejects E_NOT_FOUND, E_MEMBER_LAGS, E_QUORUM_AT_RISK. */
  promote(name: string): Promise<number> {
    return this.#inTurn(async (term) => {
      const members = this.list()
      const found = memberNamed(members, name)
      if (found.voter) return found.id
      if (!found.joined) throw new KeeperError('E_MEMBER_LAGS', `${name} has not joined yet: start it with --join`)
      expectSafeToPromote(members, found, name)
      await this.#wantOf(found, 'voter', term)
      await this.#change('addNode', found.id)
      return found.id
    })
  }

  /** Rejects E_NOT_FOUND, E_QUORUM_AT_RISK unless forced; E_NOT_LEADER when it was this member: it handed over first. */
  remove(name: string, force: boolean): Promise<number> {
    return this.#inTurn(async (term) => {
      const members = this.list()
      const found = memberNamed(members, name)
      const voters = members.filter(({ voter }) => voter)
      if (found.voter && voters.length === 1)
        throw new KeeperError('E_QUORUM_AT_RISK', `${name} is the only voter: without it there is no cluster`)
      if (!force) expectSafeToRemove(members, found, name)
      if (found.leads) {
        await this.#member.transferLeadership()
        throw new KeeperError('E_NOT_LEADER', `${name} handed over first`)
      }
      await this.#wantOf(found, 'removed', term)
      if (takesPart(this.#member, found.id)) await this.#change('removeNode', found.id)
      return found.id
    })
  }

  /** Resolves with who leads then. */
  transfer(name: string): Promise<number> {
    return this.#inTurn(async () => {
      if (name === '') return await this.#member.transferLeadership()
      return await this.#member.transferLeadership(memberNamed(this.list(), name).id)
    })
  }

  /** Goes on with what a leader before this one began, and makes voters of learners that have caught up and are to be. */
  async reconcile(): Promise<void> {
    if (unfinished(this.list()).length === 0) return
    await this.#inTurn(async () => {
      for (const { id, type } of unfinished(this.list())) await this.#change(type, id)
    })
  }

  /** One at a time, each with the term in which it is decided. */
  #inTurn<T>(work: (term: number) => Promise<T>): Promise<T> {
    const done = this.#turn.then(async () => {
      const { role, term } = this.#member.status()
      if (role !== 'leader') throw new KeeperError('E_NOT_LEADER', 'this member does not lead')
      // what is decided upon must be all that was acknowledged
      await this.#member.linearizableRead()
      return await work(term)
    })
    this.#turn = done.catch(() => {})
    return done
  }

  #change(type: ChangeType, id: number): Promise<void> {
    return this.#member.changeMembership({ transition: 'auto', changes: [{ type, id }] })
  }

  async #wantOf({ id, name, peer }: MemberView, wanted: MemberRecord['wanted'], term: number): Promise<void> {
    const record = readMember(this.#member.store, id)?.record ?? foundingRecord({ id, name, peer, folder: '' })
    await this.#want({ ...record, ...(wanted && { wanted }) }, term)
  }

  async #want(record: MemberRecord, term: number): Promise<void> {
    const read = readMember(this.#member.store, record.id)
    if (read?.record.wanted === record.wanted && read !== undefined) return
    if (!(await writeMember(this.#member, record, read, term)))
      throw new KeeperError('E_CONFLICT', `the record of ${record.name} was written meanwhile, or leadership changed`)
  }

  /** Never one that was used: the log of a cluster may still speak of it. */
  #newId(): number {
    for (;;) {
      const id = Number.parseInt(Buffer.from(this.#random.bytes(6)).toString('hex'), 16)
      if (id !== 0 && !readMember(this.#member.store, id) && !takesPart(this.#member, id)) return id
    }
  }
}

type ChangeType = 'addNode' | 'addLearnerNode' | 'removeNode'

/** What the records want, and the configuration has not. */
function unfinished(members: readonly MemberView[]): { id: number; type: ChangeType }[] {
  return members.flatMap((one) => {
    const type = nextStep(members, one)
    return type ? [{ id: one.id, type }] : []
  })
}

function nextStep(members: readonly MemberView[], one: MemberView): ChangeType | undefined {
  if (one.wanted === '') return undefined
  // one that leads does so until the others know it
  if (one.wanted === 'removed') return one.takesPart ? 'removeNode' : undefined
  if (!one.takesPart) return 'addLearnerNode'
  return one.wanted === 'voter' && !one.voter && isFit(members, one) ? 'addNode' : undefined
}

const takesPart = (member: Member, id: number): boolean => member.memberList().some((entry) => entry.id === id)

/** Throws E_NOT_FOUND. */
export function memberNamed(members: readonly MemberView[], name: string): MemberView {
  const found = members.find((one) => one.name === name)
  if (found) return found
  const names = members.map((one) => one.name).join(', ')
  throw new KeeperError('E_NOT_FOUND', `no member ${name}; there are ${names}`)
}

function expectFree(members: readonly MemberView[], { name, peer }: MemberAddition): void {
  const twin = members.find((one) => one.name === name)
  if (twin) throw new KeeperError('E_MEMBER_EXISTS', `there is a member ${name} already, at ${twin.peer}`)
  const neighbour = members.find((one) => one.peer === peer)
  if (neighbour) throw new KeeperError('E_MEMBER_EXISTS', `${peer} is the peer address of ${neighbour.name}`)
}

function isFit(members: readonly MemberView[], learner: MemberView): boolean {
  try {
    expectSafeToPromote(members, learner, learner.name)
    return true
  } catch {
    return false
  }
}
