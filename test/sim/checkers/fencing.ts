import { decodeText } from '../../../keeper/src/base/codec.js'
import { decodeRecord, recordKey } from '../../../keeper/src/store/records.js'
import type { AppliedEntry, Event } from '../../../keeper/src/store/types.js'
import { Violation } from '../trace.js'

/** What a controller writes: the term that it compared with, and a count. */
export const fenceKey = 'fence'
export const fenceValue = (term: number, count: number): string => `${term}.${count}`

const sessionPrefix = decodeText(recordKey('default', 'session', ''))

/** Whatever protects from one that was deposed only grows: terms of controllers, attachments of sessions, revisions. */
export class FencingChecker {
  #term = 0
  readonly #attachments = new Map<string, number>()
  readonly #revisions = { user: 1, system: 1 }
  readonly #compacted = { user: 0, system: 0 }
  fenced = 0

  /** An entry was applied for the first time. */
  applied({ events, term }: AppliedEntry): void {
    for (const event of events) {
      const { keyspace, kv, type } = event
      if (kv.modRevision < this.#revisions[keyspace])
        throw new Violation('fencing', `r${kv.modRevision} of ${keyspace} came after r${this.#revisions[keyspace]}`)
      this.#revisions[keyspace] = kv.modRevision
      if (type !== 'put') continue
      if (keyspace === 'user' && decodeText(kv.key) === fenceKey) this.#checkTerm(decodeText(kv.value), term)
      if (keyspace === 'system') this.#checkAttachment(event)
    }
  }

  /** Up to where history was let go. */
  compactedTo(keyspace: 'user' | 'system'): number {
    return this.#compacted[keyspace]
  }

  /** History that is gone does not come back. */
  compacted(keyspace: 'user' | 'system', revision: number): void {
    if (revision < this.#compacted[keyspace])
      throw new Violation('fencing', `${keyspace} is compacted to r${revision}, after r${this.#compacted[keyspace]}`)
    this.#compacted[keyspace] = revision
  }

  #checkTerm(value: string, entryTerm: number): void {
    const term = Number(value.split('.')[0])
    this.fenced++
    if (term !== entryTerm || term < this.#term)
      throw new Violation('fencing', `a controller of term ${term} wrote in term ${entryTerm}, after ${this.#term}`)
    this.#term = term
  }

  #checkAttachment({ kv }: Event): void {
    const key = decodeText(kv.key)
    if (!key.startsWith(sessionPrefix)) return
    const { attachment } = decodeRecord('session', kv.value)
    const before = kv.version === 1 ? 0 : (this.#attachments.get(key) ?? 0)
    // the record may change for other reasons, with the attachment that it has
    if (attachment < before) throw new Violation('fencing', `${key} has attachment ${attachment} after ${before}`)
    this.#attachments.set(key, attachment)
  }
}
