import { createCipheriv, createDecipheriv, randomBytes } from 'node:crypto'
import { readFile, stat } from 'node:fs/promises'
import { KeeperClientError, messageOf } from '../errors.js'

const header = 'keeper last-good sealed 1'
const cipher = 'aes-256-gcm'
const keyBytes = 32
const nonceBytes = 12
const tagBytes = 16

/** A key that the process has, for what its last-good file holds. */
export type LastGoodKey = Uint8Array

/** From its text: base64 of 32 bytes. Throws E_INVALID_ARGUMENT, never with the key in its words. */
export function parseLastGoodKey(text: string, whence: string): LastGoodKey {
  const key = Buffer.from(text.trim(), 'base64')
  if (key.length === keyBytes) return key
  throw new KeeperClientError('E_INVALID_ARGUMENT', `${whence}: expected the base64 of ${keyBytes} random bytes`)
}

/** From a file that nobody else may read. Throws E_INVALID_ARGUMENT. */
export async function readLastGoodKey(file: string): Promise<LastGoodKey> {
  let text: string
  try {
    const { mode } = await stat(file)
    if ((mode & 0o077) !== 0 && process.platform !== 'win32')
      throw new KeeperClientError('E_INVALID_ARGUMENT', `others can read it: chmod 600 ${file}`)
    text = await readFile(file, 'utf8')
  } catch (cause) {
    const why = `cannot take the key of last good values from ${file}: ${messageOf(cause)}`
    throw new KeeperClientError('E_INVALID_ARGUMENT', why, {}, { cause })
  }
  return parseLastGoodKey(text, file)
}

/** The text as only a holder of the key can read it (AES-256-GCM): a header line, then base64. */
export function sealText(text: string, key: LastGoodKey): string {
  const nonce = randomBytes(nonceBytes)
  const sealing = createCipheriv(cipher, key, nonce).setAAD(Buffer.from(header))
  const parts = [nonce, sealing.update(text, 'utf8'), sealing.final(), sealing.getAuthTag()]
  return `${header}\n${Buffer.concat(parts).toString('base64')}\n`
}

export const isSealed = (text: string): boolean => text.startsWith(`${header}\n`)

/** Throws E_CORRUPT when there is no key, or another one, or a changed byte. */
export function openText(text: string, key: LastGoodKey | undefined): string {
  if (!key) throw new KeeperClientError('E_CORRUPT', 'it is sealed, and this process has no KEEPER_LAST_GOOD_KEY')
  const bytes = Buffer.from(text.slice(header.length + 1), 'base64')
  try {
    const opening = createDecipheriv(cipher, key, bytes.subarray(0, nonceBytes), { authTagLength: tagBytes })
    opening.setAAD(Buffer.from(header)).setAuthTag(bytes.subarray(-tagBytes))
    return Buffer.concat([opening.update(bytes.subarray(nonceBytes, -tagBytes)), opening.final()]).toString('utf8')
  } catch (cause) {
    throw new KeeperClientError(
      'E_CORRUPT',
      'it does not open: another key sealed it, or it was changed',
      {},
      { cause },
    )
  }
}
