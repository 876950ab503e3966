import { afterEach, describe, expect, test } from 'vitest'
import { systemClock } from '../base/clock.js'
import { KeeperError } from '../base/errors.js'
import { silentLogger } from '../base/logger.js'
import { systemRandom } from '../base/random.js'
import { idOf, LocalCluster, put, soon, valueAt } from '../node/testing/local-cluster.js'
import type { StartedMember } from '../node/types.js'
import { CLUSTER_VERSION } from '../store/cluster-version.js'
import { readMember, writeMember } from './member-book.js'
import type { JoinAnswer, MemberView } from './member-types.js'
import { Members } from './members.js'

/** Members of one process with their books. */
class House {
  readonly cluster: LocalCluster
  readonly books = new Map<number, Members>()
  readonly formats = new Map<number, number>()

  private constructor(cluster: LocalCluster) {
    this.cluster = cluster
  }

  static async begin(founders: number): Promise<House> {
    const house = new House(await LocalCluster.begin(founders))
    for (const [id, member] of house.cluster.members) house.keep(id, member)
    await house.cluster.leader()
    return house
  }

  keep(id: number, member: StartedMember, name = `n${id}`): Members {
    const own = () => ({
      ...{ name, folder: `folder-${name}`, peer: `${name}:7401`, clients: [`${name}:7400`], version: '0.1.0' },
      ...{ format: this.formats.get(id) ?? 1, features: 0 },
    })
    const founders = this.cluster.founders.map((one) => ({
      ...{ id: one, name: `n${one}`, peer: `n${one}:7401`, folder: `folder-n${one}` },
    }))
    const parts = { member, clock: systemClock, random: systemRandom, logger: silentLogger }
    const members = new Members({ ...parts, own, founders, intervalMs: 20 })
    this.books.set(id, members)
    members.start()
    return members
  }

  /** What `keeper serve --join` does. */
  async join(name: string, folder = `folder-${name}`): Promise<JoinAnswer> {
    const answer = await this.any().join({ name, folder, format: 1 })
    this.keep(answer.id, await this.cluster.start(answer.id), name)
    return answer
  }

  any(): Members {
    return [...this.books.values()][0] as Members
  }

  async follower(): Promise<Members> {
    return this.books.get(idOf(await this.cluster.follower())) as Members
  }

  async crash(id: number): Promise<void> {
    await this.books.get(id)?.close()
    this.books.delete(id)
    await this.cluster.stop(id)
  }

  async end(): Promise<void> {
    await Promise.all([...this.books.values()].map((members) => members.close()))
    await this.cluster.end()
  }
}

let house: House | undefined
afterEach(async () => {
  await house?.end()
  house = undefined
})

const named = (members: readonly MemberView[], name: string) => members.find((one) => one.name === name)
const addition = (name: string, learner = false) => ({ name, peer: `${name}:7401`, learner })

describe('the address book', () => {
  test('has a record of each member, kept current by itself; the cluster has the least version of all', async () => {
    house = await House.begin(3)
    house.formats.set(2, CLUSTER_VERSION).set(3, CLUSTER_VERSION)
    const { store } = await house.cluster.leader()
    await soon(() => [2, 3].every((id) => readMember(store, id)?.record.format === CLUSTER_VERSION))
    await soon(() => store.clusterVersion() === 1)
    expect(readMember(store, 1)?.record).toMatchObject({ name: 'n1', clients: ['n1:7400'], folder: 'folder-n1' })
    house.formats.set(1, CLUSTER_VERSION - 1)
    await soon(() => store.clusterVersion() === CLUSTER_VERSION - 1)
  })
})

