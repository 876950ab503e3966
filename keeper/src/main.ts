/**
 * Composes the rooms into a running keeper. The command line, `npm start` and programs that embed a keeper begin here;
 * nothing else imports it.
 */

import type { IncomingMessage, ServerResponse } from 'node:http'
import { join } from 'node:path'
import { createRequestExecutor } from './api/kv-requests.js'
import { requireSecure } from './api/listen-address.js'
import { startApi } from './api/start-api.js'
import { type HostPort, hostPortOf, isAnyAddress } from './base/address.js'
import { type Clock, delay, systemClock } from './base/clock.js'
import { KeeperError } from './base/errors.js'
import { collectGarbage, largeBytesDied, largeWorkDone } from './base/garbage.js'
import { Listeners } from './base/listeners.js'
import { type Logger, silentLogger } from './base/logger.js'
import { systemRandom } from './base/random.js'
import type { SealingKeys } from './base/sealing.js'
import { YoungGeneration } from './base/young-generation.js'
import { type CertificateFiles, FileCertificates } from './certificates.js'
import { version } from './cli/version.js'
import { takePlace } from './cluster.js'
import { hereLabels } from './compile/audience.js'
import { IncomingFiles } from './compile/read-tree-incoming.js'
import { CompileWorker } from './compile/worker.js'
import { listenHttp } from './console/http.js'
import { createRegistry } from './console/metrics.js'
import { Agreement } from './control/agreement.js'
import { BlobCollector } from './control/blob-collector.js'
import { readMembers } from './control/member-book.js'
import { Members } from './control/members.js'
import { Publisher } from './control/publisher.js'
import { Recorder } from './control/recorder.js'
import { type ProcessRefusal, RefusalNotes } from './control/refusal-notes.js'
import { Secrets } from './control/secrets.js'
import { Sweeper } from './control/sweeper.js'
import type { Published, SourceOutcome } from './control/types.js'
import { startMember } from './node/member.js'
import type { Member } from './node/types.js'
import { Parts } from './parts.js'
import { PushHub } from './push/hub.js'
import type { LedgerEntry } from './push/types.js'
import { readings } from './readings.js'
import type { Identity } from './storage/types.js'
import { CLUSTER_VERSION } from './store/cluster-version.js'
import type { MemberSettings } from './store/member-settings.js'
import { DEFAULT_NAMESPACE, recordRange } from './store/records.js'
import { createStore } from './store/store.js'
import type { Event } from './store/types.js'
import type { PeerBook } from './transport/peer-book.js'
import { watchedSource } from './watched-source.js'

export { Narrator } from './cli/narrator.js'
export { createOutput } from './cli/output.js'
export { createLogger } from './logger.js'
export { examineRemains, examineSnapshot, recoverQuorum, restoreSnapshot } from './restore.js'

export interface KeeperOptions {
  /** This member's name; its data folder remembers it. */
  readonly name: string
  readonly dataDir: string
  /** A directory to watch and publish. */
  readonly configDir?: string
  /** Labels that every process here has, e.g. `env`; the same on all members. cluster, role and instance are each process' own. */
  readonly labels?: Readonly<Record<string, string>>
  /** Names what the directory publishes; members that watch copies of one directory give the same. Default: its path. */
  readonly configSource?: string
  /** Publish although another source owns the prefixes, or the directory is older than what was published last. */
  readonly configTakeover?: boolean
  /** Share (0..1) of the live processes above which a change of the directory waits for approval. Default: 25 %, from 10 processes on. */
  readonly maxAffected?: number
  /** Members of a new cluster and where they listen for each other, this one among them. Default: this one alone. */
  readonly initialCluster?: readonly { readonly name: string; readonly peer: string }[]
  /** Peer address of any member of a cluster to which this one was added. */
  readonly join?: string
  /** How often a leader is heard of; 50 by default. */
  readonly heartbeatIntervalMs?: number
  /** Silence of a leader before another is elected, at least; 600 by default, at most twice as long. */
  readonly electionTimeoutMs?: number
  /** Port 0 takes a free one. */
  readonly listenPeer: HostPort
  readonly listenClient: HostPort
  readonly listenHttp: HostPort
  /** Where processes and the other members reach this one, if that is not where it listens. */
  readonly advertiseClient?: string
  readonly advertisePeer?: string
  /** TLS for processes, the command line and HTTP. */
  readonly tls?: CertificateFiles
  /** TLS between keepers: both sides show a certificate that `ca` signed. */
  readonly peerTls?: Omit<CertificateFiles, 'mutual'> & { readonly ca: string }
  /** Allow addresses that are not loopback without TLS. */
  readonly insecure?: boolean
  /** Seal the secrets that configs name, and open them for the processes that may have them. */
  readonly sealingKeys?: SealingKeys
  readonly logger?: Logger
  /** Ends the start while it waits for other members; `startKeeper` rejects E_STOPPED then. */
  readonly signal?: AbortSignal
}

