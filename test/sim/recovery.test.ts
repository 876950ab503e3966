import { describe, expect, test } from 'vitest'
import { decodeText, encodeText } from '../../keeper/src/base/codec.js'
import type { CommandResult } from '../../keeper/src/store/types.js'
import type { RestFault } from './disk/faults.js'
import { Keepers } from './keepers.js'
import type { SimProcess } from './process.js'
import { putOf } from './put-of.js'

/** Three keepers with a leader and a follower of each kind. */
async function startThree(seed: number) {
  const keepers = new Keepers({ seed })
  for (const process of keepers.processes) process.start()
  await until(keepers, () => keepers.processes.every((process) => process.member?.status().leader))
  const leader = keepers.processes.find((process) => process.member?.status().role === 'leader') as SimProcess
  const [near, far] = keepers.processes.filter((process) => process !== leader) as [SimProcess, SimProcess]
  return { keepers, leader, near, far }
}

/** Lets time pass until it is so; false if it is not within `withinMs`. */
async function until(keepers: Keepers, so: () => boolean, withinMs = 20_000): Promise<boolean> {
  await keepers.time.run(keepers.time.now + withinMs, () => keepers.failure !== undefined || so())
  expect(keepers.failure).toBeUndefined()
  return so()
}

async function write(keepers: Keepers, process: SimProcess, value: string): Promise<void> {
  let result: CommandResult | undefined
  const body = {
    kind: 'txn',
    keyspace: 'user',
    txn: { compares: [], success: [putOf('a', value)], failure: [] },
  } as const
  process.member?.propose({ principal: 'test', body }).then(
    (done) => {
      result = done
    },
    (error) => keepers.fail(error),
  )
  expect(await until(keepers, () => result !== undefined)).toBe(true)
  expect(result?.ok).toBe(true)
}

const cutOff = ({ network, processes }: Keepers, alone: SimProcess) => {
  for (const other of processes) {
    network.cut(alone.id, other.id)
    network.cut(other.id, alone.id)
  }
}

const conditionOf = (process: SimProcess) => process.member?.status().condition
const valueAt = (process: SimProcess) => {
  const kv = process.member?.store.get('user', encodeText('a'))
  return kv && decodeText(kv.value)
}

const losses: readonly RestFault[] = [
  { kind: 'torn-tail', place: 'log', count: 4 },
  { kind: 'stale-segment', place: 'log' },
  { kind: 'lost-segment', place: 'log' },
  { kind: 'missing-file', place: 'mark' },
  { kind: 'missing-file', place: 'side' },
]

describe.each(losses)('a member that lost what it had acknowledged ($kind of $place)', (loss) => {
  test.each([1, 2, 3])('helps nobody to lead without it (seed %i)', async (seed) => {
    const { keepers, leader, near, far } = await startThree(seed)
    await write(keepers, leader, 'old')
    cutOff(keepers, far)
    for (let i = 1; i <= 5; i++) await write(keepers, leader, `acknowledged ${i}`)
    near.damage(loss)
    leader.crash('power')
    keepers.network.heal()
    near.start()
    // far has not the acknowledged entries, near has lost them: together they must not go on
    const elected = await until(
      keepers,
      () => [near, far].some((one) => one.member?.status().role === 'leader'),
      15_000,
    )
    expect(elected).toBe(false)
    if (!near.running) near.start()
    leader.start()
    expect(await until(keepers, () => keepers.processes.every((one) => conditionOf(one) === 'clean'))).toBe(true)
    expect(await until(keepers, () => keepers.processes.every((one) => valueAt(one) === 'acknowledged 5'))).toBe(true)
  })

  test.each([1, 2])('comes back beside a leader that counted on it (seed %i)', async (seed) => {
    const { keepers, leader, near } = await startThree(seed)
    for (let i = 1; i <= 5; i++) await write(keepers, leader, `before ${i}`)
    const { term } = leader.member?.status() ?? {}
    near.damage(loss)
    near.start()
    await until(keepers, () => !near.running || conditionOf(near) === 'clean')
    if (!near.running) near.start()
    expect(await until(keepers, () => conditionOf(near) === 'clean')).toBe(true)
    await write(keepers, near, 'after')
    expect(await until(keepers, () => keepers.processes.every((one) => valueAt(one) === 'after'))).toBe(true)
    expect(leader.member?.status()).toMatchObject({ role: 'leader', term })
  })
})

