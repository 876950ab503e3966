import { hostname } from 'node:os'
import { Client, type Connection, type Memory } from './core/client.js'
import { joined } from './core/joined.js'
import { Saver } from './core/saver.js'
import { grpcTransport } from './edge/grpc-transport.js'
import { readLastGoodKey } from './edge/last-good-seal.js'
import { defaultStateDir, fileStore, type LastGoodStore, noStore } from './edge/last-good-store.js'
import { leaveOnSignals } from './edge/signals.js'
import { holdProcess, systemRuntime } from './edge/system-runtime.js'
import { messageOf } from './errors.js'
import type { KeeperParts } from './keeper.js'
import type { Logger } from './logger.js'
import { type JoinOptions, type ResolvedOptions, resolveOptions } from './options.js'
import type { Runtime } from './runtime.js'
import type { Transport } from './transport.js'
import { version } from './version.js'

/** What joining stands on besides its options. */
export interface JoinParts {
  readonly runtime: Runtime
  readonly transport: Transport
  readonly store: LastGoodStore
}

/** Joins with the machine's clock, files and sockets. */
export async function joinOverGrpc(given: JoinOptions): Promise<KeeperParts> {
  const options = resolveOptions(given, process.env)
  options.signal?.throwIfAborted()
  const release = holdProcess()
  const runtime = systemRuntime()
  const close = () => {
    release()
    runtime.close()
  }
  try {
    const store = await openStore(options)
    const parts = await join(options, { runtime, transport: grpcTransport(options.tls), store })
    const end = () => parts.end().finally(close)
    const ending = { ...parts, end }
    if (options.handleSignals) return leaveOnSignals(ending)
    return ending
  } catch (error) {
    close()
    throw error
  }
}

/** Joins over whatever `parts` stand on; rejects as `Keeper.join` does, with everything let go of. */
export async function join(options: ResolvedOptions, parts: JoinParts): Promise<KeeperParts> {
  const { runtime, transport, store } = parts
  const { logger: log } = options
  const memory = (await store.load()) ?? nothing
  const saver = new Saver({
    runtime,
    log,
    write: async () => (client.fencedOut ? undefined : store.save(client.memory)),
  })
  const goodChanged = () => saver.changed()
  const client = new Client({ runtime, transport, log, memory, goodChanged, sdk, ...about(options, runtime) })
  const stopTelling = client.watch(teller(log))
  const end = async () => {
    stopTelling()
    await saver.flush()
  }
  try {
    await joinedOrAborted(client, options, memory, runtime)
    return { client, runtime, end }
  } catch (error) {
    stopTelling()
    await client.leave('could not join')
    throw error
  }
}

const nothing: Memory = { clusterId: '', endpoint: undefined, good: new Map() }

const sdk = `@keeper/sdk ${version} node ${process.versions.node}`

function about(options: ResolvedOptions, runtime: Runtime) {
  const { cluster, role, instance, labels, addresses, namespace, endpoints, ttlMs } = options
  const incarnation = Buffer.from(runtime.randomBytes(16)).toString('hex')
  const machine = { host: hostname(), pid: process.pid }
  return {
    namespace,
    endpoints,
    ttlMs,
    identity: { cluster, role, instance, incarnation, labels, addresses, ...machine },
  }
}

async function openStore({ stateDir, logger, ...identity }: ResolvedOptions): Promise<LastGoodStore> {
  if (stateDir === false) return noStore
  const { lastGoodKey, lastGoodKeyFile } = identity
  const key = lastGoodKey ?? (lastGoodKeyFile === undefined ? undefined : await readLastGoodKey(lastGoodKeyFile))
  try {
    return fileStore(stateDir ?? (await defaultStateDir(process.env)), identity, logger, key)
  } catch (error) {
    logger.warn({ error }, `keeper: last good values are not kept: ${messageOf(error)}`)
    return noStore
  }
}

function joinedOrAborted(client: Client, options: ResolvedOptions, memory: Memory, runtime: Runtime): Promise<void> {
  const { signal, joinTimeoutMs: timeoutMs } = options
  return new Promise((resolve, reject) => {
    const onAbort = () => reject(signal?.reason)
    signal?.addEventListener('abort', onAbort, { once: true })
    joined(client, { timeoutMs, hasGood: memory.good.size > 0, runtime })
      .then(resolve, reject)
      .finally(() => signal?.removeEventListener('abort', onAbort))
    client.start()
  })
}

/** One line when the keepers go away or come back. */
function teller(log: Logger): (connection: Connection) => void {
  let before = 'joining'
  return ({ state, revision, endpoint, error }) => {
    const running = revision === undefined ? '' : `, running on r${revision}`
    const fields = { state, endpoint, revision, reason: error?.message }
    if (state === 'away') log.warn(fields, `keeper away${running}`)
    if (state === 'live' && before === 'away') log.info(fields, `keeper back${running}`)
    if (state === 'fenced') log.warn(fields, `keeper: a newer process took this one's place${running}`)
    before = state
  }
}
