import { createCipheriv, createDecipheriv, createHash } from 'node:crypto'
import { KeeperError } from './errors.js'
import type { Random } from './random.js'

/** Bytes that only a holder of the key can read. All but `key` is base64. */
export interface Sealed {
  /** Id of the key, 16 hex digits. */
  readonly key: string
  readonly nonce: string
  /** Ciphertext with the tag behind it. */
  readonly bytes: string
}

interface SealingKey {
  readonly id: string
  readonly bytes: Uint8Array
}

const keyBytes = 32
const nonceBytes = 12
const tagBytes = 16
const cipher = 'aes-256-gcm'

/**
 * Keys that seal what must not be read at rest (AES-256-GCM, a random nonce each time). The first seals; all of them
 * open, so that a key can be replaced: put a new one in front, seal everything again, take the old one out.
 */
export class SealingKeys {
  readonly #keys: readonly SealingKey[]
  readonly #random: Random

  /** Throws E_SECRET_KEY unless each of `keys` has 32 bytes and there is one at least. */
  constructor(keys: readonly Uint8Array[], random: Random) {
    if (keys.length === 0) throw new KeeperError('E_SECRET_KEY', 'there is no key')
    if (keys.some((key) => key.length !== keyBytes))
      throw new KeeperError('E_SECRET_KEY', `a key has ${keyBytes} bytes, in base64`)
    this.#keys = keys.map((bytes) => ({ id: idOf(bytes), bytes }))
    this.#random = random
  }

  /** Of all keys, the one that seals first. They tell nothing of the keys: anybody may see them. */
  get ids(): string[] {
    return this.#keys.map(({ id }) => id)
  }

  /** Id of the key that seals. */
  get sealsWith(): string {
    return (this.#keys[0] as SealingKey).id
  }

  /** `context` is bound to the bytes: they open under the same one only. */
  seal(plain: Uint8Array, context: string): Sealed {
    const key = this.#keys[0] as SealingKey
    const nonce = this.#random.bytes(nonceBytes)
    const sealing = createCipheriv(cipher, key.bytes, nonce).setAAD(Buffer.from(`${key.id} ${context}`))
    const bytes = Buffer.concat([sealing.update(plain), sealing.final(), sealing.getAuthTag()])
    return { key: key.id, nonce: Buffer.from(nonce).toString('base64'), bytes: bytes.toString('base64') }
  }

  /** Throws E_SECRET_KEY when the key is not among these, E_CORRUPT when the bytes are not what was sealed. */
  open(sealed: Sealed, context: string): Uint8Array {
    const key = this.#keys.find(({ id }) => id === sealed.key)
    if (!key) throw new KeeperError('E_SECRET_KEY', `sealed with key ${sealed.key}, which is not here`)
    const bytes = Buffer.from(sealed.bytes, 'base64')
    try {
      const nonce = Buffer.from(sealed.nonce, 'base64')
      const opening = createDecipheriv(cipher, key.bytes, nonce, { authTagLength: tagBytes })
      opening.setAAD(Buffer.from(`${key.id} ${context}`)).setAuthTag(bytes.subarray(-tagBytes))
      return Buffer.concat([opening.update(bytes.subarray(0, -tagBytes)), opening.final()])
    } catch (cause) {
      throw new KeeperError('E_CORRUPT', `${context} does not open: its bytes were changed`, {}, { cause })
    }
  }
}

/** A hash of a random key tells nothing of it. */
const idOf = (key: Uint8Array): string =>
  createHash('sha256').update('keeper key ').update(key).digest('hex').slice(0, 16)

/** Keys as they stand in a file, one in a line, `#` begins a comment. Throws E_SECRET_KEY. */
export function readSealingKeys(text: string, random: Random): SealingKeys {
  const lines = text
    .split(/[\n,]/)
    .map((line) => line.replace(/#.*/, '').trim())
    .filter(Boolean)
  return new SealingKeys(
    lines.map((line) => Buffer.from(line, 'base64')),
    random,
  )
}

/** A new key, as a line of a file. */
export const newSealingKey = (random: Random): string => Buffer.from(random.bytes(keyBytes)).toString('base64')
