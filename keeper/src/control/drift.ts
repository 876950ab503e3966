/** What is live otherwise than a source last published it, and what no source publishes any more. */

import type { StoreReader } from '../store/types.js'
import { digestOf } from './digest.js'
import { readConfigs, readRecords } from './view.js'

export interface DriftView {
  /** Source → names. */
  readonly bySource: ReadonlyMap<string, readonly string[]>
  /** Live, and in no source's record: left behind by a takeover. */
  readonly unowned: readonly string[]
}

/** Remembers the digests of the configs that did not change since it last looked: they are many. */
export class Drift {
  #digests = new Map<string, { readonly modRevision: number; readonly digest: string }>()

  read(store: StoreReader, namespace: string): DriftView {
    const live = this.#live(store, namespace)
    const sources = readRecords(store, namespace, 'source')
    const owned = new Set(sources.flatMap(({ record }) => Object.keys(record.published)))
    const differing = (published: Readonly<Record<string, string>>) =>
      Object.entries(published).flatMap(([name, digest]) => (live.get(name) === digest ? [] : [name]))
    return {
      bySource: new Map(sources.map(({ path, record }) => [path, differing(record.published)])),
      unowned: [...live].flatMap(([name, digest]) => (digest !== '' && !owned.has(name) ? [name] : [])),
    }
  }

  /** Name → digest; empty for a removed one. */
  #live(store: StoreReader, namespace: string): Map<string, string> {
    const before = this.#digests
    this.#digests = new Map()
    const live = new Map<string, string>()
    for (const { record, modRevision } of readConfigs(store, namespace)) {
      const known = before.get(`${namespace}/${record.name}`)
      const digest = record.removed ? '' : known?.modRevision === modRevision ? known.digest : digestOf(record)
      this.#digests.set(`${namespace}/${record.name}`, { modRevision, digest })
      live.set(record.name, digest)
    }
    return live
  }
}
