import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { type Clock, type MonotonicMs, systemClock } from '../base/clock.js'
import { KeeperError } from '../base/errors.js'
import { limits } from '../base/limits.js'
import { frame } from './frames.js'
import { readWelcome } from './greeting.js'
import { ChunkWriter, readTaken } from './snapshot-codec.js'
import { Spoken, Stranger, snapshotMessage, spokenMembers } from './testing/members.js'
import { hurriedClock, soon, Wire } from './testing/wires.js'
import type { StateRecord } from './types.js'

/** A state of so many chunks. */
function* records(chunks: number): Generator<StateRecord> {
  const value = Buffer.alloc(limits.snapshotChunkBytes / 4)
  for (let at = 0; at < chunks * 4; at++) {
    const key = Buffer.from(String(at).padStart(8, '0'))
    yield { key, value: Buffer.from(value.fill(at % 251)) }
  }
}

async function* stream(chunks: number, drawn: (count: number) => void = () => {}): AsyncGenerator<StateRecord> {
  let count = 0
  for (const record of records(chunks)) {
    drawn(++count)
    yield record
  }
}

/** What arrived, short: keys and the first byte of their values. */
class Disk {
  readonly rows: string[] = []
  /** Resolves whenever another record may be taken. */
  gate: () => Promise<unknown> | undefined = () => undefined
  take = async (arriving: AsyncIterable<StateRecord>): Promise<void> => {
    this.rows.length = 0
    for await (const { key, value } of arriving) {
      await this.gate()
      this.rows.push(`${key} ${value[0]}`)
    }
  }
}

const rowsOf = (chunks: number) => [...records(chunks)].map(({ key, value }) => `${key} ${value[0]}`)

let one: Spoken
let two: Spoken
let wire: Wire
let disk: Disk

beforeEach(async () => {
  ;[one, two] = (await spokenMembers(2)) as [Spoken, Spoken]
  wire = await Wire.to(two.address)
  one.meet({ id: 2, peer: wire.address })
  disk = new Disk()
  two.ear.takeSnapshot = disk.take
})
afterEach(async () => {
  Stranger.endAll()
  wire.close()
  await one.end()
  await two.end()
}, 5_000)

/** The sender's patience runs out soon. */
async function hurry(): Promise<void> {
  await one.end()
  one = await Spoken.start(1, { clock: hurriedClock, seed: 99 })
  one.meet({ id: 2, peer: wire.address })
}

const send = (chunks: number, drawn?: (count: number) => void) =>
  one.transport.sendSnapshot(2, snapshotMessage(1, 2), stream(chunks, drawn))

