import { cp, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { crc32 } from '../../keeper/src/base/checksum.js'
import { ByteWriter } from '../../keeper/src/base/codec.js'
import { limits } from '../../keeper/src/base/limits.js'
import { newMessage } from '../../keeper/src/raft/message.js'
import { frame } from '../../keeper/src/transport/frames.js'
import { writePeerMessage } from '../../keeper/src/transport/message-codec.js'
import { ChunkWriter } from '../../keeper/src/transport/snapshot-codec.js'
import { freeAddress } from '../../keeper/src/transport/testing/free-address.js'
import { Stranger, snapshotMessage } from '../../keeper/src/transport/testing/members.js'
import { putAt } from '../harness/asking.js'
import { keeperCommand } from '../harness/command-line.js'
import { KeeperCluster } from '../harness/keeper-cluster.js'
import { until } from '../harness/keeper-process.js'

/** What real keepers say to one that speaks as a member of theirs and is none, or talks nonsense; and that they go on. */

interface Side {
  readonly identity: { readonly clusterId: string; readonly memberId: number }
  readonly home: { readonly folder: string }
}

let folder = ''
let cluster: KeeperCluster
/** What n1 and n3 are called between keepers. */
let first: Side
let third: Side
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'keeper-bad-peers-'))
  cluster = await KeeperCluster.begin(folder)
  const [one, three] = await Promise.all(['n1', 'n3'].map(sideOf))
  ;[first, third] = [one as Side, three as Side]
}, 30_000)
afterAll(async () => {
  Stranger.endAll()
  await cluster.end()
  await rm(folder, { recursive: true })
})

const sideFile = (name: string) => join(cluster.dataDirOf(name), 'member.json')
const sideOf = async (name: string): Promise<Side> =>
  JSON.parse((await readFile(sideFile(name), 'utf8')).split('\n')[0] ?? '')

/** A write through each that runs is taken. */
async function allGoOn(): Promise<void> {
  for (const endpoint of cluster.running) await putAt(endpoint, 'k', 'v')
}

describe('somebody at the peer port of a keeper who says it is n3, while n3 is away', () => {
  beforeAll(() => cluster.kill('n3', 'SIGTERM'))
  afterAll(async () => {
    await cluster.start('n3')
    expect(cluster.running).toHaveLength(3)
    await allGoOn()
  })

  const speak = (but: object = {}) => {
    const { identity, home } = third
    const about = { clusterId: identity.clusterId, from: identity.memberId, to: first.identity.memberId }
    return Stranger.hello(cluster.peerOf('n1'), { ...about, name: 'n3', folder: home.folder, ...but })
  }

  test.each<[string, object, string]>([
    ['but of another cluster', { clusterId: 'feedfeedfeedfeed' }, 'E_CLUSTER_FOREIGN'],
    ['but with an id that nobody has', { from: 7 }, 'E_MEMBER_UNKNOWN'],
    ['but under another name', { name: 'n4' }, 'E_MEMBER_DUPLICATE'],
    ['but means another keeper', { to: 7 }, 'E_MEMBER_UNKNOWN'],
    ['but answers no challenge', { nonce: 'old' }, 'E_UNAUTHENTICATED'],
    ['but asks for nothing that there is', { purpose: 'everything' }, 'E_FRAME_GARBAGE'],
  ])('%s, is sent away', async (_what, but, code) => {
    expect(await (await speak(but)).refusal()).toBe(code)
    await allGoOn()
  })

  const says = (message: object): Buffer => {
    const body = new ByteWriter(256)
    const whole = { ...newMessage('MsgHeartbeat', first.identity.memberId, third.identity.memberId, 1), ...message }
    writePeerMessage(body, { kind: 'raft', message: whole } as Parameters<typeof writePeerMessage>[1])
    return frame('messages', body.finish())
  }
  const overLimit = (): Buffer => {
    const header = Buffer.alloc(9)
    header.writeUInt32LE(limits.peerFrameBytesMax + 1, 0)
    return header
  }

  test.each<[string, () => Buffer, string]>([
    ['a term of 2^53', () => says({ term: Number.MAX_SAFE_INTEGER }), 'E_FRAME_GARBAGE'],
    ['a commit that no log reaches', () => says({ commit: Number.MAX_SAFE_INTEGER }), 'E_FRAME_GARBAGE'],
    ['a message over the limit', overLimit, 'E_TOO_LARGE'],
    ['a hello once more', () => frame('hello', Buffer.from('{}')), 'E_FRAME_ORDER'],
  ])('and then says %s, is sent away', async (_what, bytes, code) => {
    const stranger = await speak()
    await stranger.next('welcome')
    stranger.write(bytes())
    expect(await stranger.refusal()).toBe(code)
    await allGoOn()
  })

  const snapshot = (records = 4) => {
    const writer = new ChunkWriter()
    const begin = writer.begin(snapshotMessage(third.identity.memberId, first.identity.memberId))
    const value = Buffer.alloc(200, 7)
    const chunks = Array.from({ length: records }, (_, at) => writer.chunk([{ key: Buffer.from(`${at}`), value }]))
    return { begin, chunks, end: writer.end() }
  }
  const bent = (bytes: Buffer) => Buffer.from(bytes.map((byte, at) => (at === 100 ? byte ^ 1 : byte)))

  test.each<[string, (all: ReturnType<typeof snapshot>) => (Buffer | undefined)[], string]>([
    ['with chunks out of order', ({ begin, chunks: [a, b] }) => [begin, b, a], 'E_FRAME_ORDER'],
    ['with a chunk whose sum is wrong', ({ begin, chunks: [a] }) => [begin, bent(a as Buffer)], 'E_FRAME_GARBAGE'],
    ['whose end comes too early', ({ begin, chunks: [a], end }) => [begin, a, end], 'E_FRAME_GARBAGE'],
    ['without a beginning', ({ chunks: [a] }) => [a], 'E_FRAME_ORDER'],
  ])('and sends a snapshot %s, is sent away, and nothing of it stays', async (what, made, code) => {
    const stranger = await speak({ purpose: 'snapshot', transfer: what })
    await stranger.next('welcome')
    for (const bytes of made(snapshot())) if (bytes) stranger.write(bytes)
    expect(await stranger.refusal()).toBe(code)
    await allGoOn()
  })
})

