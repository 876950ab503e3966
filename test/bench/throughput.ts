import { type ClientKind, type Operation, openClient } from './clients/client.js'
import { Crew } from './load/crew.js'
import { quantileMs } from './load/histogram.js'
import { median, pause, progress } from './report.js'
import type { MakeBlueprint } from './subjects/all.js'
import { Cluster } from './subjects/cluster.js'
import { withScratch } from './subjects/scratch.js'

export interface ThroughputOptions {
  readonly operations: readonly Operation[]
  readonly processes: number
  readonly loops: number
  readonly keysPerLoop: number
  readonly bytes: number
  readonly warmupMs: number
  readonly measureMs: number
  readonly rounds: number
  readonly clientFlags: readonly string[]
  /** Let members and load end by themselves, so that they write their profiles. */
  readonly gently: boolean
}

/** One operation of one subject under full load, in one round or as the median of several. */
export interface Figures {
  readonly perSecond: number
  readonly p50Ms: number
  readonly p99Ms: number
  /** CPU microseconds for each operation, all members together and all load processes together. */
  readonly serverCpuUs: number
  readonly clientCpuUs: number
  /** Resident, all members together. */
  readonly residentMb: number
  readonly failed: number
  /** p50 of one loop alone, its connection at the leader and at a follower. */
  readonly aloneAtLeaderMs: number
  readonly aloneAtFollowerMs: number
}

export interface Measured {
  readonly kind: ClientKind
  readonly title: string
  readonly operation: Operation
  readonly median: Figures
  readonly rounds: readonly Figures[]
  readonly failures: Readonly<Record<string, number>>
}

interface Sample {
  readonly kind: ClientKind
  readonly title: string
  readonly operation: Operation
  readonly figures: Figures
  readonly failures: Readonly<Record<string, number>>
}

/** Every subject alone in its turn, freshly started, round after round. */
export async function measureThroughput(
  subjects: readonly (readonly [ClientKind, MakeBlueprint])[],
  options: ThroughputOptions,
): Promise<Measured[]> {
  const samples: Sample[] = []
  for (let round = 1; round <= options.rounds; round++) {
    for (const [kind, make] of subjects) {
      progress(`round ${round} of ${options.rounds}: ${kind}`)
      samples.push(...(await turn(make, options)))
    }
  }
  return subjects.flatMap(([kind]) =>
    options.operations.flatMap((operation) => {
      const own = samples.filter((one) => one.kind === kind && one.operation === operation)
      return own[0] ? [summary(own[0], own)] : []
    }),
  )
}

function summary({ kind, title, operation }: Sample, samples: readonly Sample[]): Measured {
  const rounds = samples.map((one) => one.figures)
  const failures: Record<string, number> = {}
  for (const one of samples)
    for (const [name, count] of Object.entries(one.failures)) failures[name] = (failures[name] ?? 0) + count
  const names = Object.keys(rounds[0] ?? {}) as (keyof Figures)[]
  const middle = Object.fromEntries(names.map((name) => [name, median(rounds.map((one) => one[name]))]))
  return { kind, title, operation, rounds, failures, median: middle as unknown as Figures }
}

const turn = (make: MakeBlueprint, options: ThroughputOptions): Promise<Sample[]> =>
  withScratch(async (folder) => {
    const cluster = await Cluster.start(await make(folder))
    try {
      return await withCrew(cluster, options)
    } finally {
      await cluster.stop(options.gently ? 'SIGTERM' : 'SIGKILL')
    }
  })

/** The processes' connections are dealt out over the members. */
async function withCrew(cluster: Cluster, options: ThroughputOptions): Promise<Sample[]> {
  const { kind, endpoints } = cluster.blueprint
  const crew = await Crew.start(
    Array.from({ length: options.processes }, (_, at) => ({
      kind,
      endpoints: [endpoints[at % endpoints.length] as string],
      name: `p${at}`,
      loops: options.loops / options.processes,
      keysPerLoop: options.keysPerLoop,
      bytes: options.bytes,
    })),
    options.clientFlags,
  )
  try {
    const samples: Sample[] = []
    for (const operation of options.operations) samples.push(await sample(cluster, crew, operation, options))
    return samples
  } finally {
    await crew.end()
  }
}

async function sample(cluster: Cluster, crew: Crew, operation: Operation, options: ThroughputOptions): Promise<Sample> {
  await crew.run(operation, options.loops / options.processes)
  await pause(options.warmupMs)
  await crew.mark()
  const [since, serverBefore, clientBefore] = [performance.now(), await cluster.cpuSeconds(), await crew.cpuSeconds()]
  await pause(options.measureMs)
  const [serverAfter, clientAfter] = [await cluster.cpuSeconds(), await crew.cpuSeconds()]
  const { done, latencies, failed, failures } = await crew.report()
  const seconds = (performance.now() - since) / 1000
  const residentMb = (await cluster.residentBytes()) / 2 ** 20
  await crew.rest()
  const leader = await cluster.settled()
  const alone = (at: number) => oneAlone(cluster, at, operation, options)
  const figures: Figures = {
    perSecond: done / seconds,
    p50Ms: quantileMs(latencies, 0.5),
    p99Ms: quantileMs(latencies, 0.99),
    serverCpuUs: ((serverAfter - serverBefore) * 1e6) / done,
    clientCpuUs: ((clientAfter - clientBefore) * 1e6) / done,
    residentMb,
    failed,
    aloneAtLeaderMs: await alone(leader),
    aloneAtFollowerMs: cluster.blueprint.size > 1 ? await alone((leader + 1) % cluster.blueprint.size) : Number.NaN,
  }
  return { kind: cluster.blueprint.kind, title: cluster.blueprint.title, operation, figures, failures }
}

/** p50 of one operation after the other, from this process, which does nothing else. */
async function oneAlone(
  cluster: Cluster,
  at: number,
  operation: Operation,
  { warmupMs, measureMs, bytes }: ThroughputOptions,
): Promise<number> {
  const { kind, endpoints } = cluster.blueprint
  const client = await openClient(kind, [endpoints[at] as string], `alone-${operation}-${at}`)
  const value = Buffer.alloc(bytes, 'v')
  const key = 'alone'
  const act = { put: () => client.put(key, value), get: () => client.get(key), getLocal: () => client.getLocal(key) }
  try {
    await client.create(key, value)
    // etcd’s client knows from the last value put how long an answer must be.
    await client.put(key, value)
    await timed(act[operation], warmupMs / 4)
    return median(await timed(act[operation], measureMs / 4))
  } finally {
    await client.close()
  }
}

async function timed(act: () => Promise<void>, ms: number): Promise<number[]> {
  const latencies: number[] = []
  for (const end = performance.now() + ms; performance.now() < end; ) {
    const since = performance.now()
    await act()
    latencies.push(performance.now() - since)
  }
  return latencies
}