describe('a snapshot', () => {
  test.each([0, 1, 3, 40])('of %i chunks arrives whole', async (chunks) => {
    await send(chunks)
    expect(disk.rows).toEqual(rowsOf(chunks))
  })

  test('that is cut off once at any place goes on from there', async () => {
    const whole = 8 * limits.snapshotChunkBytes
    for (let place = 0; place <= 20; place++) {
      let passed = 0
      let cut = false
      wire.breaks = (chunk) => {
        passed += chunk.length
        if (cut || passed < (whole * place) / 19) return false
        cut = true
        return true
      }
      await send(8)
      expect(disk.rows).toEqual(rowsOf(8))
      if (place < 19) expect(cut).toBe(true)
    }
  }, 20_000)

  test('that is cut off again and again arrives whole, and is read once', async () => {
    let passed = 0
    let cuts = 0
    wire.breaks = (chunk) => {
      passed += chunk.length
      if (passed < 3 * limits.snapshotChunkBytes) return false
      passed = 0
      cuts++
      return true
    }
    let drawn = 0
    await send(30, () => drawn++)
    expect(disk.rows).toEqual(rowsOf(30))
    expect(drawn).toBe(120)
    expect(cuts).toBeGreaterThan(5)
  })

  test('is known to have arrived even when the connection broke before its sender heard so', async () => {
    disk.gate = () => {
      if (disk.rows.length === 3) wire.cut()
      return undefined
    }
    await send(1)
    expect(disk.rows).toEqual(rowsOf(1))
  })

  test('is read no faster than its receiver writes', async () => {
    let open = () => {}
    const opened = new Promise<void>((resolve) => {
      open = resolve
    })
    disk.gate = () => opened
    let drawn = 0
    const sent = send(100, (count) => {
      drawn = count
    })
    await soon(() => drawn >= limits.snapshotWindowChunks * 4)
    // what the window and the chunk under way hold, and no more, however long the disk takes
    await new Promise((resolve) => setImmediate(resolve))
    expect(drawn).toBeLessThanOrEqual((limits.snapshotWindowChunks + 1) * 4 + 1)
    open()
    await sent
    expect(disk.rows).toHaveLength(400)
  })

  test('that its receiver does not want ends with what it says, and is read no further', async () => {
    two.ear.takeSnapshot = async (arriving) => {
      for await (const _ of arriving) throw new KeeperError('E_NO_SPACE', 'the disk is full')
    }
    let drawn = 0
    await expect(send(1_000, () => drawn++)).rejects.toMatchObject({ code: 'E_NO_SPACE' })
    expect(drawn).toBeLessThan(200)
  })

  test('of which its receiver has no need is over, and is read no further', async () => {
    two.ear.takeSnapshot = async () => {}
    let drawn = 0
    await send(1_000, () => drawn++)
    expect(drawn).toBeLessThan(400)
  })

  test('whose source fails is not taken, and its receiver is not left waiting', async () => {
    async function* failing() {
      yield* stream(2)
      throw new KeeperError('E_CORRUPT', 'a page is damaged')
    }
    const outcome = new Promise((resolve) => {
      two.ear.takeSnapshot = (arriving) => {
        const taken = disk.take(arriving)
        taken.then(resolve, resolve)
        return taken
      }
    })
    const sent = one.transport.sendSnapshot(2, snapshotMessage(1, 2), failing())
    await expect(sent).rejects.toMatchObject({ code: 'E_CORRUPT' })
    await send(1)
    expect(await outcome).toMatchObject({ code: 'E_CONNECTION' })
  })

  test('takes the place of the one that the same member began before', async () => {
    let open = () => {}
    const opened = new Promise<void>((resolve) => {
      open = resolve
    })
    let taking = 0
    disk.gate = () => {
      taking++
      return opened
    }
    const first = send(50)
    const refused = expect(first).rejects.toBeInstanceOf(KeeperError)
    await soon(() => taking > 0)
    two.ear.takeSnapshot = async (arriving) => {
      let count = 0
      for await (const _ of arriving) count++
      disk.rows.splice(0, disk.rows.length, String(count))
    }
    await send(2)
    await refused
    expect(disk.rows).toEqual(['8'])
    open()
  })

  test('is given up when its receiver lives, and takes nothing for too long', async () => {
    let taking = false
    disk.gate = () => {
      taking = true
      return new Promise(() => {})
    }
    let late = 0
    const clock: Clock = {
      ...systemClock,
      monotonic: () => (systemClock.monotonic() + late) as MonotonicMs,
      setTimer: (delayMs, fire) => systemClock.setTimer(Math.min(delayMs, 1_000), fire),
    }
    await one.end()
    one = await Spoken.start(1, { clock, seed: 99 })
    one.meet({ id: 2, peer: wire.address })
    const sent = send(100)
    const given = expect(sent).rejects.toMatchObject({ code: 'E_TIMEOUT' })
    await soon(() => taking)
    late = limits.snapshotStallMs
    await given
  })

  test('ends when its sender stops, although its receiver takes nothing', async () => {
    disk.gate = () => new Promise(() => {})
    let drawn = 0
    const sent = send(100, (count) => {
      drawn = count
    })
    const stopped = expect(sent).rejects.toMatchObject({ code: 'E_STOPPED' })
    await soon(() => drawn >= limits.snapshotWindowChunks * 4)
    await one.transport.close()
    await stopped
  })

  test('ends when its receiver stops', async () => {
    disk.gate = () => new Promise(() => {})
    await hurry()
    const sent = send(100)
    const stopped = expect(sent).rejects.toBeInstanceOf(KeeperError)
    await soon(() => wire.connections)
    await two.end()
    await stopped
  })

  test('for a member that nobody can name an address of is not sent', async () => {
    await hurry()
    const sent = one.transport.sendSnapshot(9, snapshotMessage(1, 9), stream(1))
    await expect(sent).rejects.toMatchObject({ code: 'E_CONNECTION' })
  })
})

