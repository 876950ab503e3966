import { crc32 } from '../base/checksum.js'
import { decodeText, encodeText } from '../base/codec.js'
import { KeeperError } from '../base/errors.js'
import type { Condition, Founder, Home, Identity } from './types.js'

/** 2: the log is in segments of ours. 1: it was in a LevelDB database, as old-log.ts reads it. */
export const DATA_FORMAT = 2
const OLD_LOG_FORMAT = 1

/** The side file: whose folder this is, and whether its member may be believed. Written rarely, so people may read it. */
export interface Side {
  readonly identity: Identity
  readonly home: Home
  readonly condition: Condition
  readonly reason?: string
  /** The log is that of format 1, until it has been written anew. */
  readonly oldLog?: true
}

/** Of a folder whose member has yet to find its cluster. */
export interface Forming {
  readonly forming: { readonly folder: string; readonly memberName: string }
}

/** One line of JSON and a line with its CRC-32 in hex. */
export function encodeSide(side: Side | Forming): Uint8Array {
  const { oldLog, ...fields } = 'forming' in side ? { ...side, oldLog: undefined } : side
  const line = JSON.stringify({ format: oldLog ? OLD_LOG_FORMAT : DATA_FORMAT, ...fields })
  return encodeText(`${line}\n${sumOf(line)}\n`)
}

/** Throws E_DATA_VERSION for a newer format, E_CORRUPT for anything else that encodeSide did not write. */
export function decodeSide(bytes: Uint8Array): Side | Forming {
  const [line = '', sum] = decodeText(bytes).split('\n')
  if (sumOf(line) !== sum) throw garbage('its checksum does not fit')
  const { format, identity, condition, reason, forming, home = { folder: '', founders: [] } } = parse(line)
  if (typeof format !== 'number' || format > DATA_FORMAT)
    throw new KeeperError('E_DATA_VERSION', `data format ${String(format)}, this keeper knows ${DATA_FORMAT}`)
  if (isForming(forming)) return { forming }
  if (!isIdentity(identity) || !isHome(home) || (condition !== 'clean' && condition !== 'recovering'))
    throw garbage('fields are missing')
  const oldLog = format <= OLD_LOG_FORMAT && { oldLog: true as const }
  return { identity, home, condition, ...(typeof reason === 'string' && { reason }), ...oldLog }
}

const sumOf = (line: string): string => crc32(encodeText(line)).toString(16).padStart(8, '0')

function parse(line: string): Record<string, unknown> {
  try {
    return JSON.parse(line)
  } catch {
    throw garbage('it is not JSON')
  }
}

const garbage = (why: string): KeeperError =>
  new KeeperError(
    'E_CORRUPT',
    `side file member.json is damaged (${why}): nothing says which votes this member gave. ` +
      'Remove the data folder and let the member join again, or restore a snapshot',
  )

function isForming(value: unknown): value is Forming['forming'] {
  if (typeof value !== 'object' || value === null) return false
  const { folder, memberName } = value as Partial<Record<keyof Forming['forming'], unknown>>
  return typeof folder === 'string' && typeof memberName === 'string'
}

function isHome(value: unknown): value is Home {
  if (typeof value !== 'object' || value === null) return false
  const { folder, founders } = value as Partial<Record<keyof Home, unknown>>
  return typeof folder === 'string' && Array.isArray(founders) && founders.every(isFounder)
}

function isFounder(value: unknown): value is Founder {
  if (typeof value !== 'object' || value === null) return false
  const { id, name, peer, folder } = value as Partial<Record<keyof Founder, unknown>>
  return Number.isSafeInteger(id) && [name, peer, folder].every((one) => typeof one === 'string')
}

function isIdentity(value: unknown): value is Identity {
  if (typeof value !== 'object' || value === null) return false
  const { clusterId, memberId, memberName, storeEpoch } = value as Partial<Record<keyof Identity, unknown>>
  return (
    typeof clusterId === 'string' &&
    typeof memberName === 'string' &&
    Number.isSafeInteger(memberId) &&
    Number.isSafeInteger(storeEpoch)
  )
}
