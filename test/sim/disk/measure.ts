/**
 * What an append costs on this machine's disk: `npx tsx test/sim/disk/measure.ts [folder] [seconds]`. Callers append one
 * entry of 200 bytes each and wait; a synced write alone stands beside it for comparison.
 */

import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { LevelDisk } from '../../../keeper/src/storage/level-disk.js'
import { openMemberDisk } from '../../../keeper/src/storage/member-disk.js'
import type { RawDisk, RawLog } from '../../../keeper/src/storage/types.js'

const [parent = tmpdir(), seconds = '3'] = process.argv.slice(2)
const data = new Uint8Array(200).fill(7)
const counts = { syncs: 0, marks: 0 }

/** Counts what is synced on the way to the real disk. */
function counting(raw: RawDisk): RawDisk {
  const log = async (): Promise<RawLog> => {
    const real = await raw.log()
    const write: RawLog['write'] = (...args) => {
      counts.syncs++
      return real.write(...args)
    }
    return new Proxy(real, { get: (target, key) => (key === 'write' ? write : bound(target, key)) })
  }
  const writeMark: RawDisk['writeMark'] = (slot, bytes) => {
    counts.marks++
    return raw.writeMark(slot, bytes)
  }
  return new Proxy(raw, {
    get: (target, key) => (key === 'log' ? log : key === 'writeMark' ? writeMark : bound(target, key)),
  })
}

function bound<T extends object>(target: T, key: string | symbol): unknown {
  const value: unknown = Reflect.get(target, key, target)
  return typeof value === 'function' ? value.bind(target) : value
}

/** Appends from `callers` at once until the time is over. */
async function measure(name: string, callers: number, append: () => Promise<void>): Promise<void> {
  const latencies: number[] = []
  const start = performance.now()
  const cpu = process.cpuUsage()
  Object.assign(counts, { syncs: 0, marks: 0 })
  const end = start + Number(seconds) * 1_000
  const caller = async () => {
    while (performance.now() < end) {
      const begun = performance.now()
      await append()
      latencies.push(performance.now() - begun)
    }
  }
  await Promise.all(Array.from({ length: callers }, caller))
  const took = performance.now() - start
  const { user, system } = process.cpuUsage(cpu)
  latencies.sort((a, b) => a - b)
  const at = (share: number) => (latencies[Math.floor(latencies.length * share)] ?? 0).toFixed(2)
  console.log(
    `${name}, ${callers} callers: ${Math.round((latencies.length * 1_000) / took)} appends/s, ` +
      `p50 ${at(0.5)} ms, p99 ${at(0.99)} ms, ${counts.syncs} log syncs and ${counts.marks} marks for ${latencies.length} appends, ` +
      `${((user + system) / latencies.length).toFixed(0)} µs CPU each`,
  )
}

const folder = await mkdtemp(join(parent, 'keeper-measure-'))
try {
  const bare = new LevelDisk(join(folder, 'bare'))
  await bare.open()
  const log = await counting(bare).log()
  await log.make(1, 64 * 1024 * 1024)
  let at = 0
  const put = () => {
    at = (at + data.length) % (60 * 1024 * 1024)
    return log.write(1, at, data)
  }
  await measure('one write in place', 1, put)
  await bare.close()

  const identity = { clusterId: 'c1', memberId: 1, memberName: 'n1' }
  const disk = await openMemberDisk(counting(new LevelDisk(join(folder, 'data'))), { identity })
  let index = 0
  const append = () => disk.append({ entries: [{ index: ++index, term: 1, type: 'normal', data }] })
  await measure('MemberDisk', 1, append)
  await measure('MemberDisk', 64, append)
  await disk.close()
} finally {
  await rm(folder, { recursive: true })
}
