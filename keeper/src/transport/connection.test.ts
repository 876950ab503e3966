import type { Socket } from 'node:net'
import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { KeeperError } from '../base/errors.js'
import { limits } from '../base/limits.js'
import { ManualClock } from '../push/testing/manual-clock.js'
import { Connection } from './connection.js'
import { type Frame, frame } from './frames.js'
import { refusalFrame } from './greeting.js'
import { socketPair, soon } from './testing/wires.js'

/** What happens to one end. */
class Account {
  readonly kinds: string[] = []
  readonly closed: string[] = []
  onFrame(found: Frame): void {
    this.kinds.push(`${found.kind} ${found.body}`)
  }
  onClosed(error: KeeperError): void {
    this.closed.push(error.code)
  }
}

/** Bytes in buffers that somebody holds on to. */
function heldBytes(): number {
  setFlagsFromString('--expose-gc')
  runInNewContext('gc')()
  return process.memoryUsage().arrayBuffers
}

const said = (text: string) => frame('messages', Buffer.from(text))

describe('a connection between keepers', () => {
  let sockets: [Socket, Socket]
  let clock: ManualClock
  let account: Account
  let connection: Connection
  let far: Socket

  beforeEach(async () => {
    sockets = await socketPair()
    far = sockets[1]
    far.on('error', () => {})
    clock = new ManualClock()
    account = new Account()
    connection = new Connection(sockets[0], clock, account)
  })
  afterEach(() => {
    for (const socket of sockets) socket.destroy()
  })

  /** Both sides are silent, but time goes on as a machine's does. */
  const wait = (ms: number) => {
    for (let passed = 0; passed < ms; passed += limits.peerPulseMs) clock.advance(limits.peerPulseMs)
  }

  test('says now and then that it lives', async () => {
    const heard: Buffer[] = []
    far.on('data', (chunk) => heard.push(chunk))
    wait(2 * limits.peerPulseMs)
    const pulse = frame('pulse', new Uint8Array())
    await soon(() => Buffer.concat(heard).equals(Buffer.concat([pulse, pulse])))
  })

  test('sends what others wait for before the turn is over, with what the turn sent before; the rest when it is over', async () => {
    connection.send(said('a'))
    expect(connection.queuedBytes).toBe(said('a').length)
    connection.send(said('b'), true)
    expect(connection.queuedBytes).toBe(0)
    connection.send(said('c'))
    expect(connection.queuedBytes).toBe(said('c').length)
    const heard: Buffer[] = []
    far.on('data', (chunk) => heard.push(chunk))
    await soon(() => Buffer.concat(heard).equals(Buffer.concat([said('a'), said('b'), said('c')])))
  })

  test('ends when the other side is silent for too long', () => {
    wait(limits.peerSilenceMs)
    expect(account.closed).toEqual([])
    wait(limits.peerPulseMs)
    expect(account.closed).toEqual(['E_CONNECTION'])
    expect(clock.pending).toBe(0)
  })

  test('lasts while pulses come, and tells nobody of them', async () => {
    for (let round = 0; round < 4; round++) {
      wait(limits.peerSilenceMs - limits.peerPulseMs)
      far.write(Buffer.concat([frame('pulse', new Uint8Array()), said(`${round}`)]))
      await soon(() => account.kinds.length > round)
    }
    expect(account.closed).toEqual([])
    expect(account.kinds).toEqual(['messages 0', 'messages 1', 'messages 2', 'messages 3'])
  })

  test('outlasts a pause of its own process: the others were not silent, it did not listen', () => {
    clock.advance(60_000)
    expect(account.closed).toEqual([])
    wait(limits.peerSilenceMs + limits.peerPulseMs)
    expect(account.closed).toEqual(['E_CONNECTION'])
  })

  test('sends no pulse behind a queue that the other side does not take', async () => {
    far.pause()
    connection.send(Buffer.alloc(32 * 1024 * 1024))
    const before = connection.queuedBytes
    expect(before).toBeGreaterThan(limits.peerPulseBehindBytes)
    clock.advance(limits.peerPulseMs)
    expect(connection.queuedBytes).toBeLessThanOrEqual(before)
  })

  test('ends with what the other side refuses with', async () => {
    far.write(refusalFrame(new KeeperError('E_FENCED', 'go away')))
    await soon(() => account.closed.length)
    expect(account.closed).toEqual(['E_FENCED'])
  })

  test('tells the other side why it ends, and does not wait for it to read that', async () => {
    far.pause()
    connection.refuse(new KeeperError('E_MEMBER_UNKNOWN', 'who are you'))
    expect(account.closed).toEqual(['E_MEMBER_UNKNOWN'])
    clock.advance(limits.peerLingerMs)
    await soon(() => sockets[0].destroyed)
    const heard: Buffer[] = []
    far.on('data', (chunk) => heard.push(chunk)).resume()
    await soon(() => Buffer.concat(heard).includes('E_MEMBER_UNKNOWN'))
  })

  test('that was refused takes up nothing of what still comes', async () => {
    const garbage = Buffer.alloc(1024 * 1024, 0xff)
    far.write(garbage)
    await soon(() => account.closed.length)
    expect(account.closed).toEqual(['E_TOO_LARGE'])
    const before = heldBytes()
    const taken = sockets[0].bytesRead
    for (let count = 0; count < 64; count++) far.write(garbage)
    await soon(() => sockets[0].bytesRead > taken + 48 * garbage.length)
    expect(account.kinds).toEqual([])
    expect(heldBytes() - before).toBeLessThan(24 * garbage.length)
  })

  test('that is handed over gives what came in one go with the frame before to the next one', async () => {
    const next = new Account()
    connection.handOver({
      onFrame: () => {
        connection.hold()
        queueMicrotask(() => connection.handOver(next))
      },
      onClosed: () => {},
    })
    far.write(Buffer.concat([frame('welcome', Buffer.from('{}')), said('first'), said('second')]))
    await soon(() => next.kinds.length === 2)
    expect(next.kinds).toEqual(['messages first', 'messages second'])
  })

  test('that ended before it was handed over ends for the next one, too', async () => {
    const next = new Account()
    connection.handOver({
      onFrame: () => {
        connection.hold()
        queueMicrotask(() => connection.handOver(next))
      },
      onClosed: () => {},
    })
    const refusal = refusalFrame(new KeeperError('E_FENCED', 'a newer one took over'))
    far.write(Buffer.concat([frame('welcome', Buffer.from('{}')), said('first'), refusal]))
    await soon(() => next.closed.length)
    expect([next.kinds, next.closed]).toEqual([['messages first'], ['E_FENCED']])
  })
})
