import { type ChildProcess, spawn, spawnSync } from 'node:child_process'
import { readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { KeeperCluster } from '../harness/keeper-cluster.js'
import { until } from '../harness/keeper-process.js'
import type { Links } from '../harness/links.js'
import type { Namespaces } from '../harness/namespaces.js'

export interface FaultWorld {
  readonly cluster: KeeperCluster
  /** Without it there are no partitions. */
  readonly hosts?: Namespaces | undefined
  /** Without them what passes between keepers passes as it is. */
  readonly links?: Links | undefined
  /** How long what lasts does. */
  readonly lastsMs: number
}

/** Does some harm and undoes it; resolves once the cluster is whole again. */
export interface Fault {
  readonly name: string
  /** Longest pause of all writes that may come of it, as `issue 3` has it; undefined: none was promised. */
  readonly gapMs?: number
  readonly needs?: 'hosts' | 'links' | 'strace'
  /** Not in the short set: what it shows, others there show, too, or it takes its time. */
  readonly long?: true
  run(world: FaultWorld): Promise<void>
}

const pause = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms))

/** Why no disk can be made slow or failing here; undefined when it can. */
export function noStrace(): string | undefined {
  const tried = spawnSync('strace', ['-f', '-o', '/dev/null', '-e', 'inject=fdatasync:delay_enter=1', 'true'])
  if (tried.error) return 'strace is not installed'
  return tried.status === 0 ? undefined : `strace may not trace: ${tried.stderr}`
}

/** Meddles with the calls of a process that runs, from now on until it is ended. */
async function meddle(pid: number, inject: string): Promise<() => Promise<void>> {
  const args = ['-f', '-o', '/dev/null', '-e', 'signal=none', '-e', `trace=${inject.split(':')[0]}`]
  const tracer: ChildProcess = spawn('strace', [...args, '-e', `inject=${inject}`, '-p', String(pid)], {
    stdio: ['ignore', 'ignore', 'pipe'],
  })
  let said = ''
  tracer.stderr?.on('data', (chunk) => {
    said += String(chunk)
  })
  await until('strace to be there', () => said.includes('attached'))
  return async () => {
    if (tracer.exitCode !== null) return
    tracer.kill('SIGINT')
    await until('strace to let go', () => tracer.exitCode !== null || tracer.signalCode !== null)
  }
}

async function stopFor(cluster: KeeperCluster, name: string, lastsMs: number): Promise<void> {
  const process = cluster.process(name)
  process.signal('SIGSTOP')
  await pause(lastsMs)
  process.signal('SIGCONT')
}

async function cutFor({ hosts, lastsMs }: FaultWorld, cut: (hosts: Namespaces) => void): Promise<void> {
  if (!hosts) throw new Error('there are no hosts to be cut off')
  try {
    cut(hosts)
    await pause(lastsMs)
  } finally {
    hosts.heal()
  }
}

async function shapedFor({ cluster, links, lastsMs }: FaultWorld, shape: (links: Links) => void): Promise<void> {
  if (!links) throw new Error('there are no links to be shaped')
  try {
    shape(links)
    await pause(lastsMs)
  } finally {
    links.heal()
  }
  await cluster.leader()
}

const othersThan = (cluster: KeeperCluster, name: string) => cluster.names.filter((other) => other !== name)

async function restart(cluster: KeeperCluster, name: string, signal: NodeJS.Signals): Promise<void> {
  await cluster.kill(name, signal)
  await cluster.start(name)
}

/** Writes nonsense into the newest file with this ending that holds anything. */
async function corrupt(folder: string, ending: string): Promise<void> {
  for (const name of (await readdir(folder)).sort().reverse()) {
    if (!name.endsWith(ending)) continue
    const bytes = await readFile(join(folder, name))
    const end = bytes.findLastIndex((byte) => byte !== 0)
    if (end < 0) continue
    return await writeFile(join(folder, name), bytes.fill(0x5a, Math.floor(end * 0.9), Math.floor(end * 0.9) + 64))
  }
  throw new Error(`nothing in ${folder} ends in ${ending}`)
}

