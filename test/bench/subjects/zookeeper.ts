import { execFileSync } from 'node:child_process'
import { existsSync } from 'node:fs'
import { mkdir, writeFile } from 'node:fs/promises'
import { connect } from 'node:net'
import { join } from 'node:path'
import type { Blueprint } from './cluster.js'
import { freePorts } from './scratch.js'

/** Where Debian's package puts it; the jar's manifest names the rest. */
const jar = '/usr/share/java/zookeeper.jar'
const java = '/usr/bin/java'

/** ZooKeeper's version, when Debian's package and a Java are here. */
export function zooKeeperVersion(): string | undefined {
  if (!existsSync(jar) || !existsSync(java)) return undefined
  try {
    const shown = execFileSync('dpkg-query', ['--status', 'libzookeeper-java'], { encoding: 'utf8' })
    return /^Version: ([^-\s]+)/m.exec(shown)?.[1] ?? 'of unknown version'
  } catch {
    return 'of unknown version'
  }
}

/** As the package's zoo.cfg has it; only the admin server, which would want a fixed port, is off. */
const settings = [
  'tickTime=2000',
  'initLimit=10',
  'syncLimit=5',
  'admin.enableServer=false',
  '4lw.commands.whitelist=srvr',
]

export async function zooKeeperBlueprint(folder: string, size: number): Promise<Blueprint> {
  const ports = await freePorts(size * 3)
  const numbers = Array.from({ length: size }, (_, at) => at)
  const client = numbers.map((at) => `127.0.0.1:${ports[at]}`)
  const members = numbers.map((at) => `server.${at + 1}=127.0.0.1:${ports[size + at]}:${ports[size * 2 + at]}`)
  const file = (at: number) => join(folder, `zookeeper-${at + 1}.cfg`)
  for (const at of numbers) {
    const dataDir = join(folder, `zookeeper-${at + 1}`)
    await mkdir(dataDir, { recursive: true })
    await writeFile(join(dataDir, 'myid'), `${at + 1}\n`)
    const own = [`dataDir=${dataDir}`, `clientPort=${ports[at]}`, 'clientPortAddress=127.0.0.1']
    await writeFile(file(at), `${[...settings, ...own, ...(size > 1 ? members : [])].join('\n')}\n`)
  }
  return {
    kind: 'zookeeper',
    title: `ZooKeeper ${zooKeeperVersion()}`,
    size,
    endpoints: client,
    launch: (at) => ({ argv: [java, '-cp', jar, 'org.apache.zookeeper.server.quorum.QuorumPeerMain', file(at)] }),
    async probe(at) {
      const answer = await fourLetters(client[at] as string, 'srvr')
      const mode = /^Mode: (\w+)/m.exec(answer)?.[1]
      const zxid = /^Zxid: 0x([0-9a-f]+)/m.exec(answer)?.[1]
      if (mode === undefined || zxid === undefined) return undefined
      return { leader: mode === 'leader' || mode === 'standalone', term: Number(BigInt(`0x${zxid}`) >> 32n) }
    },
  }
}

/** ZooKeeper's own way to be asked how it is; '' when nobody answers. */
function fourLetters(endpoint: string, word: string): Promise<string> {
  const [host, port] = endpoint.split(':')
  return new Promise((resolve) => {
    const socket = connect({ host, port: Number(port) }, () => socket.write(word))
    let answer = ''
    socket.setTimeout(1_000, () => socket.destroy())
    socket.on('data', (chunk) => {
      answer += String(chunk)
    })
    socket.on('error', () => {})
    socket.once('close', () => resolve(answer))
  })
}
