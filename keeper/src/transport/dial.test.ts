import { EventEmitter, once } from 'node:events'
import { createServer } from 'node:net'
import { expect, test } from 'vitest'
import { limits } from '../base/limits.js'
import { ManualClock } from '../push/testing/manual-clock.js'
import { askAddress, connectTimeoutMs, dialTimeoutMs, unlessConnected } from './dial.js'
import { portOf } from './testing/wires.js'

/** A socket that is on its way to an address, and whether it was given up. */
function onTheWay(address: string, waits = connectTimeoutMs()) {
  const clock = new ManualClock()
  const socket = Object.assign(new EventEmitter(), { connecting: true })
  let givenUp = false
  unlessConnected(socket as never, { address, clock, connectTimeoutMs: waits }, () => {
    givenUp = true
  })
  const pass = (ms: number) => {
    clock.advance(ms)
    // a second look, in a later turn
    clock.advance(0)
  }
  return { clock, socket, pass, givenUp: () => givenUp }
}

test('a connection that nobody accepts is given up before TCP would ask a second time', () => {
  const { pass, givenUp } = onTheWay('10.0.0.7:7401')
  pass(limits.peerConnectTimeoutMs)
  expect(givenUp()).toBe(true)
  expect(limits.peerConnectTimeoutMs).toBeLessThan(1_000)
})

test('one that was accepted is not', () => {
  const { socket, pass, givenUp } = onTheWay('10.0.0.7:7401')
  socket.connecting = false
  pass(limits.peerConnectTimeoutMs)
  expect(givenUp()).toBe(false)
})

test('nor is one whose acceptance this process was too busy to notice', () => {
  const { clock, socket, givenUp } = onTheWay('10.0.0.7:7401')
  // timers come before the sockets of a turn
  clock.advance(limits.peerConnectTimeoutMs)
  socket.connecting = false
  clock.advance(0)
  expect(givenUp()).toBe(false)
})

test('the time counts from when the name was looked up', () => {
  const { socket, pass, givenUp } = onTheWay('n7.example:7401')
  pass(10 * limits.peerConnectTimeoutMs)
  expect(givenUp()).toBe(false)
  socket.emit('lookup')
  pass(limits.peerConnectTimeoutMs)
  expect(givenUp()).toBe(true)
})

test('members far apart, whose election timeout is long, wait for a round trip as long as that allows', () => {
  const { pass, givenUp } = onTheWay('10.0.0.7:7401', connectTimeoutMs(3_000))
  pass(1_400)
  expect(givenUp()).toBe(false)
  pass(100)
  expect(givenUp()).toBe(true)
})

test('who asks an address once waits for its answer, however long the connection takes', () => {
  const clock = new ManualClock()
  const socket = Object.assign(new EventEmitter(), { connecting: true })
  let givenUp = false
  unlessConnected(socket as never, { address: '10.0.0.7:7401', clock }, () => {
    givenUp = true
  })
  clock.advance(10 * limits.peerConnectTimeoutMs)
  clock.advance(0)
  expect(givenUp).toBe(false)
})

test('a whole dial may take two election timeouts: never less than a machine nearby needs, never for ever', () => {
  expect([undefined, 600, 3_000, 60_000].map((electionTimeoutMs) => dialTimeoutMs(electionTimeoutMs))).toEqual([
    ...[limits.peerDialTimeoutMs, limits.peerDialTimeoutMs, 6_000, limits.peerDialTimeoutMaxMs],
  ])
})

test('whoever accepts and is slow to greet is waited for as long as the dial may take', async () => {
  const silent = createServer((socket) => socket.on('error', () => {})).listen(0, '127.0.0.1')
  await once(silent, 'listening')
  const clock = new ManualClock()
  const ends: Record<string, string> = {}
  const signal = new AbortController()
  const ask = (who: string, timeoutMs?: number) =>
    askAddress({ address: `127.0.0.1:${portOf(silent)}`, clock, timeoutMs, signal: signal.signal }, 'x', {}).catch(
      ({ code }) => {
        ends[who] = code
      },
    )
  const near = ask('near')
  const far = ask('far', dialTimeoutMs(3_000))
  clock.advance(limits.peerDialTimeoutMs)
  await near
  expect(ends).toEqual({ near: 'E_TIMEOUT' })
  signal.abort()
  await far
  silent.close()
})
