import { expect, test } from 'vitest'
import { ReadRounds } from './reads.js'

/** Rounds of a member whose leader and term the test sets; what is asked is kept. */
function member() {
  const asked: { term: number; context: Uint8Array }[] = []
  const world = { term: 1, leads: true }
  const rounds = new ReadRounds({
    ask: (context) => {
      if (world.leads) asked.push({ term: world.term, context })
      return world.leads
    },
    term: () => world.term,
    patience: { retryTicks: 5, failTicks: 50, applyTicks: 20 },
    incarnation: Buffer.from('here'),
    applied: 9,
  })
  return { rounds, world, asked }
}

test('a read that its leader took to its grave is asked of the next one, as soon as that is known', async () => {
  const { rounds, world, asked } = member()
  const read = rounds.read()
  rounds.start()
  for (let ticks = 0; ticks < 4; ticks++) rounds.tick()
  expect([asked.length, rounds.unansweredTicks]).toEqual([1, 4])
  Object.assign(world, { term: 2, leads: false })
  rounds.start()
  expect([asked.length, rounds.unansweredTicks]).toEqual([1, 4])
  world.leads = true
  rounds.start()
  rounds.start()
  expect(asked.map(({ term }) => term)).toEqual([1, 2])
  expect(rounds.unansweredTicks).toBe(0)
  rounds.answered({ index: 9, context: asked[1]?.context as Uint8Array })
  await read
})

test('a read that was lost on its way is asked again, and given up in time', async () => {
  const { rounds, asked } = member()
  const read = expect(rounds.read()).rejects.toMatchObject({ code: 'E_UNAVAILABLE' })
  rounds.start()
  for (let ticks = 0; ticks < 49; ticks++) rounds.tick()
  expect([asked.length, rounds.unansweredTicks]).toEqual([10, 49])
  rounds.tick()
  await read
})

test('a read that is confirmed waits for what is to be applied here, but not for ever, and the next one does not wait less', async () => {
  const { rounds, asked } = member()
  const confirm = (index: number) => rounds.answered({ index, context: asked.at(-1)?.context as Uint8Array })
  const early = expect(rounds.read()).rejects.toMatchObject({
    ...{ code: 'E_UNAVAILABLE', details: { applied: 9, index: 12 } },
    message: 'this keeper is behind: it has applied entry 9, and the read waits for entry 12',
  })
  rounds.start()
  confirm(12)
  for (let ticks = 0; ticks < 19; ticks++) rounds.tick()
  const late = rounds.read()
  rounds.start()
  confirm(12)
  rounds.tick()
  await early
  for (let ticks = 0; ticks < 18; ticks++) rounds.tick()
  rounds.applied(12)
  await late
})