/** A running keeper. */
export interface RunningKeeper {
  readonly name: string
  readonly configDir?: string
  /** Where it listens, `host:port`. */
  readonly addresses: { readonly client: string; readonly peer: string; readonly http: string }
  readonly member: Member
  ledger(name?: string): readonly LedgerEntry[]
  onLedgerChange(listener: () => void): () => void
  /** What became of each tree of the watched directory. */
  onOutcome(listener: (outcome: SourceOutcome) => void): () => void
  /** Each change set published through this member: by the directory, the command line, a rollback. */
  onPublished(listener: (published: Published) => void): () => void
  /** Resolves once there is a leader and requests are served. */
  ready(): Promise<void>
  /** Resolves once the watched directory was taken for the first time, published or refused; at once without one. */
  published(): Promise<void>
  /** Resolves when the keeper can go on no longer (its disk failed); see `failure`. */
  readonly failed: Promise<void>
  failure(): KeeperError | undefined
  /** Sends the processes to come back later, finishes what is under way, flushes, closes. Calling it again waits for the same. */
  close(): Promise<void>
}

/** Starts a keeper; resolves when it serves. Rejects E_DATA_…, E_CORRUPT, E_LOST_TAIL, E_ADDRESS_IN_USE, E_INSECURE_LISTEN. */
export async function startKeeper(options: KeeperOptions): Promise<RunningKeeper> {
  const logger = options.logger ?? silentLogger
  const parts = new Parts(logger)
  parts.onClose(holdProcess())
  try {
    return await compose(options, logger, parts)
  } catch (thrown) {
    await parts.close()
    throw thrown
  }
}

/** Keeps the process up until the last part is closed: the timers of the keeper's clock alone do not. */
function holdProcess(): () => void {
  const hold = setInterval(() => {}, 2 ** 30)
  return () => clearInterval(hold)
}

