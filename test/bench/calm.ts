import { table } from '../../keeper/src/cli/output.js'
import { Crew } from './load/crew.js'
import { quantileMs } from './load/histogram.js'
import { pause, progress } from './report.js'
import type { MakeBlueprint } from './subjects/all.js'
import { Cluster } from './subjects/cluster.js'
import { withScratch } from './subjects/scratch.js'

const processes = 8
const loops = 256
const windowMs = 10_000
const compactEveryWindows = 2

interface Window {
  readonly perSecond: number
  readonly p99Ms: number
  readonly term: number
  readonly failed: number
}

/** Full load for a long time: what a cluster must stand without an election. */
export interface CalmReport {
  readonly title: string
  readonly windows: readonly Window[]
  readonly compactions: number
  /** How far the term rose: 0 when no election took place. */
  readonly elections: number
}

/** `seconds` of full load on a fresh cluster, its old versions forgotten every other window. */
export const calm = (make: MakeBlueprint, seconds: number): Promise<CalmReport> =>
  withScratch(async (folder) => {
    const cluster = await Cluster.start(await make(folder))
    try {
      return await underLoad(cluster, seconds)
    } finally {
      await cluster.stop()
    }
  })

async function underLoad(cluster: Cluster, seconds: number): Promise<CalmReport> {
  const { kind, title, endpoints, compact } = cluster.blueprint
  const before = await cluster.term()
  const crew = await Crew.start(
    Array.from({ length: processes }, (_, at) => ({
      kind,
      endpoints: [endpoints[at % endpoints.length] as string],
      name: `p${at}`,
      loops: loops / processes,
      keysPerLoop: 40,
      bytes: 256,
    })),
  )
  try {
    await crew.run('put', loops / processes)
    const windows: Window[] = []
    let compactions = 0
    for (const end = performance.now() + seconds * 1_000; performance.now() < end; ) {
      windows.push(await oneWindow(cluster, crew, Math.min(windowMs, end - performance.now())))
      progress(`${title}: ${windows.length * (windowMs / 1_000)} s, ${JSON.stringify(windows.at(-1))}`)
      if (!compact || windows.length % compactEveryWindows !== 0) continue
      await compact()
      compactions++
    }
    const term = Math.max(...windows.map((one) => one.term))
    return { title, windows, compactions, elections: term - before }
  } finally {
    await crew.end()
  }
}

async function oneWindow(cluster: Cluster, crew: Crew, ms: number): Promise<Window> {
  const since = performance.now()
  await crew.mark()
  await pause(ms)
  const { done, failed, latencies } = await crew.report()
  const perSecond = Math.round((done * 1_000) / (performance.now() - since))
  return { perSecond, failed, p99Ms: Math.round(quantileMs(latencies, 0.99)), term: await cluster.term() }
}

export function renderCalm(reports: readonly CalmReport[]): string {
  const rows = reports.map(({ title, windows, compactions, elections }) => {
    const rates = windows.map((one) => one.perSecond)
    return [
      title,
      String(elections),
      String(compactions),
      `${Math.min(...rates)} to ${Math.max(...rates)}`,
      String(Math.max(...windows.map((one) => one.p99Ms))),
      String(windows.reduce((sum, one) => sum + one.failed, 0)),
    ]
  })
  return table(['', 'ELECTIONS', 'COMPACTIONS', 'WRITES A SECOND', 'WORST p99 ms', 'FAILED'], rows)
}