test('a member that lost its vote gives it to the leader before it counts again, and keeps that', async () => {
  const { keepers, leader, near } = await startThree(1)
  near.damage({ kind: 'missing-file', place: 'mark' })
  near.damage({ kind: 'lost-segment', place: 'log' })
  near.damage({ kind: 'missing-file', place: 'side' })
  await until(keepers, () => {
    near.start()
    return conditionOf(near) === 'clean'
  })
  const { term } = leader.member?.status() ?? {}
  near.crash('power')
  near.start()
  expect(await until(keepers, () => conditionOf(near) === 'clean')).toBe(true)
  const opened = keepers.trace.tail(400).filter((line) => line.includes(`n${near.id} opened`))
  expect(opened.find((line) => line.includes('recovering'))).toContain(' v0 ')
  expect(opened.at(-1)).toContain(` t${term} v${leader.id} `)
})

test('a member far behind the log gets a snapshot', async () => {
  const { keepers, leader, far } = await startThree(4)
  far.crash('kill')
  for (let i = 0; i < 150; i++) await write(keepers, leader, `${i}`)
  far.start()
  expect(await until(keepers, () => valueAt(far) === '149')).toBe(true)
  expect(keepers.trace.tail(400).some((line) => line.includes('took a snapshot'))).toBe(true)
})

test('a leader that stops hands over at once', async () => {
  const { keepers, leader } = await startThree(5)
  const others = keepers.processes.filter((process) => process !== leader)
  await write(keepers, leader, 'something')
  const began = keepers.time.now
  leader.stop()
  await until(keepers, () => others.some((process) => process.member?.status().role === 'leader'))
  // an election by timeout takes 500 ms or more here
  expect(keepers.time.now - began).toBeLessThan(200)
})

// without asking again the others take up to 1,785 ms here: who asks first is not answered by who heard the leader last
test.each([45, 69, 76, 92, 102])(
  'when the leader is cut off, another leads within two election timeouts (seed %i)',
  async (seed) => {
    const { keepers, leader, near, far } = await startThree(seed)
    await keepers.time.run(keepers.time.now + 3_000 + 7 * seed)
    cutOff(keepers, leader)
    const leads = () => [near, far].some((one) => one.member?.status().role === 'leader')
    expect(await until(keepers, leads, 1_100)).toBe(true)
  },
)

test('of two, a leader that is removed goes only when the one that stays knows it', async () => {
  const keepers = new Keepers({ seed: 6, members: 2 })
  for (const process of keepers.processes) process.start()
  const leads = (process: SimProcess) => process.member?.status().role === 'leader'
  await until(keepers, () => keepers.processes.some(leads))
  const leader = keepers.processes.find(leads) as SimProcess
  const other = keepers.processes.find((process) => process !== leader) as SimProcess
  await write(keepers, leader, 'something')
  leader.dismissed = true
  const { appliedIndex = 0 } = leader.member?.status() ?? {}
  const change = { transition: 'auto', changes: [{ type: 'removeNode', id: leader.id }] } as const
  leader.member?.changeMembership(change).catch(() => {})
  // the other has the change, and nothing more reaches it: neither does the word that it is committed
  const matchOf = (id: number) => leader.member?.memberList().find((one) => one.id === id)?.match ?? 0
  await until(keepers, () => matchOf(other.id) > appliedIndex)
  const end = keepers.network.cut(leader.id, other.id)
  expect(await until(keepers, () => (leader.member?.status().appliedIndex ?? 0) > appliedIndex)).toBe(true)
  await keepers.time.run(keepers.time.now + 2_000)
  end()
  expect(await until(keepers, () => leads(other) && leader.departed, 60_000)).toBe(true)
  await write(keepers, other, 'alone')
})
