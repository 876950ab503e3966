import { expect, test } from 'vitest'
import { systemClock } from '../base/clock.js'
import { limits } from '../base/limits.js'
import type { ConfigRecord } from '../store/config-records.js'
import { encodeRecord } from '../store/records.js'
import type { StoreReader } from '../store/types.js'
import { Readers } from './readers.js'

const record: ConfigRecord = {
  ...{ v: 1, name: 'push/room', audience: { labels: { cluster: 'push', role: 'room' } }, files: [], changeSet: 'c' },
  overlays: [{ file: 'push/room@zone=bj.yaml', when: { zone: 'bj' } }],
  variants: [
    { overlays: [], hash: 'base', revision: 5 },
    { overlays: [0], hash: 'bj', revision: 7 },
  ],
}

/** Readers over one config at r7, with a clock to turn. */
function desk(readersMax = 3) {
  let nowMs = 0
  const kv = { value: encodeRecord('config', record), modRevision: 7 }
  const changed: string[] = []
  const readers = new Readers({
    store: { get: () => kv } as unknown as StoreReader,
    clock: { ...systemClock, monotonic: () => nowMs as ReturnType<typeof systemClock.monotonic> },
    member: 1,
    limits: { ...limits, httpReadersMax: readersMax },
    secrets: { redact: (_namespace, _names, text) => text },
    changed: (name) => changed.push(name),
  })
  return {
    readers,
    changed,
    pass: (ms: number) => {
      nowMs += ms
    },
    rows: (known: string[] = []) => readers.entries('default', 'push/room', new Set(known)),
  }
}

const reader = (instance: string, zone = 'sh') => ({
  ...{ namespace: 'default', name: 'push/room' },
  labels: { cluster: 'push', role: 'room', instance, zone },
})
const applied = (revision: number) => ({ revision, state: 'applied' as const, reason: '' })

test('a process is listed from its first question on, and current once it says that it applied what is wanted of it', () => {
  const { readers, rows, changed } = desk()
  readers.asks(reader('room-1', 'bj'), 0)
  expect(rows()).toMatchObject([
    { instance: 'room-1', state: 'unknown', wantedRevision: 7, current: false, connected: true },
  ])
  readers.sent(reader('room-1', 'bj'), { revision: 7, hash: 'bj' })
  expect(rows()).toMatchObject([{ state: 'sent', revision: 7 }])
  readers.says(reader('room-1', 'bj'), applied(7))
  expect(rows()).toMatchObject([{ state: 'applied', hash: 'bj', current: true }])
  expect(changed).toEqual(['push/room', 'push/room', 'push/room'])
})

test('what is wanted is what its labels get', () => {
  const { readers, rows } = desk()
  readers.says(reader('room-1'), applied(5))
  expect(rows()).toMatchObject([{ wantedRevision: 5, current: true }])
})

test('a refusal stays with its reason while the same value is asked for again, and a late word on an older one changes nothing', () => {
  const { readers, rows } = desk()
  readers.sent(reader('room-1', 'bj'), { revision: 7, hash: 'bj' })
  readers.says(reader('room-1', 'bj'), { revision: 7, state: 'rejected', reason: 'too many' })
  readers.sent(reader('room-1', 'bj'), { revision: 7, hash: 'bj' })
  readers.says(reader('room-1', 'bj'), applied(5))
  expect(rows()).toMatchObject([{ state: 'rejected', reason: 'too many', revision: 7, current: false }])
})

test('a process that asks no more is away, and after a while forgotten', () => {
  const { readers, rows, pass } = desk()
  readers.asks(reader('room-1'), 5)
  pass(limits.httpReaderSilentMs + 1)
  expect(rows()).toMatchObject([{ connected: false }])
  pass(limits.httpReaderForgottenMs)
  expect([rows(), readers.size]).toEqual([[], 0])
})

test('a process with a session is not listed twice', () => {
  const { readers, rows } = desk()
  readers.asks(reader('room-1'), 0)
  expect(rows(['push\0room\0room-1'])).toEqual([])
})

test('past the limit questions are answered and not listed, words refused, until silent ones make room', () => {
  const { readers, rows, pass } = desk(1)
  readers.asks(reader('room-1'), 0)
  readers.asks(reader('room-2'), 0)
  expect(() => readers.says(reader('room-2'), applied(5))).toThrow(expect.objectContaining({ code: 'E_TOO_MANY' }))
  expect(rows()).toHaveLength(1)
  pass(limits.httpReaderSilentMs + 1)
  readers.says(reader('room-2'), applied(5))
  expect(rows()).toMatchObject([{ instance: 'room-2' }])
})
