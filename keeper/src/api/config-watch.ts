import type { ConfigView, GetConfigRequest__Output } from '@keeper/proto'
import { KeeperError } from '../base/errors.js'
import { DEFAULT_NAMESPACE, recordKey } from '../store/records.js'
import { type Caller, type Sink, uint } from './calls.js'
import { Changes } from './changes.js'
import { effectiveView, viewerOf } from './effective.js'
import type { ApiContext } from './types.js'

/**
 * The value at once, then again whenever it is another one for this viewer. Whoever reads slowly gets the newest only.
 * A config that does not exist yet is waited for. Throws E_INVALID_ARGUMENT for a watch of the past.
 */
export async function watchConfig(
  context: ApiContext,
  request: GetConfigRequest__Output,
  sink: Sink<ConfigView>,
  { signal }: Caller,
): Promise<void> {
  if (uint('revision', request.revision) > 0 || request.stepsBack > 0) {
    throw new KeeperError('E_INVALID_ARGUMENT', 'a watch begins with what is live: no revision, no steps back')
  }
  const { member } = context
  const namespace = request.namespace || DEFAULT_NAMESPACE
  await member.linearizableRead({ signal })
  const viewer = viewerOf(member.store, namespace, request.asInstance, request.asLabels)
  const changes = new Changes(signal)
  const stop = context.systemKeys.listen(recordKey(namespace, 'config', request.name), () => changes.note())
  signal.addEventListener('abort', stop, { once: true })
  const which = { namespace, name: request.name, revision: 0, stepsBack: 0 }
  let sent = ''
  while (!signal.aborted) {
    const view = existing(() => effectiveView(member.store, which, viewer, member.status().identity.storeEpoch))
    const identity = view ? `${view.removed} ${view.hash}` : sent
    if (view && identity !== sent) sink.send(view)
    sent = identity
    await sink.writable()
    await changes.wait()
  }
}

/** Undefined while there is no such config. */
function existing(view: () => ConfigView): ConfigView | undefined {
  try {
    return view()
  } catch (error) {
    if (error instanceof KeeperError && error.code === 'E_NOT_FOUND') return undefined
    throw error
  }
}
