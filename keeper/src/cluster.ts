/** Composes what makes a keeper a member: its data folder, its peer port, and how it finds the others. */

import { createHash } from 'node:crypto'
import { type HostPort, hostPortOf, isAnyAddress } from './base/address.js'
import type { Clock } from './base/clock.js'
import { KeeperError } from './base/errors.js'
import type { Logger } from './base/logger.js'
import type { Random } from './base/random.js'
import type { Certificates } from './base/tls.js'
import type { JoinAnswer, JoinRequest } from './control/member-types.js'
import { answerJoins, askToJoin } from './joining.js'
import { checkPeerMessage } from './raft/check-message.js'
import { openLastingDisk } from './storage/lasting-disk.js'
import { LevelDisk } from './storage/level-disk.js'
import { claimFolder } from './storage/member-disk.js'
import type { Home, MemberDisk } from './storage/types.js'
import { CLUSTER_VERSION } from './store/cluster-version.js'
import { isNewest } from './store/tables.js'
import { dialTimeoutMs } from './transport/dial.js'
import { type Formed, findCluster, formationTopic, type Seat } from './transport/formation.js'
import { PeerBook } from './transport/peer-book.js'
import { PeerListener } from './transport/peer-listener.js'
import { TcpTransport } from './transport/tcp-transport.js'

export interface ClusterOptions {
  readonly name: string
  readonly dataDir: string
  /** Port 0 takes a free one. */
  readonly listenPeer: HostPort
  /** Where the others reach this one, if that is not where it listens. */
  readonly advertisePeer?: string
  /** Members of a new cluster and where they listen, this one among them. Not asked for once there is data. */
  readonly initialCluster?: readonly { readonly name: string; readonly peer: string }[]
  /** Peer address of any member of a cluster to which this one was added. Not asked for once there is data. */
  readonly join?: string
  readonly tls?: Certificates | undefined
  /** As of TcpTransportOptions. */
  readonly electionTimeoutMs?: number | undefined
  readonly clock: Clock
  readonly random: Random
  readonly logger: Logger
  /** Ends the wait for the others. */
  readonly signal?: AbortSignal | undefined
}

/** A member's place among the others, before it runs. */
export interface Place {
  readonly disk: MemberDisk
  readonly transport: TcpTransport
  readonly book: PeerBook
  /** Where the others reach this one; empty when it does not know. */
  readonly peerAddress: string
  /** Voters of the cluster as it began. */
  readonly voters: readonly number[]
  /** Those who come with --join are answered so. */
  answerJoins(join: (request: JoinRequest) => Promise<JoinAnswer>): void
  /** The peer port; the transport is closed by the member. */
  close(): Promise<void>
}

/** A member's id, where it follows from its name: of a cluster's first members. */
export const idOfName = (name: string): number =>
  Number.parseInt(createHash('sha256').update(name).digest('hex').slice(0, 12), 16)

/**
 * Opens the peer port and the data folder; a new folder waits here until its cluster is found. Rejects as
 * openMemberDisk, PeerListener.open and findCluster do.
 */
export async function takePlace(options: ClusterOptions): Promise<Place> {
  const { clock, random, logger, tls, listenPeer } = options
  // one for both openings: it knows what it has looked through
  const disk = new LevelDisk(options.dataDir)
  const folder = await claimFolder(disk, options.name, () => Buffer.from(random.bytes(16)).toString('hex'))
  const listener = await PeerListener.open({ ...listenPeer, tls, clock, random, logger })
  try {
    const joined = await joinedBy(options, folder)
    const own = joined?.members.find(({ id }) => id === joined.id)
    const peerAddress = options.advertisePeer ?? own?.peer ?? advertised(options, listener.port)
    const opened = await openDisk(options, { ...folder, disk }, listener, peerAddress, joined)
    return enter(options, opened, listener, peerAddress, joined?.members)
  } catch (thrown) {
    await listener.close()
    throw thrown
  }
}

