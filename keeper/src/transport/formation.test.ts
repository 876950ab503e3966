import { afterEach, describe, expect, test } from 'vitest'
import { systemClock } from '../base/clock.js'
import { silentLogger } from '../base/logger.js'
import { seededRandom } from '../base/random.js'
import { type Formed, findCluster, formationTopic, type Seat } from './formation.js'
import { PeerBook } from './peer-book.js'
import { PeerListener } from './peer-listener.js'
import { freeAddress } from './testing/free-address.js'

const ends: (() => unknown)[] = []
afterEach(async () => {
  for (const end of ends.splice(0).reverse()) await end()
}, 5_000)

async function seatsOf(count: number): Promise<Seat[]> {
  const seats: Seat[] = []
  for (let id = 1; id <= count; id++) seats.push({ id, name: `n${id}`, peer: await freeAddress() })
  return seats
}

interface Start {
  readonly folder?: string
  readonly seats?: readonly Seat[]
  readonly name?: string
}

/** A keeper that looks for its cluster; once it found it, it tells the others, as a member does. */
class Founder {
  readonly #abort = new AbortController()
  readonly #opened: Promise<PeerListener>
  readonly found: Promise<Formed>

  constructor(seats: readonly Seat[], id: number, { folder = `f${id}`, seats: said = seats, name }: Start = {}) {
    const seat = seats[id - 1] as Seat
    const port = Number(seat.peer.split(':')[1])
    const about = { host: '127.0.0.1', port, clock: systemClock, random: seededRandom(id), logger: silentLogger }
    this.#opened = PeerListener.open(about)
    const own = { ...seat, name: name ?? seat.name, folder }
    this.found = this.#opened.then((listener) =>
      findCluster({ own, seats: said, listener, clock: systemClock, logger: silentLogger, signal: this.#abort.signal }),
    )
    this.found.catch(() => {})
    ends.push(() => this.kill())
  }

  /** From now on it is a member of the cluster that it found. */
  async enter(): Promise<Formed> {
    const formed = await this.found
    this.tell(await this.#opened, formed)
    return formed
  }

  /** The process is gone. */
  async kill(): Promise<void> {
    this.#abort.abort()
    await (await this.#opened).close()
    await this.found.catch(() => {})
  }

  tell(listener: PeerListener, { clusterId, storeEpoch, founders }: Formed): void {
    const book = new PeerBook()
    book.learn(founders)
    listener.onQuestion(formationTopic, (asking) => {
      return { state: 'formed', clusterId, storeEpoch, founders, folder: book.folderOf(asking) }
    })
  }
}

const codeOf = (promise: Promise<unknown>): Promise<string> =>
  promise.then(
    () => 'formed',
    ({ code }) => code,
  )

describe('a cluster of several', () => {
  test.each([2, 3, 5])(
    'begins once all of its %i members were heard, and is one and the same to all',
    async (count) => {
      const seats = await seatsOf(count)
      const founders = seats.map(({ id }) => new Founder(seats, id))
      const formed = await Promise.all(founders.map((founder) => founder.enter()))
      expect(new Set(formed.map(({ clusterId }) => clusterId)).size).toBe(1)
      expect(formed[0]?.founders).toEqual(seats.map((seat) => ({ ...seat, folder: `f${seat.id}` })))
      expect(formed.map(({ lostDisk }) => lostDisk)).toEqual(seats.map(() => false))
    },
  )

  test('does not begin without the last of them', async () => {
    const seats = await seatsOf(3)
    const two = [new Founder(seats, 1), new Founder(seats, 2)]
    const early = await Promise.race([...two.map(({ found }) => codeOf(found)), sleepRounds()])
    expect(early).toBe('still waiting')
    const third = new Founder(seats, 3)
    const formed = await Promise.all([...two, third].map((founder) => founder.enter()))
    expect(new Set(formed.map(({ clusterId }) => clusterId)).size).toBe(1)
  })

  test('has another name when the same members begin with other folders', async () => {
    const ids: string[] = []
    for (const folder of ['a', 'b']) {
      const seats = await seatsOf(2)
      const pair = [new Founder(seats, 1, { folder }), new Founder(seats, 2)]
      ids.push(...(await Promise.all(pair.map((founder) => founder.enter()))).map(({ clusterId }) => clusterId))
    }
    expect(new Set(ids).size).toBe(2)
  })

  test('begins only with who is there now: one that came back with another folder counts as it is now', async () => {
    const seats = await seatsOf(3)
    const first = new Founder(seats, 1)
    const wiped = new Founder(seats, 2, { folder: 'before' })
    await Promise.race([first.found, sleepRounds()])
    await wiped.kill()
    const all = [first, new Founder(seats, 2, { folder: 'after' }), new Founder(seats, 3)]
    const formed = await Promise.all(all.map((founder) => founder.enter()))
    expect(formed.map(({ founders }) => founders[1]?.folder)).toEqual(['after', 'after', 'after'])
  })

  test.each([0, 1, 2, 3, 4, 5, 6, 7])('begins as one, although a member was killed on its way (%i)', async (step) => {
    const seats = await seatsOf(3)
    const [one, two] = [new Founder(seats, 1), new Founder(seats, 2)]
    const third = new Founder(seats, 3)
    // killed while it asks, or after it found its cluster and before it could tell anybody or keep it
    if (step % 2) await third.found
    else for (let turn = 0; turn < step * 3; turn++) await new Promise(setImmediate)
    const thirdFound = step % 2 ? (await third.found).clusterId : undefined
    await third.kill()
    const again = new Founder(seats, 3)
    const formed = await Promise.all([one, two, again].map((founder) => founder.enter()))
    expect(new Set([...formed.map(({ clusterId }) => clusterId), thirdFound ?? formed[0]?.clusterId]).size).toBe(1)
    expect(formed.map(({ lostDisk }) => lostDisk)).toEqual([false, false, false])
  })
})

describe('a cluster that has begun', () => {
  async function begun() {
    const seats = await seatsOf(3)
    const founders = seats.map(({ id }) => new Founder(seats, id))
    const [formed] = await Promise.all(founders.map((founder) => founder.enter()))
    return { seats, founders: founders as [Founder, Founder, Founder], formed: formed as Formed }
  }

  test('takes one that had not come to the end of it back as it was', async () => {
    const { seats, founders, formed } = await begun()
    await founders[2].kill()
    expect(await new Founder(seats, 3).found).toEqual({ ...formed, lostDisk: false })
  })

  test('knows one that comes with another folder: it lost its disk, and is told so', async () => {
    const { seats, founders, formed } = await begun()
    await founders[2].kill()
    expect(await new Founder(seats, 3, { folder: 'new' }).found).toEqual({ ...formed, lostDisk: true })
  })

  test('needs only one of its members to say so', async () => {
    const { seats, founders } = await begun()
    await founders[1].kill()
    await founders[2].kill()
    expect(await new Founder(seats, 3, { folder: 'new' }).found).toMatchObject({ lostDisk: true })
  })

  test('refuses one that is none of its members', async () => {
    const { seats } = await begun()
    const more = [...seats, { id: 4, name: 'n4', peer: await freeAddress() }]
    expect(await codeOf(new Founder(more, 4).found)).toBe('E_MEMBER_UNKNOWN')
  })
})

describe('members that do not agree', () => {
  test('on who they are find no cluster, and each is told', async () => {
    const seats = await seatsOf(3)
    const [first, second] = seats as [Seat, Seat]
    const one = new Founder(seats, 1)
    const two = new Founder(seats, 2, { seats: [first, second] })
    expect(await codeOf(Promise.race([one.found, two.found]))).toBe('E_CLUSTER_FOREIGN')
  })

  test('on which of them listens where find no cluster', async () => {
    const seats = await seatsOf(2)
    const [first, second] = seats as [Seat, Seat]
    const swapped = new Founder(seats, 2, { name: 'n3' })
    const one = new Founder([first, second], 1)
    expect(await codeOf(one.found)).toBe('E_CLUSTER_FOREIGN')
    await swapped.kill()
  })

  test('as the others are of two clusters find none', async () => {
    const seats = await seatsOf(3)
    for (const id of [1, 2]) await answering(seats[id - 1] as Seat, { ...formedAnswer, clusterId: `c${id}` })
    expect(await codeOf(new Founder(seats, 3).found)).toBe('E_CLUSTER_FOREIGN')
  })

  test.each([
    {},
    { state: 'formed' },
    { ...{ state: 'formed', clusterId: 'c1', folder: 'f' }, storeEpoch: 1, founders: [{ id: 1 }] },
    { state: 'forming', name: 'n1', folder: 5, seats: '' },
    { state: 'constructor' },
  ])('with somebody who answers %j end with a word', async (answer) => {
    const seats = await seatsOf(2)
    await answering(seats[0] as Seat, answer)
    expect(await codeOf(new Founder(seats, 2).found)).toBe('E_FRAME_GARBAGE')
  })
})

const formedAnswer = { state: 'formed', storeEpoch: 1, founders: [], folder: 'f3' }

/** Somebody at a seat's address who always answers the same. */
async function answering({ peer }: Seat, answer: object): Promise<void> {
  const port = Number(peer.split(':')[1])
  const about = { host: '127.0.0.1', port, clock: systemClock, random: seededRandom(9), logger: silentLogger }
  const listener = await PeerListener.open(about)
  listener.onQuestion(formationTopic, () => answer)
  ends.push(() => listener.close())
}

/** As long as a few rounds of questions take: what did not happen by then waits for somebody. */
const sleepRounds = () => new Promise<string>((resolve) => setTimeout(resolve, 400, 'still waiting'))