describe('adding', () => {
  test('a member, asked for at a follower: it joins as a learner and becomes a voter once it has caught up', async () => {
    house = await House.begin(1)
    const leader = await house.cluster.leader()
    await leader.propose(put('k', 'v'))
    await house.any().add(addition('n2'))
    expect(named(await house.any().list(), 'n2')).toMatchObject({ voter: false, joined: false, wanted: 'voter' })
    const answer = await house.join('n2')
    expect(answer).toMatchObject({ learner: true, lostDisk: false, clusterId: 'c1', founders: [{ name: 'n1' }] })
    await soon(() => leader.memberList().every(({ voter }) => voter) && leader.memberList().length === 2)
    await (await house.follower()).add(addition('n3'))
    const third = await house.join('n3')
    await soon(() => leader.memberList().filter(({ voter }) => voter).length === 3)
    await soon(() => valueAt(house?.cluster.members.get(third.id) as StartedMember, 'k') === 'v')
  })

  test('a learner that stays one; it is promoted when asked, not before it has caught up', async () => {
    house = await House.begin(1)
    await house.any().add(addition('n2', true))
    await expect(house.any().promote('n2')).rejects.toMatchObject({ code: 'E_MEMBER_LAGS' })
    const { id } = await house.join('n2')
    const leader = await house.cluster.leader()
    await soon(() => leader.memberList().find((one) => one.id === id && one.lag === 0))
    expect(named(await house.any().list(), 'n2')).toMatchObject({ voter: false, wanted: 'learner' })
    await house.any().promote('n2')
    expect(named(await house.any().list(), 'n2')?.voter).toBe(true)
    house.cluster.cut.add(id)
  })

  test('refuses a name or an address that is taken, and a voter more while one is away', async () => {
    house = await House.begin(3)
    await expect(house.any().add(addition('n2'))).rejects.toMatchObject({ code: 'E_MEMBER_EXISTS' })
    await expect(house.any().add({ ...addition('n4'), peer: 'n1:7401' })).rejects.toMatchObject({
      code: 'E_MEMBER_EXISTS',
    })
    const [leader, away] = [await house.cluster.leader(), await house.cluster.follower()]
    house.cluster.cut.add(idOf(away))
    await soon(() => leader.memberList().find(({ id, active }) => id === idOf(away) && !active))
    const book = house.books.get(idOf(leader)) as Members
    await expect(book.add(addition('n4'))).rejects.toMatchObject({ code: 'E_QUORUM_AT_RISK' })
    expect(named((await book.add(addition('n4', true))).members, 'n4')?.wanted).toBe('learner')
  })
})

describe('joining', () => {
  test('needs a name that was added, of which the folder is the first', async () => {
    house = await House.begin(1)
    await expect(house.any().join({ name: 'n9', folder: 'f', format: 1 })).rejects.toMatchObject({
      code: 'E_MEMBER_UNKNOWN',
    })
    await house.any().add(addition('n2', true))
    const { id } = await house.join('n2')
    expect((await house.any().join({ name: 'n2', folder: 'folder-n2', format: 1 })).id).toBe(id)
    const leader = await house.cluster.leader()
    await soon(() => leader.memberList().find((one) => one.id === id && one.active))
    const other = { name: 'n2', folder: 'another', format: 1 }
    await expect(house.any().join(other)).rejects.toMatchObject({ code: 'E_MEMBER_DUPLICATE' })
    await house.crash(id)
    await soon(() => leader.memberList().find((one) => one.id === id && !one.active))
    expect(await house.any().join(other)).toMatchObject({ id, lostDisk: true })
  })

  test('needs a program that understands what the cluster does', async () => {
    house = await House.begin(1)
    house.formats.set(1, CLUSTER_VERSION)
    const { store } = await house.cluster.leader()
    await soon(() => store.clusterVersion() === CLUSTER_VERSION)
    await house.any().add(addition('n2', true))
    const old = { name: 'n2', folder: 'f', format: CLUSTER_VERSION - 1 }
    await expect(house.any().join(old)).rejects.toMatchObject({ code: 'E_UNSUPPORTED' })
  })
})

