/** What a client may be called, and what it may ask for by name. Nothing here trusts anyone. */

import { KeeperError } from '../base/errors.js'
import type { SessionLimits } from './options.js'

const control = /[\p{Cc}\p{Cs}\u2028\u2029]/u

const bytesOf = (text: string): number => Buffer.byteLength(text)

function bad(what: string, why: string): never {
  throw new KeeperError('E_BAD_NAME', `${what} ${why}`)
}

/** A cluster, role, instance or namespace: one path segment. Throws E_BAD_NAME. */
export function checkSegment(what: string, text: string, limits: SessionLimits): void {
  if (text === '' || text === '.' || text === '..') bad(what, 'is missing')
  if (bytesOf(text) > limits.segmentBytesMax) bad(what, `is longer than ${limits.segmentBytesMax} bytes`)
  if (text.includes('/')) bad(what, 'has a slash')
  if (control.test(text)) bad(what, 'has a control character')
}

/** A namespace stands in front of every key of its records. Throws E_BAD_NAME. */
export function checkNamespace(text: string, limits: SessionLimits): void {
  checkSegment('namespace', text, limits)
  if (text.startsWith('_')) bad('namespace', 'begins with _, as only Keeper’s own do')
}

/** A config name: segments with slashes between. Throws E_BAD_NAME. */
export function checkConfigName(name: string, limits: SessionLimits): void {
  if (bytesOf(name) > limits.nameBytesMax) bad('config name', `is longer than ${limits.nameBytesMax} bytes`)
  for (const segment of name.split('/')) checkSegment('config name segment', segment, limits)
}

/** Free text of a client that we keep and show: bounded, printable; may be empty. Throws E_BAD_NAME. */
export function checkText(what: string, text: string, limits: SessionLimits): void {
  if (bytesOf(text) > limits.labelBytesMax) bad(what, `is longer than ${limits.labelBytesMax} bytes`)
  if (control.test(text)) bad(what, 'has a control character')
}

/** Labels or addresses. Throws E_BAD_NAME. */
export function checkMap(what: string, map: Readonly<Record<string, string>>, limits: SessionLimits): void {
  const entries = Object.entries(map)
  if (entries.length > limits.labelsMax) bad(`${what}s`, `are more than ${limits.labelsMax}`)
  for (const [key, value] of entries) {
    if (key === '') bad(what, 'has no name')
    checkText(`${what} name`, key, limits)
    checkText(`${what} ${key}`, value, limits)
  }
}

/** At most `bytesMax` bytes of a client's reason, cut at a character. */
export function cutReason(reason: string, bytesMax: number): string {
  if (reason.length <= bytesMax / 3 || bytesOf(reason) <= bytesMax) return reason
  return Buffer.from(reason)
    .subarray(0, bytesMax)
    .toString('utf8')
    .replace(/\uFFFD$/, '')
}
