import { beforeEach, expect, test } from 'vitest'
import { limits } from '../../base/limits.js'
import { ManualClock } from '../../push/testing/manual-clock.js'
import { FakePort } from '../testing/fake-port.js'
import { data, headers } from '../testing/raw-peer.js'
import { Flag, FrameType, frame, PREFACE, pingFrame, settingsAck, settingsFrame } from './frames.js'
import { greeting } from './greeting.js'

let clock: ManualClock
let port: FakePort
beforeEach(() => {
  clock = new ManualClock()
  port = new FakePort(clock)
})

const hello = Buffer.concat([PREFACE, settingsFrame([])])
const other = headers(1, [[':path', '/x']])

test('who says nothing, or only half a preface, is sent away in time', () => {
  const [silent, slow] = [port.client(), port.client()]
  slow.emit('data', PREFACE.subarray(0, 10))
  clock.advance(limits.h2OpeningTimeoutMs - 1_000)
  expect([silent.destroyed, slow.destroyed]).toEqual([false, false])
  clock.advance(2_000)
  expect([silent.destroyed, slow.destroyed, port.handedOn]).toEqual([true, true, []])
})

test('nothing is said before it is known what the client speaks; a call at once is decided without a word', () => {
  const [half, whole] = [port.client(), port.client()]
  half.emit('data', PREFACE.subarray(0, 10))
  whole.emit('data', Buffer.concat([hello, other]))
  expect([half.written, whole.written]).toEqual([[], []])
  expect(port.handedOn).toEqual([Buffer.concat([hello, other])])
})

test('who waits is told our settings; the other server does not see them acknowledged', () => {
  const client = port.client()
  client.emit('data', hello)
  expect(client.written).toEqual([greeting])
  client.emit('data', Buffer.concat([settingsAck, other, data(1, Buffer.from('x'))]))
  expect(port.handedOn).toEqual([Buffer.concat([hello, other, data(1, Buffer.from('x'))])])
})

test('a call that crosses our settings waits for their acknowledgement', () => {
  const client = port.client()
  client.emit('data', hello)
  client.emit('data', other)
  expect(port.handedOn).toEqual([])
  client.emit('data', Buffer.concat([settingsAck, data(1, Buffer.from('x'))]))
  expect(port.handedOn).toEqual([Buffer.concat([hello, other, data(1, Buffer.from('x'))])])
})

test('who never acknowledges them may not fill our memory, nor stay', () => {
  const [filling, waiting] = [port.client(), port.client()]
  for (const client of [filling, waiting]) {
    client.emit('data', hello)
    client.emit('data', other)
  }
  for (let sent = 0; sent <= limits.h2OpeningBytesMax; sent += 16_000)
    filling.emit('data', data(1, Buffer.alloc(16_000)))
  expect([filling.destroyed, waiting.destroyed]).toEqual([true, false])
  clock.advance(limits.h2OpeningTimeoutMs + 1_000)
  expect([waiting.destroyed, port.handedOn]).toEqual([true, []])
})

test('who connects and calls nothing is served by the other server; so is who pings', () => {
  const [idle, pinging] = [port.client(), port.client()]
  for (const client of [idle, pinging]) {
    client.emit('data', hello)
    client.emit('data', settingsAck)
  }
  const ping = pingFrame(0, Buffer.alloc(8))
  pinging.emit('data', ping)
  expect(port.handedOn).toEqual([Buffer.concat([hello, ping])])
  clock.advance(limits.h2UndecidedMs + 1_000)
  expect(port.handedOn.at(-1)).toEqual(hello)
  expect(port.lobby.size).toBe(0)
})

test('when no session is welcome, the other server says so, acknowledged or not', () => {
  port.full = true
  const [told, untold] = [port.client(), port.client()]
  told.emit('data', hello)
  told.emit('data', headers(1))
  untold.emit('data', Buffer.concat([hello, headers(1)]))
  expect([port.attached.length, port.handedOn.length]).toEqual([0, 1])
  told.emit('data', settingsAck)
  expect(port.handedOn.length).toBe(2)
})

test('closing sends away who waits', () => {
  const client = port.client()
  port.lobby.close()
  expect(client.destroyed).toBe(true)
})

test('a session whose client never acknowledges settings is told so, and one that does not answer pings is cut', () => {
  const [rude, gone] = [port.client(), port.client()]
  rude.emit('data', Buffer.concat([hello, headers(1)]))
  gone.emit('data', Buffer.concat([hello, headers(1), settingsAck]))
  const [rudeOne, goneOne] = [...port.connections]
  clock.advance(limits.h2SettingsAckMs + 1)
  rudeOne?.keepalive()
  goneOne?.keepalive()
  expect([port.broken, gone.destroyed]).toEqual([[4], false])
  gone.emit('data', frame(FrameType.ping, Flag.ack, 0, Buffer.alloc(8)))
  goneOne?.keepalive()
  expect(gone.destroyed).toBe(false)
  goneOne?.keepalive()
  expect(gone.destroyed).toBe(true)
})
