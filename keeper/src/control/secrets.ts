import { isUtf8 } from 'node:buffer'
import type { Clock } from '../base/clock.js'
import { decodeText, encodeText } from '../base/codec.js'
import { KeeperError } from '../base/errors.js'
import { limits } from '../base/limits.js'
import type { Random } from '../base/random.js'
import type { SealingKeys } from '../base/sealing.js'
import type { Member } from '../node/types.js'
import { encodeRecord, recordKey, recordRange } from '../store/records.js'
import { isSecretName, type SecretPlain, type SecretRecord, secretContext } from '../store/secret-records.js'
import type { Compare, Operation } from '../store/types.js'
import { proposeBody } from './propose.js'
import { secretUses } from './secret-uses.js'
import type { Stored } from './types.js'
import { readRecord, readRecords } from './view.js'

export interface SecretsOptions {
  readonly member: Member
  readonly clock: Clock
  /** Must be fit for secrets. */
  readonly random: Random
  /** Absent: secrets can be listed and removed only. */
  readonly keys?: SealingKeys
  /** Throws E_SECRET_KEY when a member could not open what is sealed here. */
  readonly requireOpenable?: () => void
}

/** Who does it, and why. */
export interface By {
  readonly namespace: string
  readonly principal: string
  readonly author: string
  readonly reason: string
}

export interface SecretView {
  readonly name: string
  readonly record: SecretRecord
  readonly revision: number
  /** This keeper has the key that seals it. */
  readonly opens: boolean
  readonly usedBy: readonly string[]
}

/**
 * Secrets in the store, sealed before they are proposed: neither the log nor a snapshot ever has their bytes. What is
 * put reaches every process whose config names it, by the push room of the member it is attached to.
 */
export class Secrets {
  readonly #options: SecretsOptions

  constructor(options: SecretsOptions) {
    this.#options = options
  }

  /** Id of the key that seals; undefined where there is none. */
  get sealsWith(): string | undefined {
    return this.#options.keys?.sealsWith
  }

  /**
   * A new secret, or another value of one; `mustExist`: of one only. Rejects E_SECRET_KEY, E_BAD_NAME, E_TOO_LARGE,
   * E_INVALID_ARGUMENT (empty, not UTF-8), E_SECRET_UNKNOWN, E_TOO_MANY, E_CONFLICT.
   */
  async put(
    name: string,
    value: Uint8Array,
    by: By,
    mustExist = false,
  ): Promise<{ revision: number; version: number; usedBy: readonly string[] }> {
    checkName(name)
    const text = checkValue(value)
    const { member } = this.#options
    await member.linearizableRead()
    const keys = this.#keys()
    const before = readRecord(member.store, by.namespace, 'secret', name)
    if (!before && mustExist) throw new KeeperError('E_SECRET_UNKNOWN', `there is no secret ${name}`)
    if (!before) this.#checkRoom(by.namespace)
    const version = (before?.record.version ?? 0) + 1
    const record = { ...this.#by(by), sealed: this.#seal(keys, by.namespace, name, text), version }
    const revision = await this.#write(name, record, before, by)
    return { revision, version, usedBy: secretUses(member.store, by.namespace).get(name) ?? [] }
  }

  /** Everything but their bytes. */
  async list(namespace: string): Promise<SecretView[]> {
    const { member, keys } = this.#options
    await member.linearizableRead()
    const uses = secretUses(member.store, namespace)
    return readRecords(member.store, namespace, 'secret').map(({ path: name, record, kv }) => ({
      ...{ name, record, revision: kv.modRevision, usedBy: uses.get(name) ?? [] },
      opens: keys !== undefined && opens(keys, record, secretContext(namespace, name)),
    }))
  }

  /** Rejects E_SECRET_UNKNOWN, and E_SECRET_IN_USE while a live config names it. */
  async remove(name: string, { namespace, principal }: Pick<By, 'namespace' | 'principal'>): Promise<number> {
    const { member } = this.#options
    await member.linearizableRead()
    const revision = member.store.revision('system')
    const before = readRecord(member.store, namespace, 'secret', name)
    if (!before) throw new KeeperError('E_SECRET_UNKNOWN', `there is no secret ${name}`)
    const usedBy = secretUses(member.store, namespace).get(name) ?? []
    if (usedBy.length > 0) throw new KeeperError('E_SECRET_IN_USE', `${usedBy.join(', ')} names ${name}`, { usedBy })
    const key = recordKey(namespace, 'secret', name)
    const operation = { kind: 'delete', key, prevKv: false } as const
    return this.#propose(principal, key, before, operation, unusedSince(namespace, revision))
  }

  /** Seals with the newest key what another one sealed. Rejects E_SECRET_KEY when an older key is missing. */
  async reseal({
    namespace,
    principal,
  }: Pick<By, 'namespace' | 'principal'>): Promise<{ resealed: number; already: number }> {
    const { member } = this.#options
    await member.linearizableRead()
    const keys = this.#keys()
    const all = readRecords(member.store, namespace, 'secret')
    const old = all.filter(({ record }) => record.sealed.key !== keys.sealsWith)
    const opened = old.map(({ path: name, record, kv }) => {
      const context = secretContext(namespace, name)
      return { name, kv, record: { ...record, sealed: keys.seal(keys.open(record.sealed, context), context) } }
    })
    for (const { name, record, kv } of opened)
      await this.#write(name, record, { record, modRevision: kv.modRevision }, { namespace, principal })
    return { resealed: old.length, already: all.length - old.length }
  }

  /** Throws E_SECRET_KEY where there is none, or one that not all members have. */
  #keys(): SealingKeys {
    const { keys } = this.#options
    if (!keys) throw new KeeperError('E_SECRET_KEY', 'this keeper has no key to seal secrets with')
    this.#options.requireOpenable?.()
    return keys
  }

