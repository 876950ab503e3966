import { createHash } from 'node:crypto'
import { KeeperClientError } from '../errors.js'

/** SHA-256 as the wire has it: lower-case hex. */
export const hashOf = (bytes: Uint8Array): string => createHash('sha256').update(bytes).digest('hex')

/**
 * A pushed value, checked against its hash, parsed and frozen all the way down.
 * Throws E_CORRUPT when bytes and hash differ or the bytes are no JSON, E_REJECTED for keys made to poison prototypes.
 */
export function parseValue(bytes: Uint8Array, hash: string): unknown {
  if (hashOf(bytes) !== hash) throw new KeeperClientError('E_CORRUPT', 'its bytes do not match their hash')
  return parseChecked(bytes)
}

/** The same for bytes whose hash was looked at before. */
export const parseChecked = (bytes: Uint8Array): unknown => freezeValue(parse(bytes))

function parse(bytes: Uint8Array): unknown {
  try {
    return JSON.parse(new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes))
  } catch (cause) {
    throw new KeeperClientError('E_CORRUPT', 'its bytes are no JSON', {}, { cause })
  }
}

/** Freezes without recursion: nesting is the sender's choice. */
export function freezeValue<T>(value: T): T {
  const open: unknown[] = [value]
  while (open.length > 0) {
    const item = open.pop()
    if (typeof item !== 'object' || item === null) continue
    refusePoison(item)
    Object.freeze(item)
    for (const key of Object.keys(item)) open.push((item as Record<string, unknown>)[key])
  }
  return value
}

/** JSON.parse makes `__proto__` an own key; it harms only when a service copies it, which services do. */
function refusePoison(item: object): void {
  if (Object.hasOwn(item, '__proto__')) throw new KeeperClientError('E_REJECTED', 'a key is named __proto__')
  const builder: unknown = Object.hasOwn(item, 'constructor') ? item.constructor : undefined
  if (typeof builder === 'object' && builder !== null && Object.hasOwn(builder, 'prototype')) {
    throw new KeeperClientError('E_REJECTED', 'a key is named constructor and holds a prototype')
  }
}
