import { expect, test } from 'vitest'
import { type ErrorCode, KeeperError } from '../base/errors.js'
import { createOutput } from './output.js'
import { elsewhere } from './send-tree.js'

/** Fails with each of the codes in turn, then answers. */
async function asked({ endpoints, fails }: { endpoints: number; fails: readonly ErrorCode[] }) {
  const said: string[] = []
  const stream = { write: (text: string) => said.push(text) }
  const waiting = [...fails]
  const act = async () => {
    const code = waiting.shift()
    if (code) throw new KeeperError(code, 'no keeper answers at a:7400')
    return 'published'
  }
  const context = { endpoints, output: createOutput(false, stream, stream), signal: new AbortController().signal }
  const outcome = await elsewhere(context, act).catch((error: KeeperError) => error.code)
  return { outcome, said: said.join('') }
}

test('what a keeper that dies in the midst was asked, the next one is asked, and somebody is told', async () => {
  const { outcome, said } = await asked({ endpoints: 3, fails: ['E_CONNECTION', 'E_STOPPED'] })
  expect(outcome).toBe('published')
  expect(said).toContain('no keeper answers at a:7400 (E_CONNECTION): the next keeper is asked')
})

test('there are no more tries than keepers', async () => {
  const codes: ErrorCode[] = ['E_CONNECTION', 'E_CONNECTION', 'E_CONNECTION']
  expect((await asked({ endpoints: 3, fails: codes })).outcome).toBe('E_CONNECTION')
  expect((await asked({ endpoints: 1, fails: ['E_CONNECTION'] })).outcome).toBe('E_CONNECTION')
})

test('what a keeper refuses is not asked again', async () => {
  const { outcome, said } = await asked({ endpoints: 3, fails: ['E_TOO_LARGE'] })
  expect(outcome).toBe('E_TOO_LARGE')
  expect(said).toBe('')
})
