import { connect as connectTcp, isIP, type Socket } from 'node:net'
import { connect as connectTls } from 'node:tls'
import { tlsTrouble } from '@keeper/proto'
import { parseHostPort } from '../base/address.js'
import type { Clock } from '../base/clock.js'
import { encodeText } from '../base/codec.js'
import { KeeperError } from '../base/errors.js'
import { limits } from '../base/limits.js'
import type { Certificates } from '../base/tls.js'
import { Connection } from './connection.js'
import { type Frame, frame } from './frames.js'
import {
  type Challenge,
  fields,
  type Hello,
  helloFrame,
  peerProtocol,
  readChallenge,
  readWelcome,
  type Welcome,
} from './greeting.js'

export interface DialOptions {
  readonly address: string
  readonly clock: Clock
  /** Longest wait for the bare connection, within that for the dial as a whole. Absent: as long as that. */
  readonly connectTimeoutMs?: number | undefined
  /** Longest wait for a welcome or an answer; absent: `limits.peerDialTimeoutMs`. */
  readonly timeoutMs?: number | undefined
  /** Between keepers both sides show a certificate that `ca` signed. */
  readonly tls?: Certificates | undefined
  readonly signal?: AbortSignal | undefined
}

function openSocket({ address, tls }: DialOptions): Socket {
  const { host, port } = parseHostPort(address)
  if (!tls) return connectTcp({ host, port })
  const { cert, key, ca } = tls
  return connectTls({ host, port, cert, key, ...(ca === undefined ? {} : { ca }) })
}

/** How long a member waits for a bare connection: whoever has others far away has a long election timeout, and waits longer. */
export const connectTimeoutMs = (electionTimeoutMs = 0): number =>
  Math.max(limits.peerConnectTimeoutMs, electionTimeoutMs / 2)

/** How long a member waits for a welcome: with TLS that takes four round trips, of which one may be half the timeout. */
export const dialTimeoutMs = (electionTimeoutMs = 0): number =>
  Math.min(limits.peerDialTimeoutMaxMs, Math.max(limits.peerDialTimeoutMs, 2 * electionTimeoutMs))

/**
 * Calls `late` when nobody accepts the connection. TCP by itself asks again only after a second, then after two, four, …:
 * whoever waits for that finds a network that is whole again long after it is. The time to look up a name does not count,
 * nor does that in which this process itself did not run. Nothing without a `connectTimeoutMs`.
 */
export function unlessConnected(
  socket: Pick<Socket, 'connecting' | 'once'>,
  { address, clock, connectTimeoutMs }: Pick<DialOptions, 'address' | 'clock' | 'connectTimeoutMs'>,
  late: () => void,
): void {
  if (connectTimeoutMs === undefined) return
  const look = () => {
    if (socket.connecting) late()
  }
  const wait = () => void clock.setTimer(connectTimeoutMs, () => clock.setTimer(0, look))
  if (isIP(parseHostPort(address).host)) wait()
  else socket.once('lookup', wait)
}

/** A port that wants TLS ends a connection that speaks none without a word: it is looked into. */
async function explained({ address, tls }: DialOptions, error: KeeperError): Promise<KeeperError> {
  if (tls || error.code !== 'E_CONNECTION' || error.cause !== undefined) return error
  const trouble = await tlsTrouble(address, undefined, limits.peerDialTimeoutMs)
  return trouble === undefined ? error : new KeeperError('E_TLS', trouble)
}

/** Connects, answers the challenge with what `first` makes of it, and resolves with the first frame that comes back. */
function open(options: DialOptions, first: (challenge: Challenge) => Buffer): Promise<[Connection, Frame]> {
  const { address, clock, signal, timeoutMs = limits.peerDialTimeoutMs } = options
  return new Promise((resolve, reject) => {
    let challenged = false
    const over = () => {
      cancel()
      signal?.removeEventListener('abort', onAbort)
    }
    const socket = openSocket(options)
    const connection = new Connection(socket, clock, {
      onFrame: (found) => {
        if (challenged) {
          over()
          // more may stand in the same bytes, before anyone was told of this
          connection.hold()
          return resolve([connection, found])
        }
        challenged = true
        if (found.kind !== 'challenge') throw new KeeperError('E_FRAME_ORDER', `${found.kind} before a challenge`)
        connection.send(first(readChallenge(found.body)))
      },
      onClosed: (error) => {
        over()
        if (challenged) reject(error)
        else void explained(options, error).then(reject)
      },
    })
    const onAbort = () => connection.close(new KeeperError('E_STOPPED', 'no longer wanted'))
    const late = (why: string) => connection.close(new KeeperError('E_TIMEOUT', `${address} ${why}`))
    const cancel = clock.setTimer(timeoutMs, () => late('does not answer as a keeper does'))
    unlessConnected(socket, options, () => late('does not answer'))
    if (signal?.aborted) onAbort()
    else signal?.addEventListener('abort', onAbort, { once: true })
  })
}

/** A welcomed connection, to be handed over in the same turn. Rejects E_CONNECTION, E_TIMEOUT, and what the peer refuses with. */
export async function dial(
  options: DialOptions,
  hello: (challenge: Challenge) => Hello,
): Promise<{ connection: Connection; welcome: Welcome }> {
  const [connection, found] = await open(options, (challenge) => helloFrame(hello(challenge)))
  if (found.kind === 'welcome') return { connection, welcome: readWelcome(found.body) }
  const wrong = new KeeperError('E_FRAME_ORDER', `${found.kind} instead of a welcome`)
  connection.close(wrong)
  throw wrong
}

/** Puts one question to whoever listens at an address, member or not. Rejects as `dial`. */
export async function askAddress(options: DialOptions, topic: string, body: object): Promise<Record<string, unknown>> {
  const question = frame('question', encodeText(JSON.stringify({ protocol: peerProtocol, topic, body })))
  const [connection, found] = await open(options, () => question)
  connection.close(new KeeperError('E_STOPPED', 'answered'))
  if (found.kind !== 'reply') throw new KeeperError('E_FRAME_ORDER', `${found.kind} instead of a reply`)
  return fields(found.body)
}
