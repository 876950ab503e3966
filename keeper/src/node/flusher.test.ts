import { expect, test } from 'vitest'
import { systemClock } from '../base/clock.js'
import { KeeperError } from '../base/errors.js'
import { silentLogger } from '../base/logger.js'
import { MemoryStorage } from '../raft/memory-storage.js'
import type { ConfState } from '../raft/types.js'
import type { MemberDisk } from '../storage/types.js'
import type { StateFlush, StateMachine } from '../store/types.js'
import { defaultFlushPolicy, Flusher } from './flusher.js'

const voters: ConfState = { voters: [1, 2], learners: [], votersOutgoing: [], learnersNext: [], autoLeave: false }

/** A store in which a flush takes what changed since the one before, and a disk that may be full. */
class House {
  isFull = false
  readonly onDisk: string[] = []
  #changed: string[] = []
  #applied = 0
  readonly flusher: Flusher

  constructor(share = 0) {
    const store = {
      ...{ takeFlush: () => this.#take(), flushed: () => {} },
      ...{ unflushedBytes: () => 0, unflushedValueBytes: () => 0 },
    }
    const disk = { flush: (flush: StateFlush) => this.#write(flush), truncateLog: async () => {} }
    this.flusher = new Flusher(
      {
        ...{ disk: disk as unknown as MemberDisk, store: store as unknown as StateMachine, log: new MemoryStorage() },
        ...{
          clock: systemClock,
          logger: silentLogger,
          policy: defaultFlushPolicy,
          confState: () => voters,
          share: () => share,
        },
        fault: (error) => expect.unreachable(String(error)),
        done: () => {},
      },
      0,
    )
  }

  apply(change: string, bytes = 0): void {
    this.#applied++
    this.#changed.push(change)
    this.flusher.applied({ index: this.#applied, term: 1, type: 'normal', data: new Uint8Array(bytes) })
    this.flusher.maybeFlush()
  }

  /** By a snapshot, and one entry behind it. */
  replace(change: string): void {
    this.#changed = []
    this.flusher.replaced(this.#applied)
    this.apply(change)
  }

  #take(): StateFlush {
    const puts = this.#changed.splice(0).map((change) => ({ key: Buffer.from(change), value: Buffer.alloc(0) }))
    return { appliedIndex: 0, appliedTerm: 1, puts, deletes: [] }
  }

  async #write({ puts }: StateFlush): Promise<void> {
    await new Promise((resolve) => setImmediate(resolve))
    if (this.isFull) throw new KeeperError('E_NO_SPACE', 'no room')
    for (const { key } of puts) this.onDisk.push(Buffer.from(key).toString())
  }
}

test('of two who want a flush at once, on a disk without room, neither loses what the other took', async () => {
  const house = new House()
  house.isFull = true
  house.apply('a')
  const first = house.flusher.flushNow(() => house.apply('b'))
  const second = house.flusher.flushNow(() => house.apply('c'))
  const third = house.flusher.flushNow(() => house.apply('d'))
  for (const flush of [first, second, third]) await expect(flush).rejects.toMatchObject({ code: 'E_NO_SPACE' })
  house.isFull = false
  for (let turn = 0; turn < 3; turn++) await house.flusher.flushNow()
  expect(house.onDisk).toEqual(['a', 'b', 'c', 'd'])
})

test('those who want a flush at once get one after the other', async () => {
  const house = new House()
  await Promise.all(['a', 'b', 'c'].map((change) => house.flusher.flushNow(() => house.apply(change))))
  expect(house.onDisk).toEqual(['a', 'b', 'c'])
})

test('while the state is being replaced nothing of it is flushed, whoever asks, and the replaced one is', async () => {
  const house = new House()
  house.apply('old')
  await house.flusher.hold()
  await expect(house.flusher.flushNow()).rejects.toMatchObject({ code: 'E_UNAVAILABLE' })
  expect(house.onDisk).toEqual([])
  house.replace('new')
  await house.flusher.flushNow()
  expect(house.onDisk).toEqual(['new'])
})

test('a member flushes on its turn, and not so soon after a flush', async () => {
  const third = defaultFlushPolicy.logBytes / 3
  const [first, second] = [new House(), new House(1 / 2)]
  for (const house of [first, second]) {
    for (const change of ['a', 'b']) house.apply(change, third + 100)
    await house.flusher.settled()
  }
  expect(first.onDisk).toEqual(['a', 'b'])
  expect(second.onDisk).toEqual(['a'])
  await second.flusher.flushNow()
  second.apply('c', third - 200)
  await second.flusher.settled()
  expect(second.onDisk).toEqual(['a', 'b'])
})
