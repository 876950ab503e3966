import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { systemClock } from '../base/clock.js'
import { encodeText } from '../base/codec.js'
import { limits } from '../base/limits.js'
import { silentLogger } from '../base/logger.js'
import { seededRandom } from '../base/random.js'
import { ManualClock } from '../push/testing/manual-clock.js'
import { askAddress } from './dial.js'
import { frame } from './frames.js'
import { peerProtocol } from './greeting.js'
import { PeerListener } from './peer-listener.js'
import { Stranger } from './testing/members.js'
import { soon } from './testing/wires.js'

describe('the peer port', () => {
  let clock: ManualClock
  let listener: PeerListener
  let address = ''
  const accepted: string[] = []

  beforeEach(async () => {
    accepted.length = 0
    clock = new ManualClock()
    const place = { host: '127.0.0.1', port: 0 }
    listener = await PeerListener.open({ ...place, clock, random: seededRandom(1), logger: silentLogger })
    address = `127.0.0.1:${listener.port}`
  })
  afterEach(async () => {
    Stranger.endAll()
    await listener.close()
  }, 3_000)

  const take = () => listener.accept(({ name }) => void accepted.push(name))
  const question = (topic: string) =>
    frame('question', encodeText(JSON.stringify({ protocol: peerProtocol, topic, body: {} })))

  test('refuses hellos until there is somebody to take them', async () => {
    expect(await (await Stranger.hello(address)).refusal()).toBe('E_UNAVAILABLE')
    take()
    await Stranger.hello(address)
    await soon(() => accepted.length)
    expect(accepted).toEqual(['n2'])
  })

  test('is open once: a second keeper on it is told so', async () => {
    const place = { host: '127.0.0.1', port: listener.port }
    const second = PeerListener.open({ ...place, clock, random: seededRandom(1), logger: silentLogger })
    await expect(second).rejects.toMatchObject({ code: 'E_ADDRESS_IN_USE' })
  })

  test('takes no hello that answers the challenge of another connection', async () => {
    take()
    const stranger = await Stranger.hello(address, { nonce: '00'.repeat(16) })
    expect(await stranger.refusal()).toBe('E_UNAUTHENTICATED')
    expect(accepted).toEqual([])
  })

  test.each<[string, string, Buffer]>([
    ['garbage', 'E_TOO_LARGE', Buffer.from('GET / HTTP/1.1\r\nHost: keeper\r\n\r\n')],
    ['a frame that does not fit its sum', 'E_FRAME_GARBAGE', Buffer.alloc(32, 9).fill(0, 1, 4)],
    ['a hello above the limit', 'E_TOO_LARGE', frame('hello', Buffer.alloc(limits.peerGreetingBytesMax))],
    ['messages before a hello', 'E_FRAME_ORDER', frame('messages', Buffer.alloc(10))],
    ['a hello that is no JSON', 'E_FRAME_GARBAGE', frame('hello', Buffer.from('{'))],
    ['a hello that says nothing', 'E_FRAME_GARBAGE', frame('hello', Buffer.from('{}'))],
    ['a hello that is null', 'E_FRAME_GARBAGE', frame('hello', Buffer.from('null'))],
    ['a question that nobody answers', 'E_UNAVAILABLE', question('toString')],
  ])('refuses %s with %s, and goes on', async (_what, code, bytes) => {
    take()
    const stranger = await Stranger.at(address)
    stranger.write(bytes)
    expect(await stranger.refusal()).toBe(code)
    await Stranger.hello(address)
    await soon(() => accepted.length)
  })

  test.each([
    ['from', -1],
    ['from', 1.5],
    ['from', 2 ** 53],
    ['from', '2'],
    ['name', 'n'.repeat(5_000)],
    ['purpose', 'constructor'],
    ['folder', null],
    ['clusterId', { toString: 'c1' }],
  ] as const)('refuses a hello whose %s is %j', async (field, value) => {
    take()
    expect(await (await Stranger.hello(address, { [field]: value })).refusal()).toBe('E_FRAME_GARBAGE')
  })

  test('sends away who connects and says nothing, or only bits of it now and then', async () => {
    const silent = await Stranger.at(address)
    const slow = await Stranger.at(address)
    await Promise.all([silent.next('challenge'), slow.next('challenge')])
    slow.write(Buffer.from([0xff, 0, 0, 0]))
    for (let passed = 0; passed < limits.peerGreetingTimeoutMs; passed += limits.peerPulseMs) {
      slow.write(Buffer.from([0]))
      await new Promise(setImmediate)
      clock.advance(limits.peerPulseMs)
    }
    clock.advance(limits.peerLingerMs)
    await soon(() => silent.closed && slow.closed)
  })

  test('lets a member in beside any number of strangers who say nothing', async () => {
    take()
    const strangers: Stranger[] = []
    for (let count = 0; count < limits.peerConnectionsMax + 10; count++) strangers.push(await Stranger.at(address))
    await Stranger.hello(address)
    await soon(() => accepted.length)
    expect(await strangers[0]?.refusal()).toBe('E_TOO_MANY')
  })

  test('answers questions, also before there is anybody to take hellos, and tells what went wrong', async () => {
    listener.onQuestion('sum', async ({ a, b }) => {
      if (typeof a !== 'number') throw new TypeError('a defect')
      return { sum: a + Number(b) }
    })
    const asking = { address, clock: systemClock }
    expect(await askAddress(asking, 'sum', { a: 1, b: 2 })).toEqual({ sum: 3 })
    await expect(askAddress(asking, 'sum', {})).rejects.toMatchObject({ code: 'E_INTERNAL' })
    listener.onQuestion('sum', undefined)
    await expect(askAddress(asking, 'sum', {})).rejects.toMatchObject({ code: 'E_UNAVAILABLE' })
  })

  test('closes although one who was answered does not go', async () => {
    listener.onQuestion('who', () => ({ name: 'n1' }))
    const stranger = await Stranger.at(address)
    stranger.write(question('who'))
    await stranger.next('reply')
    await listener.close()
    await soon(() => stranger.closed)
  })

  test('sends away who was answered and does not go', async () => {
    listener.onQuestion('who', () => ({ name: 'n1' }))
    const stranger = await Stranger.at(address)
    stranger.write(question('who'))
    await stranger.next('reply')
    clock.advance(limits.peerGreetingTimeoutMs)
    expect(await stranger.refusal()).toBe('E_TIMEOUT')
  })
})

