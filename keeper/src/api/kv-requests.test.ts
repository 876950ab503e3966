import { clientFrame, type Request__Output, type RequestBatch__Output } from '@keeper/proto'
import { expect, test } from 'vitest'
import { KeeperError } from '../base/errors.js'
import type { Member } from '../node/types.js'
import type { SessionView } from '../push/options.js'
import type { Command, CommandResult } from '../store/types.js'
import { createRequestExecutor } from './kv-requests.js'

const session = { id: 7n, principal: 'writer' } as unknown as SessionView

/** A batch as it comes from the wire: puts of these keys, numbered from 1. */
function putsOf(...keys: readonly string[]): RequestBatch__Output {
  const requests = keys.map((key, i) => ({
    sequence: i + 1,
    txn: { success: [{ put: { key: Buffer.from(key), value: Buffer.from('v') } }] },
  }))
  const frame = clientFrame.decode(clientFrame.encode({ requests: { requests, lowWater: 1 } }))
  return frame.requests as RequestBatch__Output
}

const done = (revision: number): CommandResult => ({ ok: true, revision, succeeded: true, results: [{ kind: 'put' }] })

/** An executor upon a member that notes what is proposed together and answers as told. */
function executorOf(answer: (commands: readonly Command[]) => Promise<readonly (CommandResult | KeeperError)[]>) {
  const proposed: (readonly Command[])[] = []
  const proposeTogether = (commands: readonly Command[]) => {
    proposed.push(commands)
    return answer(commands)
  }
  return { proposed, execute: createRequestExecutor({ proposeTogether } as unknown as Member) }
}

test('the writes of a batch are proposed together, each as the request that it is', async () => {
  const { proposed, execute } = executorOf(async () => [done(11), done(12)])
  const replies = await execute(session, putsOf('a', 'b'))
  expect(proposed).toHaveLength(1)
  expect(proposed[0]?.map(({ requestId }) => requestId)).toEqual([
    { session: 7n, sequence: 1, lowWater: 1 },
    { session: 7n, sequence: 2, lowWater: 1 },
  ])
  expect(replies).toMatchObject([
    { sequence: '1', revision: 11, txn: { succeeded: true } },
    { sequence: '2', revision: 12, txn: { succeeded: true } },
  ])
})

test('each is told its own refusal, whoever refuses it', async () => {
  const taken: CommandResult = { ok: false, revision: 12, code: 'E_TOO_LARGE', message: 'the value is too large' }
  const { execute } = executorOf(async () => [done(11), new KeeperError('E_NO_SPACE', 'the store is full'), taken])
  expect(await execute(session, putsOf('a', 'b', 'c'))).toMatchObject([
    { sequence: '1', revision: 11 },
    { sequence: '2', error: { code: 'E_NO_SPACE' } },
    { sequence: '3', error: { code: 'E_TOO_LARGE' } },
  ])
})

test('a write that means nothing keeps none of the others', async () => {
  const { proposed, execute } = executorOf(async () => [done(11)])
  const batch = putsOf('a', 'b')
  const [good, other] = batch.requests as [Request__Output, Request__Output]
  const replies = await execute(session, { ...batch, requests: [{ ...other, sequence: 'many' }, good] })
  expect(proposed[0]).toHaveLength(1)
  expect(replies).toMatchObject([
    { sequence: 'many', error: { code: 'E_INVALID_ARGUMENT' } },
    { sequence: '1', revision: 11 },
  ])
})

test('what befalls them all is told to each', async () => {
  const { execute } = executorOf(async () => {
    throw new KeeperError('E_UNCERTAIN', 'leadership changed while the proposal was under way')
  })
  expect(await execute(session, putsOf('a', 'b'))).toMatchObject([
    { sequence: '1', error: { code: 'E_UNCERTAIN' } },
    { sequence: '2', error: { code: 'E_UNCERTAIN' } },
  ])
})
