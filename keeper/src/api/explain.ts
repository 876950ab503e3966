/** Changes.Explain: where live values came from. */

import type {
  ExplainedLayer,
  ExplainRequest__Output,
  ExplainResponse,
  Explanation as WireExplanation,
} from '@keeper/proto'
import { decodeText } from '../base/codec.js'
import { KeeperError } from '../base/errors.js'
import { limits } from '../base/limits.js'
import { type ExplainSource, type Explanation, explainValue, type Layer, leavesOf } from '../compile/explain.js'
import { at } from '../compile/json.js'
import { historyAt, readRecord } from '../control/view.js'
import { inAudience, variantFor } from '../store/audience.js'
import { DEFAULT_NAMESPACE } from '../store/records.js'
import type { StoreReader } from '../store/types.js'
import { viewerOf } from './effective.js'
import type { ApiContext } from './types.js'

/** Throws E_NOT_FOUND, E_NOT_IN_AUDIENCE, E_INVALID_ARGUMENT. */
export function explain({ member }: ApiContext, request: ExplainRequest__Output): ExplainResponse {
  const { store } = member
  const { name, pointer } = request
  const namespace = request.namespace || DEFAULT_NAMESPACE
  const live = readRecord(store, namespace, 'config', name)
  if (!live || live.record.removed) throw new KeeperError('E_NOT_FOUND', `no config ${name}`, { name })
  const labels = viewerOf(store, namespace, request.asInstance, request.asLabels)
  if (labels && !inAudience(live.record.audience, labels))
    throw new KeeperError('E_NOT_IN_AUDIENCE', `${name} is not meant for a process with these labels`)
  if (pointer !== '' && !pointer.startsWith('/'))
    throw new KeeperError('E_INVALID_ARGUMENT', `a pointer begins with a slash, e.g. ${name}#/${pointer}`)
  const variant = labels ? variantFor(live.record, labels) : live.record.variants[0]
  const bytes = variant && store.blob(variant.hash)
  const value = bytes && at(JSON.parse(decodeText(bytes)), pointer)
  const pointers = value === undefined ? [pointer] : leavesOf(value, pointer, limits.explainValuesMax)
  const source = sourceOf(store, namespace)
  const asked = { name, ...(labels && { labels }) }
  return {
    values: pointers.map((leaf) => wireExplanation(explainValue({ ...asked, pointer: leaf }, source))),
    ...sinceOf(store, namespace, name, (variant?.revision ?? 0) || live.modRevision),
  }
}

/** Who made the value what it is. */
function sinceOf(store: StoreReader, namespace: string, name: string, revision: number): ExplainResponse {
  const history = historyAt(store, namespace, name, revision)
  if (!history) return { revision }
  const { author, reason, source, action, wallMs } = history
  return { revision, author, reason, source, action, wallMs }
}

const sourceOf = (store: StoreReader, namespace: string): ExplainSource => ({
  config: (name) => {
    const record = readRecord(store, namespace, 'config', name)?.record
    return record?.removed ? undefined : record
  },
  blob: (hash) => store.blob(hash),
})

const wireExplanation = ({ name, pointer, value, layers, refs }: Explanation): WireExplanation => ({
  name,
  pointer,
  valueJson: value === undefined ? '' : JSON.stringify(value),
  layers: layers.map(wireLayer),
  refs: refs.map(({ text, from }) => ({ text, from: wireExplanation(from) })),
})

const wireLayer = ({ value, when, ...layer }: Layer): ExplainedLayer => ({
  ...layer,
  when: { ...when },
  valueJson: value === undefined ? '' : JSON.stringify(value),
})
