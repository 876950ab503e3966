import { encodeText } from '../base/codec.js'
import type { Member } from '../node/types.js'
import { type RecordKind, recordPath } from '../store/records.js'
import type { KeyValue } from '../store/types.js'

export interface RecordChange {
  readonly kind: RecordKind | ''
  /** The rest of the key; empty, like the kind, when all state was replaced and anything may have changed. */
  readonly path: string
  readonly deleted: boolean
  readonly kv?: KeyValue
}

/** Tells what is written to, or deleted from, some kinds of records of a namespace, as it is applied. Returns the way to stop it. */
export function watchRecords(
  member: Pick<Member, 'onApplied' | 'onReplaced'>,
  namespace: string,
  kinds: readonly RecordKind[],
  listener: (change: RecordChange) => void,
): () => void {
  const prefixes = kinds.map((kind) => Buffer.from(encodeText(`/${namespace}/${kind}/`)))
  const concerns = (key: Uint8Array) =>
    prefixes.some((prefix) => key.length >= prefix.length && prefix.compare(key, 0, prefix.length) === 0)
  const stops = [
    member.onApplied(({ events }) => {
      for (const { keyspace, type, kv } of events) {
        if (keyspace !== 'system' || !concerns(kv.key)) continue
        const { kind, path } = recordPath(kv.key)
        listener({ kind: kind as RecordKind, path, deleted: type === 'delete', kv })
      }
    }),
    member.onReplaced(() => listener({ kind: '', path: '', deleted: false })),
  ]
  return () => {
    for (const stop of stops) stop()
  }
}
