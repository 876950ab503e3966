import { expect, test } from 'vitest'
import { type ErrorCode, KeeperError } from '../base/errors.js'
import type { StreamCall } from './client.js'
import type { Client } from './late-client.js'
import { createOutput } from './output.js'
import { sendTree } from './send-tree.js'

const tree = { files: [], problems: [] }
const failure = (code: ErrorCode) => new KeeperError(code, 'no keeper answers at a:7400')

/** What each call in turn comes to: it cannot be begun, or begins to answer and fails, or answers. */
type Call = { readonly refused: ErrorCode } | { readonly broken: ErrorCode } | { readonly answers: readonly string[] }

async function asked(endpoints: number, calls: readonly Call[]) {
  const said: string[] = []
  const out = { write: (text: string) => said.push(text) }
  let begun = 0
  const stream = async () => {
    const call = calls[begun++]
    if (!call || 'refused' in call) throw failure(call?.refused ?? 'E_INTERNAL')
    return {
      write: async () => {},
      end: () => {},
      cancel: () => {},
      async *[Symbol.asyncIterator]() {
        yield 'a first answer'
        if ('broken' in call) throw failure(call.broken)
        yield* call.answers
      },
    } as unknown as StreamCall<never, never>
  }
  const context = {
    client: { stream } as unknown as Client,
    endpoints,
    output: createOutput(false, out, out),
    signal: new AbortController().signal,
  }
  const outcome = await sendTree<string>(context, { service: 'configs', method: 'Apply' }, {}, tree).catch(
    (error: KeeperError) => error.code,
  )
  return { outcome, begun, said: said.join('') }
}

test('what a keeper that dies in the midst was asked, the next one is asked, and somebody is told', async () => {
  const calls: Call[] = [{ broken: 'E_CONNECTION' }, { broken: 'E_STOPPED' }, { answers: ['done'] }]
  const { outcome, said } = await asked(3, calls)
  expect(outcome).toEqual(['a first answer', 'done'])
  expect(said).toContain('no keeper answers at a:7400 (E_CONNECTION): the next keeper is asked')
})

test('there are no more tries than keepers', async () => {
  const dying: Call[] = Array.from({ length: 4 }, () => ({ broken: 'E_CONNECTION' }))
  expect(await asked(3, dying)).toMatchObject({ outcome: 'E_CONNECTION', begun: 3 })
  expect(await asked(1, dying)).toMatchObject({ outcome: 'E_CONNECTION', begun: 1, said: '' })
})

test('where no keeper can be reached, or one refuses, nobody is asked again', async () => {
  const silent = await asked(3, [{ refused: 'E_CONNECTION' }, { answers: ['done'] }])
  expect(silent).toMatchObject({ outcome: 'E_CONNECTION', begun: 1, said: '' })
  const refusing = await asked(3, [{ broken: 'E_TOO_LARGE' }, { answers: ['done'] }])
  expect(refusing).toMatchObject({ outcome: 'E_TOO_LARGE', begun: 1, said: '' })
})
