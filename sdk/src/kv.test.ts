import { expect, test } from 'vitest'
import { limits } from './limits.js'
import { ScriptedKeeper } from './testing/scripted-keeper.js'

const resumed = { resumed: true, sessionSecret: Buffer.alloc(0) }

async function started() {
  const keeper = await new ScriptedKeeper().welcomed()
  const asked = () =>
    keeper.sent('requests').map(({ requests, lowWater }) => [requests.map(({ sequence }) => sequence), lowWater])
  const reply = (sequence: number, revision: number) =>
    keeper.send({ replies: { replies: [{ sequence, revision, txn: { succeeded: true, results: [{ put: {} }] } }] } })
  return { keeper, kv: keeper.keeper.kv, asked, reply }
}

test('what is asked in one turn is one frame; each answer finds its question, in any order', async () => {
  const { keeper, kv, asked, reply } = await started()
  const puts = [kv.put('a', '1'), kv.put('b', '2')]
  await keeper.runtime.settle()
  expect(asked()).toEqual([[['1', '2'], '1']])
  await reply(2, 20)
  await reply(1, 10)
  expect((await Promise.all(puts)).map(({ revision }) => revision)).toEqual([10, 20])
})

test('unanswered requests are put again under their numbers after the session was taken up again', async () => {
  const { keeper, kv, asked, reply } = await started()
  const [first, second] = [kv.put('a', '1'), kv.put('b', '2')]
  await keeper.runtime.settle()
  await reply(1, 10)
  await first
  await keeper.breakStream()
  await keeper.runtime.advance(1_000)
  await keeper.welcome(resumed)
  expect(asked()).toEqual([[['2'], '2']])
  await reply(2, 11)
  expect((await second).revision).toBe(11)
})

test('in a new session a write that was sent is uncertain, a read and what was never sent are put again', async () => {
  const { keeper, kv, asked } = await started()
  const sent = expect(kv.put('a', '1')).rejects.toMatchObject({ code: 'E_UNCERTAIN' })
  void kv.get('a')
  await keeper.runtime.settle()
  await keeper.breakStream()
  const unsent = kv.put('b', '2')
  await keeper.runtime.advance(1_000)
  await keeper.welcome({ sessionId: '78' })
  await sent
  expect(asked()).toEqual([[['1', '2'], '1']])
  await keeper.send({ replies: { replies: [{ sequence: 2, revision: 5, txn: { succeeded: true } }] } })
  expect((await unsent).revision).toBe(5)
})

test('a keeper that has no leader is asked again, under the same number', async () => {
  const { keeper, kv, asked, reply } = await started()
  const put = kv.put('a', '1')
  await keeper.runtime.settle()
  await keeper.send({ replies: { replies: [{ sequence: 1, error: { code: 'E_NOT_LEADER', message: 'n2 leads' } }] } })
  await keeper.runtime.advance(200)
  expect(asked().map(([sequences]) => sequences)).toEqual([['1'], ['1']])
  await reply(1, 7)
  expect((await put).revision).toBe(7)
})

test('errors come with the keeper’s code and details', async () => {
  const { keeper, kv } = await started()
  const put = expect(kv.put('a', '1')).rejects.toMatchObject({ code: 'E_NO_SPACE', details: { quota: 5 } })
  await keeper.runtime.settle()
  const error = { code: 'E_NO_SPACE', message: 'full', detailsJson: '{"quota":5}' }
  await keeper.send({ replies: { replies: [{ sequence: 1, error }] } })
  await put
})

test('a request ends with its time or its signal, and too many are refused', async () => {
  const { keeper, kv } = await started()
  const late = expect(kv.put('a', '1', { timeoutMs: 50 })).rejects.toMatchObject({ code: 'E_TIMEOUT' })
  await keeper.runtime.advance(50)
  await late
  const controller = new AbortController()
  const aborted = expect(kv.get('a', { signal: controller.signal })).rejects.toThrow('enough')
  controller.abort(new Error('enough'))
  await aborted
  const many = Array.from({ length: limits.requestsInFlightMax }, () => kv.get('a').catch((error) => error.code))
  await expect(kv.get('a')).rejects.toMatchObject({ code: 'E_TOO_MANY' })
  const left = keeper.keeper.leave()
  await keeper.runtime.settle()
  await left
  expect(new Set(await Promise.all(many))).toEqual(new Set(['E_STOPPED']))
})

test('64-bit ids keep every digit', async () => {
  const { keeper, kv } = await started()
  const lease = kv.grantLease(10)
  await keeper.runtime.settle()
  const leaseGrant = { id: '9223372036854775807', ttlSeconds: 10 }
  await keeper.send({ replies: { replies: [{ sequence: 1, leaseGrant }] } })
  expect(await lease).toEqual({ id: 9223372036854775807n, ttlSeconds: 10 })
})

test('each call has its own deadline, whichever came first', async () => {
  const { keeper, kv, reply } = await started()
  const codeOf = (call: Promise<unknown>) =>
    call.then(
      () => 'done',
      (error: { code: string }) => error.code,
    )
  const ended: string[] = []
  const note = (name: string, timeoutMs: number) =>
    void codeOf(kv.put(name, '1', { timeoutMs })).then((code) => ended.push(`${name} ${code}`))
  note('late', 900)
  note('soon', 300)
  note('answered', 300)
  await keeper.runtime.settle()
  await reply(3, 7)
  await keeper.runtime.advance(290)
  expect(ended).toEqual(['answered done'])
  await keeper.runtime.advance(20)
  expect(ended).toEqual(['answered done', 'soon E_TIMEOUT'])
  await keeper.runtime.advance(600)
  expect(ended).toEqual(['answered done', 'soon E_TIMEOUT', 'late E_TIMEOUT'])
})

test('what timed out while no keeper was there is not asked when one is again', async () => {
  const { keeper, kv, asked, reply } = await started()
  await keeper.breakStream()
  const gone = Array.from({ length: 3 * limits.requestsInFlightMax }, () =>
    kv.put('a', '1', { timeoutMs: 100 }).catch(() => {}),
  )
  await keeper.runtime.advance(150)
  await Promise.all(gone)
  const put = kv.put('b', '2')
  await keeper.runtime.advance(1_000)
  await keeper.welcome(resumed)
  const [[sequences] = []] = asked()
  expect(sequences).toHaveLength(1)
  await reply(Number(sequences?.[0]), 9)
  expect((await put).revision).toBe(9)
})
