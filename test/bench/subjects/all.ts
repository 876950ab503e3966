import type { ClientKind } from '../clients/client.js'
import { UsageError } from '../report.js'
import type { Blueprint } from './cluster.js'
import { etcdBlueprint, etcdVersion } from './etcd.js'
import { keeperBlueprint } from './keeper.js'
import { zooKeeperBlueprint, zooKeeperVersion } from './zookeeper.js'

export type MakeBlueprint = (folder: string) => Promise<Blueprint>

export interface SubjectChoice {
  /** Names separated by commas; all that are installed without. */
  readonly only: string | undefined
  readonly members: number
  readonly keeperFlags?: readonly string[]
}

const missing: Record<string, string> = {
  etcd: 'no etcd on the PATH (Debian: apt-get install etcd-server)',
  zookeeper: 'no ZooKeeper (Debian: apt-get install zookeeper)',
}

/** The keeper, and beside it what is installed of the others; says on stderr what is not. */
export function subjects({ only, members, keeperFlags = [] }: SubjectChoice): [ClientKind, MakeBlueprint][] {
  const all: [ClientKind, boolean, MakeBlueprint][] = [
    ['keeper', true, (folder) => keeperBlueprint(folder, members, keeperFlags)],
    ['etcd', etcdVersion() !== undefined, (folder) => etcdBlueprint(folder, members)],
    ['zookeeper', zooKeeperVersion() !== undefined, (folder) => zooKeeperBlueprint(folder, members)],
  ]
  const wanted = only?.split(',') ?? all.map(([kind]) => kind)
  const unknown = wanted.find((name) => !all.some(([kind]) => kind === name))
  if (unknown !== undefined)
    throw new UsageError(`--only ${unknown}: there are ${all.map(([kind]) => kind).join(', ')}`)
  return all.flatMap(([kind, installed, make]): [ClientKind, MakeBlueprint][] => {
    if (!wanted.includes(kind)) return []
    if (!installed) console.error(missing[kind])
    return installed ? [[kind, make]] : []
  })
}
