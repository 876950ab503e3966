import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { keeperCommand } from '../harness/command-line.js'
import { KeeperCluster } from '../harness/keeper-cluster.js'
import { until } from '../harness/keeper-process.js'
import { writeTree } from '../harness/tree.js'

// Keepers and commands, one after the other: on a busy machine each takes its time.
vi.setConfig({ testTimeout: 90_000, hookTimeout: 60_000 })

let folder: string
let cluster: KeeperCluster
/** How the third one is started. */
let third: readonly string[]

const file = (name: string) => join(folder, name)
const common = () => ['--label', 'env=prod', '--secret-key-file', file('common.key')]

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'keeper-agreement-'))
  for (const name of ['common.key', 'other.key']) await keeperCommand(['secret', 'keygen', file(name)])
  third = common()
  const extraOf = (name: string) => (name === 'n3' ? third : common())
  cluster = await KeeperCluster.begin(folder, 3, [], { extraOf })
})
afterEach(async () => {
  await cluster.end()
  await rm(folder, { recursive: true })
})

const at = (name: string, ...argv: string[]) => keeperCommand([...argv, '--endpoints', cluster.process(name).endpoint])
const status = async (name: string) => (await at(name, 'status')).stdout
const ready = async (name: string) => {
  const answer = await fetch(`http://${cluster.process(name).ready.http}/readyz`)
  return `${answer.status} ${await answer.text()}`
}
const put = (name: string, text: string) => at(name, 'secret', 'put', 'redis/password', '--from-file', file(text))

async function restart(options: readonly string[]): Promise<void> {
  third = options
  await cluster.kill('n3', 'SIGTERM')
  await cluster.start('n3')
}

test('a keeper with another key and other labels is named by all, told what to do, and kept from doing harm', async () => {
  await writeTree(folder, { password: 'hunter2', 'config/push/room.yaml': 'max: 1\n' })
  expect(await put('n1', 'password')).toMatchObject({ code: 0 })
  expect(await status('n1')).not.toContain('not started alike')

  await restart(['--label', 'env=staging', '--secret-key-file', file('other.key')])
  const differs = await until('the difference', async () => {
    const text = await status('n1')
    return text.includes('labels (--label)') && text
  })
  expect(differs).toMatch(
    /not started alike · sealing keys differ: n1, n2 would seal .* which n3 cannot open \(E_SECRET_KEY\)/,
  )
  expect(differs).toMatch(/labels \(--label\): env=prod at n1, n2; env=staging at n3 \(E_SETTINGS_DIFFER\)/)
  expect(differs).toContain('Start every keeper with the same --secret-key-file FILE')
  await until('a word in the log', () => cluster.process('n3').errorOutput.includes('E_SETTINGS_DIFFER'))

  expect(await ready('n1')).toBe('200 ok\n')
  expect(await ready('n3')).toMatch(/^503 1 secrets do not open here: key .* is at n[12] \(E_SECRET_KEY\)/)
  expect(await put('n1', 'password')).toMatchObject({ code: 1, stderr: expect.stringContaining('n3 could not open') })
  expect(await at('n3', 'apply', file('config'))).toMatchObject({
    code: 4,
    stderr: expect.stringContaining('E_SETTINGS_DIFFER'),
  })
  expect(await at('n3', 'plan', file('config'))).toMatchObject({
    code: 4,
    stdout: expect.stringContaining('E_SETTINGS_DIFFER'),
  })
  expect(await at('n1', 'apply', file('config'))).toMatchObject({ code: 0 })

  await restart(common())
  await until('agreement', async () => !(await status('n2')).includes('not started alike'))
  expect(await ready('n3')).toBe('200 ok\n')
  expect(await put('n3', 'password')).toMatchObject({ code: 0 })
})
