import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { systemClock } from '../base/clock.js'
import { encodeText } from '../base/codec.js'
import { silentLogger } from '../base/logger.js'
import { systemRandom } from '../base/random.js'
import { LevelDisk } from '../storage/level-disk.js'
import { openMemberDisk } from '../storage/member-disk.js'
import type { Command } from '../store/types.js'
import { startMember } from './member.js'
import type { MemberOptions } from './options.js'
import type { Member } from './types.js'

let folder: string
let member: Member | undefined

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'keeper-node-'))
})
afterEach(async () => {
  await member?.stop()
  member = undefined
  await rm(folder, { recursive: true })
})

const start = async (options: Partial<MemberOptions> = {}): Promise<Member> => {
  const identity = { clusterId: 'c1', memberId: 1, memberName: 'n1' }
  const disk = await openMemberDisk(new LevelDisk(folder), { identity })
  member = await startMember({ disk, clock: systemClock, random: systemRandom, logger: silentLogger, ...options })
  return member
}

const put = (key: string, value: string | Uint8Array): Command => ({
  principal: 'test',
  body: {
    kind: 'txn',
    keyspace: 'user',
    txn: {
      compares: [],
      success: [
        {
          kind: 'put',
          key: encodeText(key),
          value: typeof value === 'string' ? encodeText(value) : value,
          lease: 0n,
          revisionSuffix: false,
          prevKv: false,
          ignoreValue: false,
          ignoreLease: false,
        },
      ],
      failure: [],
    },
  },
})

const valueAt = (of: Member, key: string) => of.store.get('user', encodeText(key))?.value.toString()

describe('a single voter', () => {
  test('writes, and has it all after a restart without a flush', async () => {
    const first = await start()
    const results = await Promise.all(Array.from({ length: 100 }, (_, i) => first.propose(put(`k${i}`, `v${i}`))))
    expect(results.every((result) => result.ok)).toBe(true)
    const hash = first.store.hash()
    await first.stop()
    const second = await start()
    expect(valueAt(second, 'k99')).toBe('v99')
    expect(second.store.hash()).toBe(hash)
  })
})
