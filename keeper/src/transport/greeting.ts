/**
 * How a connection between keepers begins. Who was dialled speaks first: a challenge that the dialler has to repeat,
 * so that no hello of a process that is gone can be taken for one of its successor. Greetings are JSON: they are rare,
 * and a newer keeper may say more than an older one understands.
 */

import { decodeText, encodeText } from '../base/codec.js'
import { asKeeperError, isErrorCode, KeeperError } from '../base/errors.js'
import type { MemberId } from '../raft/types.js'
import { frame } from './frames.js'

/** Of frames and greetings; a keeper speaks the lower one of two. */
export const peerProtocol = 1

export interface Challenge {
  readonly protocol: number
  readonly nonce: string
}

export interface Hello {
  readonly protocol: number
  /** What the challenge said. */
  readonly nonce: string
  readonly clusterId: string
  readonly from: MemberId
  readonly to: MemberId
  readonly name: string
  /** Of the dialler's data folder. */
  readonly folder: string
  /** Of the dialler's process: another one each time it starts. */
  readonly incarnation: string
  /** Where the dialler listens for its peers. */
  readonly address: string
  /** Bits of what the dialler knows beyond its protocol. */
  readonly features: number
  /** One stream carries the members' messages, others a snapshot each. */
  readonly purpose: 'messages' | 'snapshot'
  /** Names the snapshot that is sent, so that it can go on after a break. */
  readonly transfer?: string
}

export interface Welcome {
  readonly protocol: number
  readonly features: number
  /** Number of the snapshot's chunk that is wanted next. */
  readonly next?: number
}

export const challengeFrame = (challenge: Challenge): Buffer => frame('challenge', json(challenge))
export const helloFrame = (hello: Hello): Buffer => frame('hello', json(hello))
export const welcomeFrame = (welcome: Welcome): Buffer => frame('welcome', json(welcome))

/** Tells the other side why the connection ends. */
export function refusalFrame(thrown: unknown): Buffer {
  const { code, message } = asKeeperError(thrown)
  return frame('refusal', json({ code, message }))
}

export function readChallenge(body: Uint8Array): Challenge {
  const { protocol, nonce } = fields(body)
  return { protocol: whole(protocol, 'protocol'), nonce: word(nonce, 'nonce') }
}

/** Throws E_FRAME_GARBAGE. */
export function readHello(body: Uint8Array): Hello {
  const said = fields(body)
  const { purpose, transfer } = said
  if (purpose !== 'messages' && purpose !== 'snapshot') throw garbage('purpose')
  return {
    protocol: whole(said.protocol, 'protocol'),
    nonce: word(said.nonce, 'nonce'),
    clusterId: word(said.clusterId, 'clusterId'),
    from: whole(said.from, 'from'),
    to: whole(said.to, 'to'),
    name: word(said.name, 'name'),
    folder: word(said.folder, 'folder'),
    incarnation: word(said.incarnation, 'incarnation'),
    address: word(said.address, 'address'),
    features: whole(said.features, 'features'),
    purpose,
    ...(transfer === undefined ? {} : { transfer: word(transfer, 'transfer') }),
  }
}

export function readWelcome(body: Uint8Array): Welcome {
  const { protocol, features, next } = fields(body)
  const welcome = { protocol: whole(protocol, 'protocol'), features: whole(features, 'features') }
  return next === undefined ? welcome : { ...welcome, next: whole(next, 'next') }
}

/** The error that the other side refused with. */
export function readRefusal(body: Uint8Array): KeeperError {
  const { code, message } = fields(body)
  const known = typeof code === 'string' && isErrorCode(code) ? code : 'E_UNAVAILABLE'
  return new KeeperError(known, word(message, 'message'))
}

const json = (value: object): Uint8Array => encodeText(JSON.stringify(value))

/** The object that a body of JSON holds. Throws E_FRAME_GARBAGE. */
export function fields(body: Uint8Array): Record<string, unknown> {
  try {
    const value: unknown = JSON.parse(decodeText(body))
    if (typeof value === 'object' && value !== null) return value as Record<string, unknown>
  } catch {
    // said below
  }
  throw garbage('body')
}

function whole(value: unknown, name: string): number {
  if (typeof value !== 'number' || !Number.isSafeInteger(value) || value < 0) throw garbage(name)
  return value
}

const wordCharsMax = 4_096

function word(value: unknown, name: string): string {
  if (typeof value !== 'string' || value.length > wordCharsMax) throw garbage(name)
  return value
}

const garbage = (name: string) => new KeeperError('E_FRAME_GARBAGE', `a greeting whose ${name} is not as it should be`)
