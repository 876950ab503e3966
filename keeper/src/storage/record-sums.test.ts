import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { LevelDisk } from './level-disk.js'
import { openMemberDisk } from './member-disk.js'
import type { MemberDisk, RawDb, RawDisk } from './types.js'

const identity = { clusterId: 'c1', memberId: 1, memberName: 'n1', storeEpoch: 1 }
const voters = { voters: [1], learners: [], votersOutgoing: [], learnersNext: [], autoLeave: false }
const bytes = (text: string) => new TextEncoder().encode(text)
const large = (letter: string) => letter.repeat(4_000)

/** Counts the records that are looked up before they are overwritten. */
class CountingDisk extends LevelDisk implements RawDisk {
  lookedUp = 0

  override async state(): Promise<RawDb> {
    const db = await super.state()
    const getMany: RawDb['getMany'] = (keys) => {
      this.lookedUp += keys.length
      return db.getMany(keys)
    }
    return new Proxy(db, {
      get: (target, property) => {
        if (property === 'getMany') return getMany
        const member = Reflect.get(target, property, target)
        return typeof member === 'function' ? member.bind(target) : member
      },
    })
  }
}

let folder: string
let raw: CountingDisk
let disk: MemberDisk
let index = 0

const open = async () => {
  raw = new CountingDisk(folder)
  disk = await openMemberDisk(raw, { identity })
}
const reopen = async () => {
  await disk.close()
  await open()
}
/** Puts the texts, deletes what is undefined; `fresh` as the store says it. */
async function flush(changes: Record<string, string | undefined>, fresh = false): Promise<void> {
  index++
  await disk.append({ entries: [{ index, term: 1, type: 'normal', data: bytes(`entry ${index}`) }] })
  const puts = Object.entries(changes).flatMap(([key, text]) =>
    text === undefined ? [] : { key: bytes(key), value: bytes(text), fresh },
  )
  const deletes = Object.keys(changes).flatMap((key) => (changes[key] === undefined ? bytes(key) : []))
  await disk.flush({ appliedIndex: index, appliedTerm: 1, puts, deletes }, voters)
}
async function records(): Promise<Record<string, string>> {
  const found: Record<string, string> = {}
  for await (const { key, value } of disk.stateRecords()) found[Buffer.from(key).toString()] = String(value).slice(0, 2)
  return found
}

beforeEach(async () => {
  index = 0
  folder = join(await mkdtemp(join(tmpdir(), 'keeper-sums-')), 'data')
  await open()
})
afterEach(async () => {
  await disk.close().catch(() => {})
  await rm(join(folder, '..'), { recursive: true, force: true })
})

test('large records that a flush wrote, or that were there at the start, are overwritten without being read', async () => {
  await flush({ a: large('1'), b: large('1'), small: '1' }, true)
  await flush({ a: large('2') })
  await reopen()
  await flush({ b: large('2'), a: large('3') })
  expect(raw.lookedUp).toBe(0)
  await flush({ small: '2' })
  expect(raw.lookedUp).toBe(1)
  await reopen()
  expect(disk.recovered.condition).toBe('clean')
  expect(await records()).toEqual({ a: '33', b: '22', small: '2' })
})

test('what grows, shrinks, goes and comes again is counted right', async () => {
  await flush({ a: large('1'), b: large('1'), c: large('1') }, true)
  await flush({ a: '2', b: undefined, c: large('2') })
  await flush({ a: large('3'), b: large('3'), c: undefined })
  await flush({ a: undefined, b: '4' })
  await reopen()
  expect(disk.recovered.condition).toBe('clean')
  expect(await records()).toEqual({ b: '4' })
})