async function compose(options: KeeperOptions, logger: Logger, parts: Parts): Promise<RunningKeeper> {
  const clock = systemClock
  const random = systemRandom
  const startedUnixMs = clock.wall()
  // Before the data folder is touched: what cannot be served need not be opened.
  const { tls, peerTls } = certificates(options, clock, logger, parts)
  const { listenClient, listenPeer, listenHttp: listenWeb, insecure = false } = options
  for (const address of [listenClient, listenWeb]) requireSecure(address, { tls: tls !== undefined, insecure })
  requireSecure(listenPeer, { tls: peerTls !== undefined, insecure })
  const place = await takePlace({
    ...{ ...options, tls: peerTls, clock, random },
    logger: logger.child({ room: 'transport' }),
  })
  parts.onClose(() => place.close())
  const member = await startMember({
    disk: place.disk,
    transport: place.transport,
    voters: place.voters,
    ...timing(options),
    clock,
    random,
    logger: logger.child({ room: 'node' }),
    createStore: (reader) => createStore({ reader, large: { died: largeBytesDied, workDone: largeWorkDone } }),
  })
  parts.onClose(() => member.stop())
  // also one that is not to speak first: if it is one too many it is told so
  place.transport.connect(place.voters)
  const onRest = () => logger.debug({ ms: collectGarbage() }, 'the compiler rests: what large files took is given back')
  const young = new YoungGeneration()
  young.start(clock)
  parts.onClose(async () => young.close())
  const compiler = new CompileWorker({
    onWork: (begins) => young.compiling(begins),
    labels: hereLabels(options.labels ?? {}),
    onRest,
    onHeavy: () => void collectGarbage(),
  })
  parts.onClose(() => compiler.close())
  const published = new Listeners<[published: Published]>()
  const agreement = new Agreement({
    ...{ member, name: options.name, settings: settingsOf(options), logger: logger.child({ room: 'control' }) },
  })
  const publisher = new Publisher({
    ...{ member, clock, random, onPublished: (one: Published) => published.call(one) },
    refusedHere: () => agreement.notCommon(),
  })
  const outcomes = new Listeners<[outcome: SourceOutcome]>()
  const source =
    options.configDir === undefined
      ? undefined
      : watchedSource(options.configDir, options, { publisher, compiler, clock, random, logger, outcomes, member })
  const refusals = new RefusalNotes({ member, clock })
  parts.onClose(() => refusals.close())
  const hub = new PushHub({
    onRefused: (row, namespace) => refusals.note(refusalOf(row, namespace)),
    member,
    memberName: options.name,
    clock,
    random,
    logger: logger.child({ room: 'push' }),
    executeRequests: createRequestExecutor(member, logger.child({ room: 'api' })),
    ...(options.sealingKeys && { sealingKeys: options.sealingKeys }),
  })
  const isReady = () => member.status().condition === 'clean' && member.status().leader !== 0
  const { home, identity } = place.disk.recovered
  const clients: string[] = []
  const members = new Members({
    ...{ member, clock, random, logger: logger.child({ room: 'control' }) },
    own: () => ({
      ...{ name: options.name, folder: home.folder, peer: place.peerAddress, clients: [...clients], version },
      ...{ format: CLUSTER_VERSION, features: 0, settings: agreement.settings },
    }),
    compare: () => agreement.tell(),
    founders: home.founders.length > 0 ? home.founders : [founder(identity, home.folder, place.peerAddress)],
  })
  const { sealingKeys: keys } = options
  const api = await startApi({
    members,
    agreement,
    secrets: new Secrets({
      ...{ member, clock, random, ...(keys && { keys }) },
      requireOpenable: () => agreement.requireOpenable(),
    }),
    member,
    memberName: options.name,
    version,
    hub,
    publisher,
    compiler,
    incoming: new IncomingFiles(join(options.dataDir, 'incoming')),
    clock,
    startedUnixMs,
    logger: logger.child({ room: 'api' }),
    address: options.listenClient,
    ...{ tls, insecure },
    sources: () => (source ? [source.state()] : []),
    ready: isReady,
  })
  parts.onClose(() => api.close())
  clients.push(...reachedAt(options, api.port, logger))
  members.start()
  place.answerJoins((request) => members.join(request))
  parts.onClose(() => members.close())
  parts.onClose(keepBook(place.book, member))
  parts.onClose(member.onLeadership(() => api.refreshHealth()))
  const collector = new BlobCollector({ member, clock, logger: logger.child({ room: 'control' }) })
  collector.start()
  parts.onClose(() => collector.close())
  const recorder = new Recorder({ member, memberName: options.name, clock, logger: logger.child({ room: 'control' }) })
  recorder.start()
  parts.onClose(() => recorder.close())
  const sweeper = new Sweeper({ member, clock, logger: logger.child({ room: 'control' }) })
  sweeper.start()
  parts.onClose(() => sweeper.close())
  const registry = createRegistry(readings(member, hub, api.http))
  const sources = {
    notReady: () =>
      isReady()
        ? said(agreement.notReady())
        : `member is ${member.status().condition}, leader ${member.status().leader || 'unknown'}`,
    handle: (request: IncomingMessage, response: ServerResponse, refusal?: KeeperError) =>
      api.http.handle(request, response, refusal),
    closing: () => api.http.close(),
    metrics: async () => ({ contentType: registry.contentType, text: await registry.metrics() }),
  }
  const http = await listenHttp(options.listenHttp, sources, tls)
  parts.onClose(() => http.close())
  const firstOutcome = new Promise<void>((resolve) => (source ? outcomes.add(() => resolve()) : resolve()))
  source?.start()
  parts.onClose(() => source?.close())
  // first of all: the others go on while this one takes its leave
  parts.onClose(() => member.handOver())
  return {
    name: options.name,
    ...(options.configDir === undefined ? {} : { configDir: options.configDir }),
    addresses: {
      client: hostPortOf(options.listenClient.host, api.port),
      peer: place.peerAddress || hostPortOf(options.listenPeer.host, options.listenPeer.port),
      http: hostPortOf(options.listenHttp.host, http.port),
    },
    member,
    ledger: (name) => hub.ledger(name === undefined ? {} : { name }),
    onLedgerChange: (listener) => hub.onLedgerChange(listener),
    onOutcome: (listener) => outcomes.add(listener),
    onPublished: (listener) => published.add(listener),
    ready: () => untilReady(isReady, clock),
    published: () => firstOutcome,
    failed: member.halted,
    failure: () => member.failure(),
    close: () => parts.close(),
  }
}