describe('a snapshot that is not as it should be', () => {
  /** Speaks as member 1 to member 2, after the welcome. */
  async function sender(transfer = 't1'): Promise<Stranger> {
    const about = { from: 1, to: 2, name: 'n1', folder: 'f1', purpose: 'snapshot', transfer }
    const stranger = await Stranger.hello(two.address, about)
    expect(readWelcome((await stranger.next('welcome')).body).next).toBe(0)
    return stranger
  }

  const outcome = () =>
    new Promise<string>((resolve) => {
      two.ear.takeSnapshot = async (arriving) => {
        await disk.take(arriving).then(
          () => resolve('taken'),
          (error: KeeperError) => resolve(error.code),
        )
      }
    })

  const writer = () => new ChunkWriter()
  const body = (bytes: Buffer) => bytes.subarray(9)

  function parts(): { begin: Buffer; chunks: Buffer[]; end: Buffer } {
    const made = writer()
    const begin = made.begin(snapshotMessage(1, 2))
    const chunks = [...records(1)].map((record) => made.chunk([record]))
    return { begin, chunks, end: made.end() }
  }

  const cases: readonly (readonly [string, (all: ReturnType<typeof parts>) => Buffer[], string])[] = [
    ['chunks out of order', ({ begin, chunks: [a, b] }) => [begin, b, a] as Buffer[], 'E_FRAME_ORDER'],
    ['a chunk twice', ({ begin, chunks: [a] }) => [begin, a, a] as Buffer[], 'E_FRAME_ORDER'],
    ['a chunk before its beginning', ({ chunks: [a] }) => [a] as Buffer[], 'E_FRAME_ORDER'],
    ['an end too early', ({ begin, chunks: [a], end }) => [begin, a, end] as Buffer[], 'E_FRAME_GARBAGE'],
    ['a chunk behind its end', ({ begin, chunks, end }) => [begin, ...chunks, end, writerOf(5)], 'E_FRAME_ORDER'],
    ['a chunk with a bad sum', ({ begin, chunks: [a] }) => [begin, bent(a as Buffer)], 'E_FRAME_GARBAGE'],
    [
      'other records than its sum is of',
      ({ begin, chunks: [a, b, c], end }) => [begin, a, b, c, other(), end] as Buffer[],
      'E_FRAME_GARBAGE',
    ],
    ['messages within', ({ begin }) => [begin, frame('messages', Buffer.alloc(0))], 'E_FRAME_ORDER'],
    ['another message than MsgSnap', () => [wrongBegin()], 'E_FRAME_GARBAGE'],
    [
      'half a chunk',
      ({ begin, chunks: [a] }) => [begin, frame('snapshotChunk', body(a as Buffer).subarray(0, 99))],
      'E_CORRUPT',
    ],
  ]

  function bent(bytes: Buffer): Buffer {
    const copy = Buffer.from(bytes)
    copy[100] = (copy[100] as number) ^ 1
    return copy
  }
  /** The fourth record's chunk with another value in it. */
  function other(): Buffer {
    const made = writer()
    made.begin(snapshotMessage(1, 2))
    for (const record of [...records(1)].slice(0, 3)) made.chunk([record])
    return made.chunk([{ key: Buffer.from('00000003'), value: Buffer.from('forged') }])
  }
  function writerOf(number: number): Buffer {
    const made = writer()
    made.begin(snapshotMessage(1, 2))
    for (let at = 1; at < number; at++) made.chunk([])
    return made.chunk([])
  }
  const wrongBegin = () => frame('snapshotBegin', Buffer.from([0, 5, 0, 2, 1, 1, 0, 0, 0, 0, 0]))

  test.each(cases)('with %s is refused, nothing of it is taken, and the next one is', async (_what, made, code) => {
    const ended = outcome()
    const stranger = await sender()
    for (const bytes of made(parts())) stranger.write(bytes)
    expect(await stranger.refusal()).toBe(code)
    stranger.end()
    await send(1)
    expect(await ended).not.toBe('forged')
    expect(disk.rows).toEqual(rowsOf(1))
  })

  test('with more chunks than the window allows is refused', async () => {
    disk.gate = () => new Promise(() => {})
    const stranger = await sender()
    const made = writer()
    stranger.write(made.begin(snapshotMessage(1, 2)))
    for (let count = 0; count < limits.snapshotWindowChunks + 4; count++)
      stranger.write(made.chunk([{ key: Buffer.from('k'), value: Buffer.from('v') }]))
    expect(await stranger.refusal()).toBe('E_TOO_MANY')
  })

  test('that goes on with a chunk the receiver did not ask for is refused', async () => {
    outcome()
    const { begin, chunks } = parts()
    const first = await sender()
    for (const bytes of [begin, ...chunks.slice(0, 2)]) first.write(bytes)
    await soon(() => disk.rows.length === 2)
    first.end()
    const about = { from: 1, to: 2, name: 'n1', folder: 'f1', purpose: 'snapshot', transfer: 't1' }
    const again = await Stranger.hello(two.address, about)
    expect(readWelcome((await again.next('welcome')).body).next).toBe(3)
    expect(readTaken((await again.next('snapshotTaken')).body)).toEqual({ next: 3, whole: false })
    again.write(chunks[1] as Buffer)
    expect(await again.refusal()).toBe('E_FRAME_ORDER')
  })
})
