import { expect, test } from 'vitest'
import { openClient } from './clients/client.js'
import { Crew } from './load/crew.js'
import { quantileMs } from './load/histogram.js'
import { subjects } from './subjects/all.js'
import { Cluster } from './subjects/cluster.js'
import { withScratch } from './subjects/scratch.js'

test('a load counts what a keeper really holds, and a keeper’s CPU and memory are read', () =>
  withScratch(async (folder) => {
    const [[, make]] = subjects({ only: 'keeper', members: 1 }) as [ReturnType<typeof subjects>[number]]
    const cluster = await Cluster.start(await make(folder))
    const { endpoints } = cluster.blueprint
    const spec = { kind: 'keeper' as const, endpoints, loops: 2, keysPerLoop: 3, bytes: 16 }
    const crew = await Crew.start(['a', 'b'].map((name) => ({ ...spec, name })))
    try {
      const before = await cluster.cpuSeconds()
      await crew.run('put', 2)
      await crew.mark()
      await expect.poll(async () => (await crew.report()).done, { timeout: 10_000 }).toBeGreaterThan(200)
      await crew.rest()
      const { done, failed, latencies } = await crew.report()
      expect(failed).toBe(0)
      expect(latencies.reduce((sum, count) => sum + count, 0)).toBe(done)
      expect(quantileMs(latencies, 0.99)).toBeGreaterThanOrEqual(quantileMs(latencies, 0.5))
      expect(await cluster.cpuSeconds()).toBeGreaterThan(before)
      expect(await cluster.residentBytes()).toBeGreaterThan(2 ** 20)
      const reader = await openClient('keeper', endpoints, 'reader')
      await Promise.all(['a', 'b'].flatMap((name) => [0, 1].map((loop) => reader.get(`${name}-${loop}-2`))))
      await expect(reader.get('a-2-0')).rejects.toThrow('no key')
      await reader.close()
    } finally {
      await crew.end()
      await cluster.stop()
    }
  }))
