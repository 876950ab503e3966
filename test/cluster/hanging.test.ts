import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout } from 'node:timers/promises'
import { Keeper } from '@keeper/sdk'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { keeperCommand } from '../harness/command-line.js'
import { KeeperCluster } from '../harness/keeper-cluster.js'
import { until } from '../harness/keeper-process.js'

/** A keeper whose process is stopped: its machine goes on to take connections and to acknowledge what comes. */

const silent = { info() {}, warn() {} }
let folder = ''
let cluster: KeeperCluster
let idle: Keeper

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'keeper-hanging-'))
  cluster = await KeeperCluster.begin(folder)
  const about = { cluster: 'push', role: 'room', instance: 'room-1', stateDir: false as const, logger: silent }
  idle = await Keeper.join({ ...about, endpoints: cluster.endpoints })
}, 60_000)
afterAll(async () => {
  await idle.leave()
  await cluster.end()
  await rm(folder, { recursive: true, force: true })
}, 60_000)

const home = () => cluster.process(cluster.nameAt(idle.status.endpoint))

test('a process that asks for nothing stays with a keeper that stands still for a moment', async () => {
  let moves = 0
  const stop = idle.onConnection(() => void moves++)
  for (let pauses = 0; pauses < 5; pauses++) {
    home().signal('SIGSTOP')
    await setTimeout(300)
    home().signal('SIGCONT')
    await setTimeout(100)
  }
  stop()
  expect(moves).toBe(0)
}, 30_000)

test('and is at another one a second after its keeper hangs; so is a command that begins with that one', async () => {
  const hanging = home()
  const from = idle.status.endpoint
  const others = cluster.endpoints.filter((endpoint) => endpoint !== from)
  const began = performance.now()
  let leftAfterMs = 0
  idle.onConnection(({ state }) => {
    if (state === 'away') leftAfterMs ||= performance.now() - began
  })
  hanging.signal('SIGSTOP')
  try {
    await until('another keeper', () => idle.status.state === 'live' && idle.status.endpoint !== from)
    // what the machine is busy with besides counts, too
    expect(leftAfterMs).toBeLessThan(1_500)
    const asked = performance.now()
    const { code } = await keeperCommand(['status', '--endpoints', [from, ...others].join(','), '--output', 'json'])
    expect([code, performance.now() - asked < 6_000]).toEqual([0, true])
  } finally {
    hanging.signal('SIGCONT')
  }
}, 30_000)

test('a keeper that is left alone says so by status, and a list of the members ends with what to do', async () => {
  const alone = home()
  const others = cluster.names.filter((name) => cluster.process(name) !== alone).map((name) => cluster.process(name))
  for (const other of others) other.signal('SIGSTOP')
  try {
    const at = ['--endpoints', alone.endpoint]
    const status = await until('a status without a leader', async () => {
      const said = await keeperCommand(['status', ...at])
      return said.stdout.includes('no leader') && said
    })
    expect(status).toMatchObject({ code: 1, stdout: expect.stringMatching(/^keeper n\d .* of term/) })
    expect(status.stderr).toMatch(/E_UNAVAILABLE\)\n.*start the keepers that do not run/)
    expect(await keeperCommand(['member', 'list', ...at])).toMatchObject({
      ...{ code: 1, stderr: expect.stringContaining('there is no leader (E_UNAVAILABLE)') },
    })
  } finally {
    for (const other of others) other.signal('SIGCONT')
  }
}, 60_000)
