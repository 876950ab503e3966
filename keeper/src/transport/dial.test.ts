import { EventEmitter } from 'node:events'
import { expect, test } from 'vitest'
import { limits } from '../base/limits.js'
import { ManualClock } from '../push/testing/manual-clock.js'
import { unlessConnected } from './dial.js'

/** A socket that is on its way to an address, and whether it was given up. */
function onTheWay(address: string) {
  const clock = new ManualClock()
  const socket = Object.assign(new EventEmitter(), { connecting: true })
  let givenUp = false
  unlessConnected(socket as never, { address, clock }, () => {
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