function certificates({ tls, peerTls }: KeeperOptions, clock: Clock, logger: Logger, parts: Parts) {
  const open = (files: CertificateFiles) => {
    const opened = new FileCertificates(files, clock, logger.child({ room: 'certificates' }))
    parts.onClose(() => opened.close())
    return opened
  }
  return { tls: tls && open(tls), peerTls: peerTls && open({ ...peerTls, mutual: true }) }
}

/** Client addresses that are told to processes: none, where the keeper listens on all of its own and was told no better. */
function reachedAt({ advertiseClient, listenClient: { host } }: KeeperOptions, port: number, logger: Logger): string[] {
  if (advertiseClient !== undefined) return [advertiseClient]
  if (!isAnyAddress(host)) return [hostPortOf(host, port)]
  logger.warn({}, `processes are not told of this keeper: ${host} is no address to go to; --advertise-client names one`)
  return []
}

const refusalOf = (row: LedgerEntry, namespace: string): ProcessRefusal => ({
  ...{ namespace, name: row.name, revision: row.wantedRevision, instance: row.instance, reason: row.reason },
  state: row.state === 'failed' ? 'failed' : 'rejected',
  of: `${row.cluster}/${row.role}`,
})

const said = (error: KeeperError | undefined): string | undefined => error && `${error.message} (${error.code})`

/** What of it must be the same at all members. */
const settingsOf = (options: KeeperOptions): MemberSettings => ({
  sealingKeys: options.sealingKeys?.ids ?? [],
  labels: options.labels ?? {},
  ...rhythm(options),
  clientTls: options.tls ? (options.tls.mutual ? 'mutual' : 'on') : 'off',
})

const rhythm = ({ heartbeatIntervalMs = 50, electionTimeoutMs = 600 }: KeeperOptions) => ({
  heartbeatIntervalMs,
  electionTimeoutMs,
})

/** One heartbeat is one tick: the election timeout is counted in them. */
function timing(options: KeeperOptions) {
  const { heartbeatIntervalMs, electionTimeoutMs } = rhythm(options)
  const electionTimeoutTicks = Math.round(electionTimeoutMs / heartbeatIntervalMs)
  if (!(heartbeatIntervalMs >= 10 && electionTimeoutTicks >= 5))
    throw new KeeperError(
      'E_INVALID_ARGUMENT',
      `an election timeout of ${electionTimeoutMs} ms needs a heartbeat of 10 ms at least, and a fifth of it at most`,
    )
  return { tickMs: heartbeatIntervalMs, electionTimeoutTicks }
}

async function untilReady(isReady: () => boolean, clock: Clock): Promise<void> {
  while (!isReady()) await delay(clock, 10)
}

const founder = ({ memberId, memberName }: Identity, folder: string, peer: string) => ({
  ...{ id: memberId, name: memberName, folder, peer },
})

/** Members come and go: where they listen stands in their records. One that was removed stays known, so that it can be told. */
function keepBook(book: PeerBook, member: Member): () => void {
  const prefix = recordRange(DEFAULT_NAMESPACE, 'member').key
  const learn = () => book.learn(readMembers(member.store).filter(({ peer }) => peer !== ''))
  const concerns = ({ keyspace, kv }: Event) =>
    keyspace === 'system' && Buffer.compare(kv.key.subarray(0, prefix.length), prefix) === 0
  const stops = [
    member.onApplied(({ events }) => {
      if (events.some(concerns)) learn()
    }),
    member.onReplaced(learn),
  ]
  learn()
  return () => {
    for (const stop of stops) stop()
  }
}