describe('removing', () => {
  test('the leader: it hands over first, and learns that it was removed', async () => {
    house = await House.begin(3)
    const leader = await house.cluster.leader()
    const gone = idOf(leader)
    const { members } = await (await house.follower()).remove(`n${gone}`, false)
    expect(members.map(({ id }) => id)).not.toContain(gone)
    await leader.halted
    expect(leader.failure()?.code).toBe('E_MEMBER_REMOVED')
    expect((await house.cluster.leader()).memberList()).toHaveLength(2)
  })

  test('refuses what would lose the quorum, unless forced, and never the last voter', async () => {
    house = await House.begin(3)
    const [leader, away] = [await house.cluster.leader(), await house.cluster.follower()]
    const third = [1, 2, 3].find((id) => id !== idOf(leader) && id !== idOf(away)) as number
    house.cluster.cut.add(idOf(away))
    await soon(() => leader.memberList().find(({ id, active }) => id === idOf(away) && !active))
    const book = house.books.get(idOf(leader)) as Members
    await expect(book.remove(`n${third}`, false)).rejects.toMatchObject({ code: 'E_QUORUM_AT_RISK' })
    await expect(book.remove('n9', false)).rejects.toMatchObject({ code: 'E_NOT_FOUND' })
    await book.remove(`n${idOf(away)}`, false)
    await book.remove(`n${third}`, false)
    await expect(book.remove(`n${idOf(leader)}`, true)).rejects.toMatchObject({ code: 'E_QUORUM_AT_RISK' })
  })

  test('a dead member is replaced under its own name, by another id', async () => {
    house = await House.begin(3)
    const leader = await house.cluster.leader()
    const dead = idOf(await house.cluster.follower())
    await house.crash(dead)
    const book = house.books.get(idOf(leader)) as Members
    await soon(() => leader.memberList().find(({ id, active }) => id === dead && !active))
    await book.remove(`n${dead}`, false)
    await book.add(addition(`n${dead}`))
    const { id } = await house.join(`n${dead}`, 'new-folder')
    expect(id).not.toBe(dead)
    await soon(() => leader.memberList().filter(({ voter }) => voter).length === 3)
  })
})

test('a leader that died between its word and its deed leaves the deed to the next', async () => {
  house = await House.begin(3)
  const leader = await house.cluster.leader()
  const book = house.books.get(idOf(leader)) as Members
  // the word alone: the record is written, the configuration is not changed
  const died = new KeeperError('E_UNCERTAIN', 'died')
  Object.assign(leader, { changeMembership: () => Promise.reject(died) })
  await expect(book.add(addition('n4', true))).rejects.toBe(died)
  const follower = await house.cluster.follower()
  await soon(() => book.known().find(({ name, takesPart }) => name === 'n4' && !takesPart))
  await leader.transferLeadership(idOf(follower))
  await soon(() => follower.memberList().length === 4)
})

test('a member whose record wants it removed goes, though it leads by the time somebody looks', async () => {
  house = await House.begin(3)
  const leader = await house.cluster.leader()
  const id = idOf(leader)
  const read = await soon(() => readMember(leader.store, id))
  // the word of a leader before this one, which fell between the word and the deed
  expect(await writeMember(leader, { ...read.record, wanted: 'removed' }, read)).toBe(true)
  await leader.halted
  expect(leader.failure()?.code).toBe('E_MEMBER_REMOVED')
  expect((await house.cluster.leader()).memberList().map((one) => one.id)).not.toContain(id)
})

test('a question that waits for a leader ends with a word when the keeper stops', async () => {
  house = await House.begin(3)
  const alone = await house.cluster.follower()
  const book = house.books.get(idOf(alone)) as Members
  house.cluster.cut.add(idOf(alone))
  await soon(() => alone.status().leader === 0)
  const refused = expect(book.list()).rejects.toMatchObject({ code: 'E_STOPPED' })
  await book.close()
  await refused
})

test('many questions that wait for a leader wait together: each asks again, and none stays behind', async () => {
  house = await House.begin(3)
  const alone = await house.cluster.follower()
  const book = house.books.get(idOf(alone)) as Members
  const warnings: Error[] = []
  const warned = (warning: Error) => warnings.push(warning)
  process.on('warning', warned)
  house.cluster.cut.add(idOf(alone))
  await soon(() => alone.status().leader === 0)
  const asked = Array.from({ length: 20 }, () => book.list())
  // process.emitWarning comes a turn later
  await new Promise((resolve) => setImmediate(resolve))
  house.cluster.cut.delete(idOf(alone))
  const answers = await Promise.all(asked)
  process.off('warning', warned)
  expect(answers.map((members) => members.length)).toEqual(asked.map(() => 3))
  expect(warnings.map(({ name }) => name)).not.toContain('MaxListenersExceededWarning')
})
