import { afterEach, expect, test } from 'vitest'
import { systemClock } from '../base/clock.js'
import { silentLogger } from '../base/logger.js'
import { seededRandom } from '../base/random.js'
import { type LogMember, SharedLog } from '../push/testing/shared-log.js'
import { recordKey } from '../store/records.js'
import { Publisher } from './publisher.js'
import { Seat } from './seat.js'
import { compiled } from './testing/shop.js'

const cleanups: (() => Promise<unknown>)[] = []
afterEach(async () => {
  for (const clean of cleanups.splice(0)) await clean()
})

function sit(member: LogMember | undefined, at: number): Seat {
  if (!member) throw new Error('no such member')
  const seat = new Seat({
    ...{ member, clock: systemClock, random: seededRandom(at), logger: silentLogger, namespace: 'default' },
    ...{ source: 'team', memberName: member.name, directory: `/config-${member.name}`, onChange: () => {} },
  })
  seat.start()
  cleanups.push(() => seat.close())
  return seat
}

const taken = (seat: Seat) => expect.poll(() => seat.condition() !== undefined).toBe(true)

test('one has the seat, and the others know who; given back, the next has it at once', async () => {
  const log = new SharedLog(systemClock, ['n1', 'n2'])
  const first = sit(log.members[0], 1)
  await taken(first)
  const second = sit(log.members[1], 2)
  expect(second.condition()).toBeUndefined()
  expect(second.holder()).toMatchObject({ name: 'n1', directory: '/config-n1' })
  await first.close()
  await taken(second)
})

test('one whose lease ran out passes to another, and the one before can publish no more', async () => {
  const log = new SharedLog(systemClock, ['n1', 'n2'])
  const [one] = log.members
  const first = sit(one, 1)
  await taken(first)
  const condition = first.condition()
  await first.pass()
  await taken(sit(log.members[1], 2))
  if (!one || !condition) throw new Error('nobody had the seat')
  const publisher = new Publisher({ member: one, clock: { ...systemClock, setTimer: soon }, random: seededRandom(3) })
  const who = { source: 'team', author: 'o', reason: '', action: 'watch' }
  const output = compiled({ 'push/room.yaml': 'max: 1\n' })
  await expect(publisher.publish({ ...who, output, guardedBy: [condition] })).rejects.toMatchObject({
    code: 'E_CONFLICT',
  })
  expect(one.store.get('system', recordKey('default', 'config', 'push/room'))).toBeUndefined()
})

/** Backoff is not what is tested. */
const soon = (_ms: number, act: () => void) => systemClock.setTimer(0, act)