/** Undefined without --join, and once there is data. */
async function joinedBy(
  { join, name, clock, logger, tls, signal, electionTimeoutMs }: ClusterOptions,
  { folder, identity }: Awaited<ReturnType<typeof claimFolder>>,
): Promise<JoinAnswer | undefined> {
  if (join === undefined || identity) return undefined
  const timeoutMs = dialTimeoutMs(electionTimeoutMs)
  return await askToJoin(
    { address: join, clock, logger, tls, signal, timeoutMs },
    { name, folder, format: CLUSTER_VERSION },
  )
}

function advertised({ name, initialCluster, listenPeer }: ClusterOptions, port: number): string {
  const seat = initialCluster?.find((one) => one.name === name)
  if (seat) return seat.peer
  // what the cluster knows of it stays
  return isAnyAddress(listenPeer.host) ? '' : hostPortOf(listenPeer.host, port)
}

async function openDisk(
  options: ClusterOptions,
  { folder, identity, disk }: Awaited<ReturnType<typeof claimFolder>> & { disk: LevelDisk },
  listener: PeerListener,
  peer: string,
  joined: JoinAnswer | undefined,
): Promise<MemberDisk> {
  const { name, random, clock, logger } = options
  const parts = { clock, logger: logger.child({ room: 'storage' }) }
  if (identity)
    return await openLastingDisk(disk, { identity: { ...identity, memberName: name }, keep: isNewest }, parts)
  const memberId = joined?.id ?? idOfName(name)
  const formed = joined ?? (await findOthers(options, { id: memberId, name, peer, folder }, listener))
  const { clusterId, storeEpoch, founders, lostDisk } = formed ?? {
    clusterId: Buffer.from(random.bytes(8)).toString('hex'),
    storeEpoch: 1,
    founders: [],
    lostDisk: false,
  }
  const home: Home = { folder, founders }
  const condition = lostDisk ? 'recovering' : 'clean'
  const own = { clusterId, storeEpoch, memberId, memberName: name }
  return await openLastingDisk(disk, { identity: own, home, condition }, parts)
}

/** Undefined for a cluster of one. */
async function findOthers(
  { name, initialCluster = [], clock, logger, tls, signal, electionTimeoutMs }: ClusterOptions,
  own: Seat & { folder: string },
  listener: PeerListener,
): Promise<Formed | undefined> {
  if (initialCluster.length === 0) return undefined
  if (!initialCluster.some((seat) => seat.name === name))
    throw new KeeperError('E_INVALID_ARGUMENT', `--initial-cluster does not name ${name}, this member`)
  if (initialCluster.length === 1) return undefined
  const seats = initialCluster.map((seat) => ({ ...seat, id: idOfName(seat.name) }))
  const timeoutMs = dialTimeoutMs(electionTimeoutMs)
  return await findCluster({ own, seats, listener, clock, logger, tls, signal, timeoutMs })
}

function enter(
  options: ClusterOptions,
  disk: MemberDisk,
  listener: PeerListener,
  peerAddress: string,
  others: readonly Seat[] = [],
): Place {
  const { clock, random, logger, tls, electionTimeoutMs, initialCluster = [] } = options
  const { identity, home } = disk.recovered
  const { clusterId, storeEpoch, memberId, memberName } = identity
  const book = new PeerBook()
  book.learn(home.founders)
  book.learn(others)
  // what was given at this start is newer than what the cluster began with
  book.learn(initialCluster.map((seat) => ({ ...seat, id: idOfName(seat.name) })).filter(({ id }) => book.knows(id)))
  listener.onQuestion(formationTopic, (asking) => ({
    state: 'formed',
    clusterId,
    storeEpoch,
    founders: home.founders,
    folder: book.folderOf(asking),
  }))
  const transport = new TcpTransport({
    own: { clusterId, id: memberId, name: memberName, folder: home.folder, address: peerAddress },
    listener,
    clock,
    random,
    logger,
    tls,
    electionTimeoutMs,
    addressOf: (id) => book.addressOf(id),
    admit: (hello) => book.admit(hello),
    check: checkPeerMessage,
  })
  const voters = home.founders.length > 0 ? home.founders.map(({ id }) => id) : [memberId]
  return {
    ...{ disk, transport, book, peerAddress, voters },
    answerJoins: (join) => answerJoins(listener, join),
    close: () => listener.close(),
  }
}
