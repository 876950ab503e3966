/** Values with their secrets in place, for the processes that may have them; nowhere else are they opened. */

import { createHash } from 'node:crypto'
import { decodeText, encodeText } from '../base/codec.js'
import { asKeeperError, KeeperError } from '../base/errors.js'
import type { SealingKeys } from '../base/sealing.js'
import { decodeRecord, recordKey } from '../store/records.js'
import { type SecretPlain, secretContext, secretPlaceholder } from '../store/secret-records.js'
import type { StoreReader } from '../store/types.js'

/** A value as a process gets it, or why it cannot be had now. */
export interface Filled {
  /** The newest of their revisions. */
  readonly revision: number
  /** JSON that ends with blanks made of the secrets' salts: nobody can guess a secret by the hash of the value. */
  readonly bytes: Uint8Array
  /** SHA-256 of `bytes`, hex. */
  readonly hash: string
  readonly error?: KeeperError
}

interface Opened extends SecretPlain {
  readonly revision: number
}

type Json = null | boolean | number | string | Json[] | { [key: string]: Json }

const mark = Buffer.from('${secret:')
/** So many values of a secret are remembered: what a process says late may quote an older one. */
const rememberedMax = 4

export class SecretValues {
  readonly #store: StoreReader
  readonly #keys: SealingKeys | undefined
  /** Texts that were opened, by the secret's context, the newest last. */
  readonly #opened = new Map<string, string[]>()

  constructor(store: StoreReader, keys: SealingKeys | undefined) {
    this.#store = store
    this.#keys = keys
  }

  /** The value of a blob with its secrets; undefined when it names none. */
  fill(namespace: string, blobHash: string): Filled | undefined {
    const blob = this.#store.blob(blobHash)
    if (!blob || !Buffer.from(blob.buffer, blob.byteOffset, blob.length).includes(mark)) return undefined
    const value: Json = JSON.parse(decodeText(blob))
    const names = [...namesIn(value)].sort()
    if (names.length === 0) return undefined
    const nothing = { revision: 0, bytes: new Uint8Array(), hash: '' }
    try {
      const secrets = new Map(names.map((name) => [name, this.#open(namespace, name)]))
      return {
        ...filled(value, secrets),
        revision: Math.max(...[...secrets.values()].map(({ revision }) => revision)),
      }
    } catch (thrown) {
      return { ...nothing, error: asKeeperError(thrown) }
    }
  }

  /** `text` without the bytes of the secrets `names`, as they are and as JSON, URLs and base64 write them. */
  redact(namespace: string, names: Iterable<string>, text: string): string {
    if (text === '') return text
    const known = [...names].flatMap((name) => this.#known(namespace, name))
    const forms = known.flatMap(formsOf).sort((a, b) => b.length - a.length)
    return forms.reduce((rest, form) => rest.replaceAll(form, MASK), text)
  }

  /** Texts that it has or had, as far as they were opened here: one that nobody was sent yet is opened for it. */
  #known(namespace: string, name: string): readonly string[] {
    try {
      this.#open(namespace, name)
    } catch {
      // one that does not open was sent to nobody from here
    }
    return this.#opened.get(secretContext(namespace, name)) ?? []
  }

  /** Throws E_SECRET_UNKNOWN, E_SECRET_KEY, E_CORRUPT; no message has anything of its bytes. */
  #open(namespace: string, name: string): Opened {
    const kv = this.#store.get('system', recordKey(namespace, 'secret', name))
    if (!kv) throw new KeeperError('E_SECRET_UNKNOWN', `there is no secret ${name}`)
    const { sealed } = decodeRecord('secret', kv.value)
    if (!this.#keys) throw new KeeperError('E_SECRET_KEY', `this keeper has no key to open the secret ${name}`)
    const context = secretContext(namespace, name)
    const plain: SecretPlain = JSON.parse(decodeText(this.#keys.open(sealed, context)))
    const before = (this.#opened.get(context) ?? []).filter((text) => text !== plain.text)
    this.#opened.set(context, [...before, plain.text].slice(-rememberedMax))
    return { ...plain, revision: kv.modRevision }
  }
}

const MASK = '***'

/** As it is, and as JSON, URLs and base64 write it. */
const formsOf = (secret: string): string[] => [
  ...[secret, JSON.stringify(secret).slice(1, -1)],
  ...[encodeURIComponent(secret), Buffer.from(secret).toString('base64')],
]

function namesIn(value: Json, found = new Set<string>()): ReadonlySet<string> {
  if (typeof value === 'string') for (const [, name = ''] of value.matchAll(secretPlaceholder)) found.add(name)
  else if (typeof value === 'object' && value !== null) for (const part of Object.values(value)) namesIn(part, found)
  return found
}

/** Bytes, ending in blanks. The secrets' own text is not looked into: what stands in it is no placeholder. */
function filled(value: Json, secrets: ReadonlyMap<string, Opened>): Pick<Filled, 'bytes' | 'hash'> {
  const text = JSON.stringify(value, (_key, part: Json) =>
    typeof part === 'string'
      ? part.replace(secretPlaceholder, (_all, name: string) => secrets.get(name)?.text ?? '')
      : part,
  )
  const salts = [...secrets.values()].map(({ salt }) => salt).join()
  const bytes = encodeText(text + blanksOf(createHash('sha256').update(salts).digest()))
  return { bytes, hash: createHash('sha256').update(bytes).digest('hex') }
}

const blanks = ' \t\n\r'

/** Bytes as blanks, which mean nothing in JSON: two bits each. */
const blanksOf = (bytes: Uint8Array): string =>
  [...bytes].map((byte) => [6, 4, 2, 0].map((shift) => blanks[(byte >> shift) & 3]).join('')).join('')
