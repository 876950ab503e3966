import { hostname, userInfo } from 'node:os'
import { resolve } from 'node:path'
import { parseHostPort } from '../base/address.js'
import { KeeperError } from '../base/errors.js'

/** `127.0.0.1:7400,host:7400` → list; refuses what is no host:port. */
export function parseEndpoints(text: string): string[] {
  const endpoints = text
    .split(',')
    .map((part) => part.trim())
    .filter(Boolean)
  for (const endpoint of endpoints) parseHostPort(endpoint)
  if (endpoints.length === 0)
    throw new KeeperError('E_INVALID_ARGUMENT', '--endpoints: expected host:port[,host:port…]')
  return endpoints
}

/** `n1=127.0.0.1:7401,n2=…` → members and where they listen for each other. */
export function parseCluster(text: string): { name: string; peer: string }[] {
  const members = text.split(',').map((part) => {
    const at = part.indexOf('=')
    const [name, peer] = [part.slice(0, at).trim(), part.slice(at + 1).trim()]
    if (at < 1 || name === '') throw new KeeperError('E_INVALID_ARGUMENT', `expected name=host:port, got "${part}"`)
    parseHostPort(peer)
    return { name, peer }
  })
  for (const field of ['name', 'peer'] as const) {
    const twice = members.find((one, at) => members.findIndex((other) => other[field] === one[field]) !== at)
    if (twice) throw new KeeperError('E_INVALID_ARGUMENT', `--initial-cluster has ${twice[field]} twice`)
  }
  return members
}

const durationUnits: Record<string, number> = { ms: 1, s: 1_000, m: 60_000, min: 60_000, h: 3_600_000 }

/** `30s`, `500ms`, `2m` → milliseconds. Throws E_INVALID_ARGUMENT. */
export function parseDuration(option: string, text: string): number {
  const match = /^(\d+(?:\.\d+)?)(ms|s|m|min|h)$/.exec(text)
  const unit = durationUnits[match?.[2] ?? '']
  if (!match || unit === undefined)
    throw new KeeperError('E_INVALID_ARGUMENT', `${option}: expected a duration such as 30s or 500ms, got "${text}"`)
  return Number(match[1]) * unit
}

/** `100%`, `0.5` → share of 1. Throws E_INVALID_ARGUMENT. */
export function parseShare(option: string, text: string): number {
  const match = /^(\d+(?:\.\d+)?)(%?)$/.exec(text)
  const share = match ? Number(match[1]) / (match[2] ? 100 : 1) : Number.NaN
  if (!(share > 0 && share <= 1))
    throw new KeeperError('E_INVALID_ARGUMENT', `${option}: expected a share such as 100% or 0.5, got "${text}"`)
  return share
}

/** `room-7` or `cluster=push,role=room,zone=bj`. */
export function parseAs(text: string | undefined): { asInstance?: string; asLabels?: Record<string, string> } {
  if (text === undefined) return {}
  if (text === '')
    throw new KeeperError('E_INVALID_ARGUMENT', '--as: expected an instance or label=value,…, got nothing')
  if (!text.includes('=')) return { asInstance: text }
  const pairs = text.split(',').map((pair) => pair.split('='))
  if (pairs.some((pair) => pair.length !== 2 || pair[0] === '')) {
    throw new KeeperError('E_INVALID_ARGUMENT', `--as: expected an instance or label=value,…, got "${text}"`)
  }
  return { asLabels: Object.fromEntries(pairs as [string, string][]) }
}

/** `zone=bj,role=room` → labels. Throws E_INVALID_ARGUMENT. */
export function parseLabels(option: string, text: string): Record<string, string> {
  const pairs = text.split(',').map((pair) => pair.split('='))
  if (pairs.some((pair) => pair.length !== 2 || pair[0] === '' || pair[1] === ''))
    throw new KeeperError('E_INVALID_ARGUMENT', `${option}: expected label=value,…, got "${text}"`)
  return Object.fromEntries(pairs as [string, string][])
}

/** `7` or `~1`. */
export function parseRevision(text: string | undefined): { revision?: number; stepsBack?: number } {
  if (text === undefined) return {}
  const match = /^(~?)(?:r)?(\d{1,15})$/.exec(text)
  if (!match) throw new KeeperError('E_INVALID_ARGUMENT', `expected a revision such as 7, r7 or ~1, got "${text}"`)
  return match[1] ? { stepsBack: Number(match[2]) } : { revision: Number(match[2]) }
}

/** A value inside a JSON document by JSON pointer (RFC 6901); undefined when it is not there. */
export function atPointer(value: unknown, pointer: string): unknown {
  if (pointer === '' || pointer === '/') return value
  let here: unknown = value
  for (const raw of pointer.replace(/^\//, '').split('/')) {
    const part = raw.replaceAll('~1', '/').replaceAll('~0', '~')
    if (typeof here !== 'object' || here === null || !Object.hasOwn(here, part)) return undefined
    here = (here as Record<string, unknown>)[part]
  }
  return here
}

/** Who acts, for the history: `user@host`; a user without a name, as containers have them, by its number. */
export const author = (): string => `${userName()}@${hostname()}`

/** Where a folder lies, for people and to know it by: `host:/absolute/path`. */
export const placeOf = (dir: string): string => `${hostname()}:${resolve(dir)}`

function userName(): string {
  try {
    return userInfo().username
  } catch {
    return String(process.getuid?.() ?? 'unknown')
  }
}