  #checkRoom(namespace: string): void {
    const count = readRecords(this.#options.member.store, namespace, 'secret').length
    if (count >= limits.secretsMax) throw new KeeperError('E_TOO_MANY', `there may be ${limits.secretsMax} secrets`)
  }

  #seal(keys: SealingKeys, namespace: string, name: string, text: string) {
    const plain: SecretPlain = { salt: Buffer.from(this.#options.random.bytes(16)).toString('base64'), text }
    return keys.seal(encodeText(JSON.stringify(plain)), secretContext(namespace, name))
  }

  #by({ author, reason, principal }: By) {
    return { v: 1, author: author || principal, reason, wallMs: this.#options.clock.wall() } as const
  }

  #write(
    name: string,
    record: SecretRecord,
    before: Stored<SecretRecord> | undefined,
    by: Pick<By, 'namespace' | 'principal'>,
  ): Promise<number> {
    const key = recordKey(by.namespace, 'secret', name)
    const rest = { lease: 0n, revisionSuffix: false, prevKv: false, ignoreValue: false, ignoreLease: false }
    return this.#propose(by.principal, key, before, {
      kind: 'put',
      key,
      value: encodeRecord('secret', record),
      ...rest,
    })
  }

  /** Only if the record is as it was read. */
  async #propose(
    principal: string,
    key: Uint8Array,
    before: Stored<SecretRecord> | undefined,
    operation: Operation,
    also: readonly Compare[] = [],
  ): Promise<number> {
    const operand = before?.modRevision ?? 0
    const compares: Compare[] = [{ target: 'modRevision', key, comparison: 'equal', operand }, ...also]
    const txn = { compares, success: [operation], failure: [] }
    const result = await proposeBody(this.#options.member, principal, { kind: 'txn', keyspace: 'system', txn })
    if (!result.succeeded)
      throw new KeeperError('E_CONFLICT', 'somebody else changed the secret, or a config, meanwhile')
    return result.revision
  }
}

/** No config was written after `revision`, and so none that names it. */
const unusedSince = (namespace: string, revision: number): Compare[] => [
  { target: 'modRevision', ...recordRange(namespace, 'config'), comparison: 'less', operand: revision + 1 },
]

function opens(keys: SealingKeys, { sealed }: SecretRecord, context: string): boolean {
  try {
    keys.open(sealed, context)
    return true
  } catch {
    return false
  }
}

function checkName(name: string): void {
  if (isSecretName(name)) return
  const shown = JSON.stringify(name.slice(0, limits.secretNameChars))
  throw new KeeperError('E_BAD_NAME', `secret ${shown}: expected letters, digits, and . _ - / between them`)
}

function checkValue(value: Uint8Array): string {
  if (value.length === 0) throw new KeeperError('E_INVALID_ARGUMENT', 'the secret is empty')
  if (value.length > limits.secretBytesMax)
    throw new KeeperError('E_TOO_LARGE', `a secret has at most ${limits.secretBytesMax} bytes, not ${value.length}`)
  if (!isUtf8(value))
    throw new KeeperError('E_INVALID_ARGUMENT', 'the secret is not UTF-8: encode it, in base64 for one')
  return decodeText(value)
}
