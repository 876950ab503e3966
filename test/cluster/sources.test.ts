import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { followCommand, keeperCommand } from '../harness/command-line.js'
import { KeeperCluster } from '../harness/keeper-cluster.js'
import { until } from '../harness/keeper-process.js'

/** Three keepers, each with a copy of one directory, for one source. */

let folder = ''
let cluster: KeeperCluster
const configDirOf = (name: string) => join(folder, `config-${name}`)

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'keeper-sources-'))
  for (const name of ['n1', 'n2', 'n3']) await edit(name, 1)
  cluster = await KeeperCluster.begin(folder, 3, ['--source', 'team'], { configDirOf })
}, 60_000)

afterAll(async () => {
  await cluster.end()
  await rm(folder, { recursive: true, force: true })
}, 60_000)

async function edit(name: string, max: number): Promise<void> {
  await mkdir(join(configDirOf(name), 'push'), { recursive: true })
  await writeFile(join(configDirOf(name), 'push/room.yaml'), `max: ${max}\n`)
}

interface SourceSaid {
  readonly waitsFor: string
  readonly lastErrorCode: string
  readonly place: string
}

async function sourceBy(name: string): Promise<SourceSaid> {
  const endpoint = cluster.endpoints[cluster.names.indexOf(name)] ?? ''
  const { stdout } = await keeperCommand(['status', '--endpoints', endpoint, '--output', 'json'])
  return JSON.parse(stdout).sources[0]
}

async function liveValue(): Promise<unknown> {
  const { stdout } = await keeperCommand(['get', 'push/room', '--endpoints', cluster.running.join(',')])
  return stdout.trim() === '' ? undefined : JSON.parse(stdout)
}

const becomes = (max: number) =>
  until(`max to be ${max}`, async () => JSON.stringify(await liveValue()) === JSON.stringify({ max }))

const publisherAmong = (names: readonly string[]) =>
  until('a publisher', async () => {
    const said = await Promise.all(names.map(async (name) => ({ name, ...(await sourceBy(name)) })))
    return said.find(({ waitsFor, lastErrorCode }) => waitsFor === '' && lastErrorCode === '')?.name ?? false
  })

test('one publishes and the others say why not; when it dies, one with an up to date copy goes on, and the timeline has it all', async () => {
  const events = followCommand(['events', '--follow', '--output', 'json', '--endpoints', cluster.endpoints.join(',')])
  await becomes(1)
  const publisher = await publisherAmong(cluster.names)
  const [good, stale] = cluster.names.filter((name) => name !== publisher) as [string, string]
  for (const name of [good, stale]) {
    expect((await sourceBy(name)).waitsFor).toMatch(new RegExp(`^${publisher} publishes for team since \\d{4}-`))
    expect(cluster.process(name).errorOutput).toContain('stands by')
  }
  // An edit of a copy that stands by is not published; the publisher's is.
  await edit(good, 2)
  await edit(publisher, 2)
  await becomes(2)

  await cluster.kill(publisher, 'SIGKILL')
  expect(await publisherAmong([good])).toBe(good)
  await edit(good, 3)
  await becomes(3)
  // The copy that nobody brought up to date never got through.
  const said = await sourceBy(stale)
  expect(said.waitsFor !== '' || said.lastErrorCode === 'E_STALE_SOURCE').toBe(true)

  const endpoints = cluster.running.join(',')
  const kept = async () => {
    const { stdout } = await keeperCommand(['events', '--last', 'all', '--output', 'json', '--endpoints', endpoints])
    return stdout.trim().split('\n')
  }
  await until('the follower to have all that is kept', async () => {
    const all = await kept()
    return all.length > 0 && JSON.stringify(events.lines) === JSON.stringify(all)
  })
  const kinds = (await kept()).map((line) => JSON.parse(line).kind)
  expect(kinds.filter((kind) => kind === 'published')).toHaveLength(3)
  expect(kinds.filter((kind) => kind === 'source').length).toBeGreaterThan(1)
  expect(await events.end()).toBe(0)
}, 90_000)