export const faults: readonly Fault[] = [
  {
    name: 'the leader is killed',
    gapMs: 500,
    async run({ cluster }) {
      await restart(cluster, await cluster.leader(), 'SIGKILL')
    },
  },
  {
    name: 'a follower is killed',
    long: true,
    gapMs: 500,
    async run({ cluster }) {
      await restart(cluster, await cluster.follower(), 'SIGKILL')
    },
  },
  {
    name: 'the leader is stopped',
    gapMs: 100,
    async run({ cluster }) {
      await restart(cluster, await cluster.leader(), 'SIGTERM')
    },
  },
  {
    name: 'the leader hangs',
    gapMs: 1_500,
    async run({ cluster, lastsMs }) {
      await stopFor(cluster, await cluster.leader(), lastsMs)
    },
  },
  {
    name: 'the leader is cut off from the others, not from its clients',
    gapMs: 1_500,
    needs: 'hosts',
    async run(world) {
      const host = world.cluster.hostOf(await world.cluster.leader())
      await cutFor(world, (hosts) => hosts.partition(host))
    },
  },
  {
    name: 'the leader is cut off from everybody',
    long: true,
    gapMs: 1_500,
    needs: 'hosts',
    async run(world) {
      const host = world.cluster.hostOf(await world.cluster.leader())
      await cutFor(world, (hosts) => hosts.unplug(host))
    },
  },
  {
    name: 'the leader hears the others, and they do not hear it',
    gapMs: 1_500,
    needs: 'hosts',
    async run(world) {
      const leader = world.cluster.hostOf(await world.cluster.leader())
      const others = world.cluster.names.map((name) => world.cluster.hostOf(name)).filter((host) => host !== leader)
      await cutFor(world, (hosts) => {
        for (const other of others) hosts.block(leader, other)
      })
    },
  },
  {
    name: 'the others hear the leader, and it does not hear them',
    gapMs: 1_500,
    needs: 'hosts',
    async run(world) {
      const leader = world.cluster.hostOf(await world.cluster.leader())
      const others = world.cluster.names.map((name) => world.cluster.hostOf(name)).filter((host) => host !== leader)
      await cutFor(world, (hosts) => {
        for (const other of others) hosts.block(other, leader)
      })
    },
  },
  {
    name: 'two followers do not reach each other',
    long: true,
    gapMs: 500,
    needs: 'hosts',
    async run(world) {
      const leader = await world.cluster.leader()
      const [one, two] = world.cluster.names.filter((name) => name !== leader).map((name) => world.cluster.hostOf(name))
      await cutFor(world, (hosts) => {
        hosts.block(one as number, two as number)
        hosts.block(two as number, one as number)
      })
    },
  },
  {
    name: 'what the leader and the others say to each other is late',
    gapMs: 1_500,
    needs: 'links',
    async run(world) {
      const leader = await world.cluster.leader()
      const late = { delayMs: 60, jitterMs: 60 }
      await shapedFor(world, (links) => links.shapeAround(leader, othersThan(world.cluster, leader), late))
    },
  },
  {
    name: 'much of what keepers say to each other is lost and sent again',
    gapMs: 1_500,
    needs: 'links',
    async run(world) {
      const { names } = world.cluster
      await shapedFor(world, (links) => {
        for (const name of names) links.shapeAround(name, othersThan(world.cluster, name), { loss: 0.1, jitterMs: 5 })
      })
    },
  },
  {
    name: 'connections of the leader stall and stay',
    gapMs: 1_500,
    needs: 'links',
    async run(world) {
      const leader = await world.cluster.leader()
      const others = othersThan(world.cluster, leader)
      await shapedFor(world, (links) => links.shapeAround(leader, others, { stalled: true }))
    },
  },
  {
    // no pause was promised while it lasts: each time, all have lost the leader, and ask for another one
    name: 'connections between keepers are reset again and again',
    needs: 'links',
    async run({ cluster, links, lastsMs }) {
      for (const end = performance.now() + lastsMs; performance.now() < end; await pause(400)) links?.reset()
      await cluster.leader()
    },
  },
  {
    name: 'little passes to a follower',
    gapMs: 500,
    needs: 'links',
    long: true,
    async run(world) {
      const follower = await world.cluster.follower()
      await shapedFor(world, (links) => {
        for (const other of othersThan(world.cluster, follower))
          links.shape(other, follower, { bytesPerSecond: 32_768 })
      })
    },
  },
  {
    name: 'the disk of the leader is slow',
    needs: 'strace',
    async run({ cluster, lastsMs }) {
      const letGo = await meddle(cluster.process(await cluster.leader()).pid, 'fdatasync,pwrite64:delay_enter=100000')
      await pause(lastsMs)
      await letGo()
    },
  },
  {
    name: 'the disk of the leader fails',
    gapMs: 1_500,
    needs: 'strace',
    async run({ cluster }) {
      const leader = await cluster.leader()
      const process = cluster.process(leader)
      // the log is written all the time, LevelDB synced at a flush, which may be half a minute away
      const letGo = await meddle(process.pid, 'fdatasync,pwrite64:error=EIO')
      await process.ended()
      await letGo()
      await restart(cluster, leader, 'SIGKILL')
    },
  },
  {
    name: 'a follower loses its data folder',
    gapMs: 500,
    async run({ cluster }) {
      const name = await cluster.follower()
      await cluster.kill(name, 'SIGKILL')
      await rm(cluster.dataDirOf(name), { recursive: true })
      await cluster.start(name)
    },
  },
  {
    name: 'the log of a follower is damaged',
    gapMs: 500,
    async run({ cluster }) {
      const name = await cluster.follower()
      await cluster.kill(name, 'SIGKILL')
      await corrupt(join(cluster.dataDirOf(name), 'segments'), '.segment')
      await cluster.start(name)
    },
  },
  {
    name: 'the state of a follower is damaged',
    gapMs: 500,
    async run({ cluster }) {
      const name = await cluster.follower()
      await cluster.kill(name, 'SIGTERM')
      // what its last flush left in LevelDB's own log is a table once it has been opened again
      await cluster.start(name)
      await cluster.kill(name, 'SIGKILL')
      await corrupt(join(cluster.dataDirOf(name), 'state'), '.ldb')
      await cluster.start(name)
    },
  },
  {
    name: 'all are killed at once',
    long: true,
    async run({ cluster }) {
      await Promise.all(cluster.names.map((name) => cluster.kill(name, 'SIGKILL')))
      await Promise.all(cluster.names.map((name) => cluster.start(name)))
    },
  },
  {
    name: 'the clock of the leader jumps forward by an hour, then back',
    gapMs: 500,
    async run({ cluster, lastsMs }) {
      const process = cluster.process(await cluster.leader())
      process.signal('SIGUSR2')
      await pause(lastsMs / 2)
      process.signal('SIGUSR2')
      await pause(lastsMs / 2)
    },
  },
]

/** To be required by keepers: their wall clock jumps an hour at each SIGUSR2, forward and back in turn. */
export const jumpingClock = join(import.meta.dirname, '../harness/jumping-clock.cjs')
