import type { ConfigValue, DeepReadonly } from './config.js'
import type { Client } from './core/client.js'
import type { Entry } from './core/entry.js'
import { Listener, type Round } from './core/listener.js'

type Values<Name extends string> = { readonly [Key in Name]: DeepReadonly<ConfigValue<Key>> | undefined }

/** All that one change set changed of the configs listened to. */
export interface ChangeSet<Name extends string> {
  readonly revision: number
  /** Aborts when a newer change set overtakes this one, or the process leaves. */
  readonly signal: AbortSignal
  /** Names whose value changed. */
  readonly changed: ReadonlySet<Name>
  /** Names that exist no longer; their values stay. */
  readonly removed: ReadonlySet<Name>
  /** Of all the names, changed or not, as they are together; undefined where there is no value yet. */
  readonly values: Values<Name>
  /** Of the changed names, as they were. */
  readonly previous: Partial<Values<Name>>
}

export type ChangeCallback<Name extends string> = (change: ChangeSet<Name>) => unknown

/** Wants `names` and calls `callback` once per change set that touches any of them. Returns how to stop both. */
export function onChange<Name extends string>(
  client: Client,
  names: readonly Name[],
  callback: ChangeCallback<Name>,
  options: { readonly initial?: boolean },
): () => void {
  const entries: Entry[] = []
  const listener = new Listener(
    names,
    (round, signal) => callback(changeSet(entries, round, signal) as unknown as ChangeSet<Name>),
    { valuesOnly: false },
  )
  for (const name of new Set(names)) entries.push(client.configs.want(name))
  const stop = client.configs.listen(listener)
  if (options.initial) client.callInitially(listener)
  return () => {
    stop()
    for (const entry of entries.splice(0)) client.configs.unwant(entry)
  }
}

function changeSet(entries: readonly Entry[], round: Round, signal: AbortSignal): ChangeSet<string> {
  const changes = [...round.changes]
  const changed = changes.filter(([, change]) => change.valueChanged)
  return {
    revision: round.revision,
    signal,
    changed: new Set(changed.map(([name]) => name)),
    removed: new Set(entries.filter((entry) => entry.removed).map((entry) => entry.name)),
    values: Object.fromEntries(entries.map((entry) => [entry.name, entry.held?.value])),
    previous: Object.fromEntries(changed.map(([name, change]) => [name, change.previous])),
  } as ChangeSet<string>
}
