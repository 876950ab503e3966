import { spawnSync } from 'node:child_process'
import { cp, mkdtemp, readdir, readFile, rm, truncate, unlink, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { KeeperClient } from '../../keeper/src/cli/client.js'
import { keeperCommand } from '../harness/command-line.js'
import { KeeperProcess, until } from '../harness/keeper-process.js'
import { missing, type Written, write } from './kill-loop.js'

/** A real process on a disk that fails, or that was damaged. A full one: disk-full.test.ts. */

let folder: string
let dataDir: string
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'keeper-disk-'))
  dataDir = join(folder, 'data')
})
afterEach(() => rm(folder, { recursive: true, force: true }))

/** Why faults cannot be injected here; undefined when they can. */
function noStrace(): string | undefined {
  const tried = spawnSync('strace', ['-f', '-o', '/dev/null', '-e', 'inject=fdatasync:error=EIO:when=9', 'true'])
  if (tried.error) return 'strace is not installed'
  return tried.status === 0 ? undefined : `strace may not trace: ${tried.stderr}`
}
const why = noStrace()

/** The log's files, those there are and those that may come. */
const segments = () => Array.from({ length: 9 }, (_, at) => join(dataDir, `segments/0000000${at + 1}.segment`))

/** strace before a keeper: makes one kind of call fail, and writes down when it did. */
const injecting = (fault: string, paths: readonly string[] = []) => [
  ...['strace', '-f', '-qq', '-ttt', '-o', join(folder, 'trace'), '-e', 'signal=none'],
  ...['-e', `trace=${fault.split(':')[0]}`, '-e', `inject=${fault}`],
  ...paths.flatMap((path) => ['-P', path]),
]

/** Seconds since the epoch of the first call that was made to fail. */
async function struckAt(): Promise<number> {
  const line = (await readFile(join(folder, 'trace'), 'utf8')).split('\n').find((text) => text.includes('(INJECTED)'))
  expect(line, 'a call that was made to fail').toBeDefined()
  return Number(line?.trim().split(/\s+/)[1])
}

/** Writes one after the other until one is refused; gives what was acknowledged and when the last one was, in seconds. */
async function writeUntilRefused(keeper: KeeperProcess) {
  const client = new KeeperClient([keeper.endpoint], { deadlineMs: 10_000 })
  const acknowledged = new Map<string, Written>()
  let last = 0
  const noting = new Proxy(acknowledged, {
    get: (target, name) => {
      if (name === 'set') last = Date.now() / 1_000
      const found: unknown = Reflect.get(target, name, target)
      return typeof found === 'function' ? found.bind(target) : found
    },
  })
  await write(client, 'w', noting, new AbortController().signal, () => {})
  client.close()
  return { acknowledged, last }
}

const faults = [
  ['a write of the log', 'pwrite64:error=EIO:when=12+', true],
  ['a write of the marks', 'pwrite64:error=EIO:when=12+', false],
] as const
describe.skipIf(why)(`a disk that fails (${why ?? 'by strace'})`, () => {
  test.each(faults)(
    '%s: nothing is acknowledged after it, and all that was is there',
    async (_what, fault, ofLog) => {
      const paths = ofLog ? segments() : [join(dataDir, 'marks')]
      // the files must be known before they are watched
      await (await KeeperProcess.start({ dataDir })).kill('SIGTERM')
      const keeper = await KeeperProcess.start({ dataDir, wrap: injecting(fault, paths) })
      const { acknowledged, last } = await writeUntilRefused(keeper)
      expect(await keeper.ended()).toBe(1)
      expect(keeper.errorOutput).toContain('E_DISK')
      expect(keeper.errorOutput).toMatch(/Input\/output error|EIO/)
      expect(acknowledged.size).toBeGreaterThan(3)
      expect(last).toBeLessThan(await struckAt())
      const again = await KeeperProcess.start({ dataDir })
      const client = new KeeperClient([again.endpoint])
      expect(await missing(client, acknowledged)).toEqual([])
      client.close()
      expect(await again.kill('SIGTERM')).toBe(0)
    },
    60_000,
  )

  test('at the first start: a typed error, and the next start completes the folder', async () => {
    const args = ['serve', '--data-dir', dataDir, '--listen-client', '127.0.0.1:0', '--listen-peer', '127.0.0.1:0']
    const [command = '', ...rest] = injecting('fsync:error=EIO:when=1')
    const bin = join(import.meta.dirname, '../../keeper/bin/keeper.js')
    const ended = spawnSync(command, [...rest, process.execPath, bin, ...args, '--listen-http', '127.0.0.1:0'])
    expect([ended.status, String(ended.stderr)]).toEqual([1, expect.stringContaining('E_DISK')])
    expect(await (await KeeperProcess.start({ dataDir })).kill('SIGTERM')).toBe(0)
  }, 30_000)

  test('a write for which there is no space once: nobody notices, and all is there', async () => {
    await (await KeeperProcess.start({ dataDir })).kill('SIGTERM')
    const wrap = injecting('pwrite64:error=ENOSPC:when=9', segments())
    const keeper = await KeeperProcess.start({ dataDir, wrap })
    const client = new KeeperClient([keeper.endpoint])
    const acknowledged = new Map<string, Written>()
    const stop = new AbortController()
    const failures: unknown[] = []
    const load = write(client, 'w', acknowledged, stop.signal, (error) => failures.push(error))
    await until('the fault', () => keeper.errorOutput.includes('the disk is full: writes wait'))
    const before = acknowledged.size
    await until('writes after it', () => acknowledged.size > before + 50 || failures.length > 0)
    stop.abort()
    await load
    expect(failures, keeper.errorOutput).toEqual([])
    await keeper.killTraced('SIGKILL')
    await struckAt()
    const again = await KeeperProcess.start({ dataDir })
    const reader = new KeeperClient([again.endpoint])
    expect(await missing(reader, acknowledged)).toEqual([])
    for (const one of [client, reader]) one.close()
    await again.kill('SIGTERM')
  }, 60_000)
})