describe('a keeper that is started beside them', () => {
  const ports = ['--listen-client', '127.0.0.1:0', '--listen-http', '127.0.0.1:0']
  const serve = (name: string, dataDir: string, ...args: string[]) =>
    keeperCommand(['serve', '--name', name, '--data-dir', dataDir, ...ports, ...args])

  test('on a data folder that a newer keeper wrote ends with that word, and the folder stays as it was', async () => {
    await cluster.kill('n2', 'SIGTERM')
    const before = await readFile(sideFile('n2'), 'utf8')
    const line = (before.split('\n')[0] ?? '').replace(/"format":\d+/, '"format":99')
    const newer = `${line}\n${crc32(Buffer.from(line)).toString(16).padStart(8, '0')}\n`
    await writeFile(sideFile('n2'), newer)
    const ended = await serve('n2', cluster.dataDirOf('n2'), '--listen-peer', cluster.peerOf('n2'))
    expect([ended.code, ended.stderr]).toEqual([1, expect.stringContaining('E_DATA_VERSION')])
    expect(ended.stderr).toContain('run that version')
    expect(await readFile(sideFile('n2'), 'utf8')).toBe(newer)
    await writeFile(sideFile('n2'), before)
    await cluster.start('n2')
    await allGoOn()
  })

  test('under the name of one that runs, on a copy of its folder or on a new one, ends with that word', async () => {
    const copy = join(folder, 'copy')
    // it runs: what is made or dropped under way is copied in another attempt
    const copied = () =>
      cp(cluster.dataDirOf('n3'), copy, { recursive: true }).then(
        () => true,
        () => false,
      )
    await until('a copy of its folder', copied)
    const elsewhere = async () => ['--listen-peer', await freeAddress(), '--initial-cluster', cluster.founders]
    const ended = await Promise.all([
      serve('n3', copy, ...(await elsewhere())),
      serve('n3', join(folder, 'new'), ...(await elsewhere())),
    ])
    for (const { code, stderr } of ended) expect([code, stderr]).toEqual([1, expect.stringContaining('E_MEMBER_DUPL')])
    await allGoOn()
  })
})
