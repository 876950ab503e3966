import { decodeText } from '../../../keeper/src/base/codec.js'
import type { Event } from '../../../keeper/src/store/types.js'
import { Violation } from '../trace.js'

/** What a member said that it has, as of a revision of its own. */
export interface SerializableRead {
  readonly revision: number
  readonly values: readonly (readonly [key: string, value: string | undefined])[]
}

/** A read that need not be new is of one moment all the same: each key is as the log left it at that revision. */
export function checkSerializable(reads: readonly SerializableRead[], events: readonly Event[]): void {
  const history = new Map<string, { readonly revision: number; readonly value: string | undefined }[]>()
  for (const { type, kv } of events) {
    const key = decodeText(kv.key)
    const value = type === 'put' ? decodeText(kv.value) : undefined
    const known = history.get(key)
    if (known) known.push({ revision: kv.modRevision, value })
    else history.set(key, [{ revision: kv.modRevision, value }])
  }
  for (const { revision, values } of reads)
    for (const [key, value] of values) {
      const then = history.get(key)?.findLast((one) => one.revision <= revision)?.value
      if (then !== value)
        throw new Violation('serializable', `${key} was read as ${value} at r${revision}, where it was ${then}`)
    }
}
