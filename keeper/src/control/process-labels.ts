import { decodeText } from '../base/codec.js'
import { labelsOf } from '../store/process-records.js'
import { decodeRecord, recordRange } from '../store/records.js'
import type { StoreReader } from '../store/types.js'

interface Read {
  readonly modRevision: number
  readonly labels: Readonly<Record<string, string>>
}

/**
 * The labels of every live process, read again only where the instance record changed: each publish asks how many
 * processes it reaches, and thousands of records would be parsed for it each time.
 */
export class ProcessLabels {
  #known = new Map<string, Read>()

  read(store: StoreReader, namespace: string): readonly Readonly<Record<string, string>>[] {
    const range = { ...recordRange(namespace, 'instance'), limit: 0, revision: 0, countOnly: false, keysOnly: true }
    const before = this.#known
    const now = new Map<string, Read>()
    for (const { key, modRevision } of store.range('system', range).kvs) {
      const name = decodeText(key)
      const known = before.get(name)
      const read = known?.modRevision === modRevision ? known : labelsAt(store, key)
      if (read) now.set(name, read)
    }
    this.#known = now
    return [...now.values()].map(({ labels }) => labels)
  }
}

function labelsAt(store: StoreReader, key: Uint8Array): Read | undefined {
  const kv = store.get('system', key)
  return kv && { modRevision: kv.modRevision, labels: labelsOf(decodeRecord('instance', kv.value).identity) }
}