describe('who asks', () => {
  test.each<[string, (port: PeerListener) => void, string]>([
    ['a keeper that never answers', (port) => port.onQuestion('x', () => new Promise(() => {})), 'E_TIMEOUT'],
    ['a keeper that stops meanwhile', (port) => port.onQuestion('x', () => port.close()), 'E_CONNECTION'],
  ])('%s learns of it', async (_what, arrange, code) => {
    const clock = new ManualClock()
    const options = { host: '127.0.0.1', port: 0, random: seededRandom(1), logger: silentLogger }
    const listener = await PeerListener.open({ ...options, clock: systemClock })
    let asked = false
    arrange(listener)
    const answer = askAddress({ address: `127.0.0.1:${listener.port}`, clock }, 'x', {})
    answer.catch(() => {
      asked = true
    })
    if (code === 'E_TIMEOUT')
      await soon(() => {
        clock.advance(limits.peerPulseMs)
        return asked
      })
    await expect(answer).rejects.toMatchObject({ code })
    await listener.close()
  })

  test('an address where nobody listens is told so', async () => {
    const nobody = askAddress({ address: '127.0.0.1:1', clock: systemClock }, 'x', {})
    await expect(nobody).rejects.toMatchObject({ code: 'E_CONNECTION' })
    const nonsense = askAddress({ address: 'nonsense', clock: systemClock }, 'x', {})
    await expect(nonsense).rejects.toMatchObject({ code: 'E_INVALID_ARGUMENT' })
  })
})
