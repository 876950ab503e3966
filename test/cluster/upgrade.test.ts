import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import { keeperCommand } from '../harness/command-line.js'
import { KeeperCluster } from '../harness/keeper-cluster.js'
import { buildKeeper, commitBeforeFormats } from '../harness/older-keeper.js'
import { Counting } from './counting.js'

/**
 * An upgrade: keepers of the last commit before a format changed, on disk or on the wire, become keepers of today one
 * after the other, under load. Whoever breaks it has to read what is old, and to wait with what is new until the
 * cluster's version allows it (keeper/src/store/cluster-version.ts).
 */

const older = commitBeforeFormats()
const missing = 'missing' in older ? older.missing : undefined

let folder: string
let cluster: KeeperCluster
let counting: Counting
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'keeper-upgrade-'))
})
afterEach(async () => {
  await counting?.end()
  await cluster?.end()
  await rm(folder, { recursive: true, force: true })
}, 30_000)

const run = async (...args: string[]) => {
  const ended = await keeperCommand([...args, '--endpoints', cluster.running.join(',')])
  expect(ended.code, ended.stderr).toBe(0)
  return ended.stdout
}
/** A value of a megabyte, of which one word changes: keepers of today keep it in pieces, once all know them. */
async function publishList(word: string): Promise<void> {
  await mkdir(join(folder, 'config/push'), { recursive: true })
  const list = Array.from({ length: 60_000 }, (_, at) => (at === 30_000 ? word : `user-${at}`))
  await writeFile(join(folder, 'config/push/list.json'), JSON.stringify(list))
  await run('apply', join(folder, 'config'))
  for (const endpoint of cluster.running) {
    const { stdout } = await keeperCommand(['get', 'push/list', '--endpoints', endpoint])
    expect(JSON.parse(stdout)).toEqual(list)
  }
}
const leads = (name: string) =>
  vi.waitFor(
    async () => {
      await run('leader', 'transfer', name)
      expect(await cluster.leader()).toBe(name)
    },
    { timeout: 15_000 },
  )

describe.skipIf(missing)(`an upgrade${missing ? ` (${missing})` : ''}`, () => {
  test('keepers before the latest change of a format become keepers of today without one failed call', async () => {
    const program = await buildKeeper((older as { commit: string }).commit, join(folder, 'older'))
    cluster = await KeeperCluster.begin(folder, 3, [], { program })
    counting = await Counting.start(cluster.endpoints, 4)
    await run('kv', 'put', 'from', 'older')
    await publishList('older')
    for (const [at, name] of cluster.names.entries()) {
      await counting.allGoOn()
      await cluster.kill(name, 'SIGTERM')
      await cluster.start(name, { program: undefined })
      await counting.allGoOn()
      // one of today leads those from before, and one from before leads one of today
      await leads(name)
      await counting.allGoOn()
      await publishList(name)
      const next = cluster.names[at + 1]
      if (next) await leads(next)
    }
    // and what was written by then is read again
    const name = await cluster.leader()
    await cluster.kill(name, 'SIGKILL')
    await cluster.start(name, { program: undefined })
    await counting.allGoOn()
    expect(await run('kv', 'get', 'from')).toBe('older\n')
    await publishList('of today')
    const words = ['~1', '~2', '~3', '~4'].map((back) =>
      run('get', 'push/list', '--revision', back, '--path', '/30000'),
    )
    expect(await Promise.all(words)).toEqual([...[...cluster.names].reverse(), 'older'].map((word) => `"${word}"\n`))
    expect(counting.wrong).toEqual([])
  }, 120_000)
})