/** A folder of one voter, made once: a flush in a table, and entries after it that a kill left in the log alone. */
let model: string
let older: string
beforeAll(async () => {
  model = await mkdtemp(join(tmpdir(), 'keeper-damage-'))
  older = join(model, 'older')
  const [data, acknowledged] = [join(model, 'data'), new Map<string, Written>()]
  for (const signal of ['SIGTERM', 'SIGTERM', 'SIGKILL'] as const) {
    const keeper = await KeeperProcess.start({ dataDir: data })
    const client = new KeeperClient([keeper.endpoint])
    const [stop, before] = [new AbortController(), acknowledged.size]
    const load = write(client, signal + before, acknowledged, stop.signal, () => {})
    await until('writes', () => acknowledged.size > before + 200)
    stop.abort()
    await load
    client.close()
    // what is being made gets another name under way
    const filter = (path: string) => !path.endsWith('.tmp')
    if (signal === 'SIGKILL') await cp(join(data, 'segments'), older, { recursive: true, filter })
    if (signal === 'SIGKILL') await writeMore(keeper)
    await keeper.kill(signal)
  }
}, 60_000)
afterAll(() => rm(model, { recursive: true, force: true }))

async function writeMore(keeper: KeeperProcess): Promise<void> {
  const client = new KeeperClient([keeper.endpoint])
  for (let at = 0; at < 20; at++) {
    const put = { key: Buffer.from(`more/${at}`), value: Buffer.from('v') }
    await client.call('kv', 'Txn', { txn: { success: [{ put }] } })
  }
  client.close()
}

async function newest(database: string, ending: string, beginning = ''): Promise<string> {
  const all = await readdir(join(dataDir, database))
  const names = all.filter((name) => name.startsWith(beginning) && name.endsWith(ending)).sort()
  return join(dataDir, database, names.at(-1) ?? 'none')
}

/** The last one with records. */
async function newestSegment(): Promise<string> {
  const names = (await readdir(join(dataDir, 'segments'))).sort()
  const written = names.map(async (name) =>
    (await readFile(join(dataDir, 'segments', name))).some((byte) => byte !== 0),
  )
  return join(dataDir, 'segments', names[(await Promise.all(written)).lastIndexOf(true)] ?? 'none')
}

/** One bit may fall on what a later record has overwritten. */
async function flipState(): Promise<void> {
  for (const where of [0.3, 0.4, 0.5]) await flip(await newest('state', '.ldb'), where)
}

/** A bit so far into what was written of a file. */
async function flip(path: string, where: number): Promise<void> {
  const bytes = await readFile(path)
  const at = Math.floor(bytes.findLastIndex((byte) => byte !== 0) * where)
  bytes[at] = (bytes[at] ?? 0) ^ 0x10
  await writeFile(path, bytes)
}

const damages: readonly (readonly [string, () => Promise<void>, RegExp])[] = [
  ['flipped bits in the state', () => flipState(), /E_CORRUPT|E_LOST_TAIL/],
  ['a flipped bit in the log', async () => flip(await newestSegment(), 0.8), /E_CORRUPT|E_LOST_TAIL/],
  ['a log cut in its middle', async () => truncate(await newestSegment(), 5_000), /E_LOST_TAIL|E_CORRUPT/],
  ['a missing manifest', async () => unlink(await newest('state', '', 'MANIFEST')), /E_CORRUPT/],
  ['a missing table', async () => unlink(await newest('state', '.ldb')), /E_CORRUPT/],
  ['a flipped bit in the side file', () => flip(join(dataDir, 'member.json'), 0.3), /E_CORRUPT/],
  ['no side file', () => unlink(join(dataDir, 'member.json')), /E_CORRUPT/],
  ['both marks gone', () => writeFile(join(dataDir, 'marks'), new Uint8Array(128 * 1024)), /E_CORRUPT|E_LOST_TAIL/],
  ['the log of before', () => putOldLogBack(), /E_LOST_TAIL|E_CORRUPT/],
  ['no log at all', () => rm(join(dataDir, 'segments'), { recursive: true }), /E_LOST_TAIL|E_CORRUPT/],
]

/** As after a mix-up of copies: the segments of some writes ago. */
async function putOldLogBack(): Promise<void> {
  await rm(join(dataDir, 'segments'), { recursive: true })
  await cp(older, join(dataDir, 'segments'), { recursive: true })
}

describe('a damaged folder of one voter', () => {
  test.each(damages)(
    'with %s is refused loudly, each time, and said what to do about',
    async (_what, damage, code) => {
      await cp(join(model, 'data'), dataDir, { recursive: true })
      await damage()
      const args = ['--listen-client', '127.0.0.1:0', '--listen-peer', '127.0.0.1:0', '--listen-http', '127.0.0.1:0']
      for (let time = 0; time < 2; time++) {
        const ended = await keeperCommand(['serve', '--data-dir', dataDir, ...args])
        expect(ended.code).toBe(1)
        expect(ended.stderr).toMatch(code)
        expect(ended.stderr).toMatch(/restore|put back|recover/i)
      }
    },
    60_000,
  )
})
