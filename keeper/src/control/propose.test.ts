import { createHash } from 'node:crypto'
import { expect, test } from 'vitest'
import { systemClock } from '../base/clock.js'
import { silentLogger } from '../base/logger.js'
import { CLUSTER_VERSION } from '../store/cluster-version.js'
import type { Command, CommandBody } from '../store/types.js'
import { BlobCollector } from './blob-collector.js'
import { putBlobs } from './propose.js'
import { makeShop, type Shop } from './testing/shop.js'

const sha256 = (bytes: Uint8Array) => createHash('sha256').update(bytes).digest('hex')
const list = (word: string) =>
  Buffer.from(JSON.stringify(Array.from({ length: 60_000 }, (_, at) => (at === 30_000 ? word : `user-${at}`))))
const blobOf = (bytes: Buffer) => ({ hash: sha256(bytes), bytes })

/** A shop of a cluster of that version, and what is proposed there. */
function shopOf(version: number): { shop: Shop; proposed: CommandBody[]; put: (...all: Buffer[]) => Promise<void> } {
  const shop = makeShop()
  shop.log.apply([{ principal: 'system', body: { kind: 'clusterVersion', version } }])
  const proposed: CommandBody[] = []
  const propose = shop.member.propose.bind(shop.member)
  shop.member.propose = (command: Command) => {
    proposed.push(command.body)
    return propose(command)
  }
  const put = (...all: Buffer[]) => putBlobs(shop.member, 'test', all.map(blobOf), async () => {})
  return { shop, proposed, put }
}

const bytesIn = (proposed: readonly CommandBody[]) =>
  proposed.reduce((sum, body) => sum + (body.kind === 'blobPut' ? body.bytes.length : 0), 0)
const holds = ({ member }: Shop, bytes: Buffer) =>
  Buffer.compare(member.store.blob(sha256(bytes)) ?? Buffer.alloc(0), bytes) === 0

test('of a large value that changed only the pieces go into the log that are not there, and of one that did not, nothing', async () => {
  const { shop, proposed, put } = shopOf(CLUSTER_VERSION)
  await put(list('one'))
  expect(bytesIn(proposed)).toBe(list('one').length)
  proposed.length = 0
  await put(list('two'))
  expect(bytesIn(proposed)).toBeLessThan(list('two').length / 4)
  expect(holds(shop, list('one')) && holds(shop, list('two'))).toBe(true)
  proposed.length = 0
  await put(list('two'))
  expect(proposed).toEqual([])
})

test('as long as some member knows of no pieces it goes as a whole', async () => {
  const { shop, proposed, put } = shopOf(CLUSTER_VERSION - 1)
  await put(list('one'))
  expect(new Set(proposed.map(({ kind }) => kind))).toEqual(new Set(['blobPut']))
  expect(holds(shop, list('one'))).toBe(true)
  expect(shop.member.store.blobPieces(sha256(list('one')))).toHaveLength(1)
})

test('a piece that is collected before the value is made of it comes in again', async () => {
  const { shop, put } = shopOf(CLUSTER_VERSION)
  await put(list('one'))
  const first = sha256(list('one'))
  const pieces = shop.member.store.blobPieces(first).map(({ hash }) => hash)
  const propose = shop.member.propose.bind(shop.member)
  let isCollected = false
  shop.member.propose = async (command: Command) => {
    if (command.body.kind === 'blobCompose' && !isCollected) {
      isCollected = true
      await propose({ principal: 'system', body: { kind: 'blobDelete', hashes: [first, ...pieces] } })
    }
    return propose(command)
  }
  await put(list('two'))
  expect(isCollected && holds(shop, list('two'))).toBe(true)
})

test('what a large value was made of is collected once nothing is made of it any more', async () => {
  const { shop, put } = shopOf(CLUSTER_VERSION)
  await put(list('one'), list('two'))
  const { store } = shop.member
  const [one, two] = [list('one'), list('two')].map((bytes) => store.blobPieces(sha256(bytes)).map(({ hash }) => hash))
  const lost = one?.filter((hash) => !two?.includes(hash)) ?? []
  expect(lost.length).toBeGreaterThan(0)
  shop.log.apply([{ principal: 'system', body: { kind: 'blobDelete', hashes: [sha256(list('one'))] } }])
  // the other is named by nobody either: it is read here all the time
  const collector = new BlobCollector({ member: shop.member, clock: systemClock, logger: silentLogger })
  expect(await collector.round(1)).toBe(0)
  expect(await collector.round(1)).toBe(lost.length + 1)
  expect(await collector.round(1)).toBe(0)
  expect(await collector.round(1)).toBe(two?.length)
  expect([...store.blobHashes()]).toEqual([])
})
