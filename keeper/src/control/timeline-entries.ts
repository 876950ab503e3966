/**
 * What the records of processes, members and seats have to tell when they change. Purely from the log, so that whoever
 * reads the same revisions tells the same. What people do to configs tells itself, in the same step.
 */

import type { SeatRecord } from '../store/config-records.js'
import type { InstanceRecord, ProcessIdentity } from '../store/process-records.js'
import { decodeRecord, type MemberRecord, recordPath, type TimelineEntry, type TimelineKind } from '../store/records.js'
import type { Event } from '../store/types.js'

/** An entry, and the words under which several of one batch are told as one. */
export interface Told {
  readonly namespace: string
  readonly entry: TimelineEntry
  readonly group?: { readonly key: string; readonly of: string; readonly verb: string; readonly name: string }
}

type Teller = (event: Event, path: string) => Omit<Told, 'namespace'> | undefined

/** One change of the system keyspace; nothing for what is not news. */
export function tellOf(event: Event): Told | undefined {
  const { namespace, kind, path } = recordPath(event.kv.key)
  const told = Object.hasOwn(tellers, kind) ? tellers[kind]?.(event, path) : undefined
  return told && { namespace, ...told }
}

const tellers: Readonly<Record<string, Teller>> = {
  instance: (event) => (event.type === 'put' ? joined(event) : undefined),
  lastword: (event) => (event.type === 'put' ? left(event) : undefined),
  member: (event) => (event.type === 'put' ? memberChange(event) : undefined),
  secret: secretChange,
  seat: (event, path) => (event.type === 'put' ? seatTaken(decodeRecord('seat', event.kv.value), path) : undefined),
}

function joined({ kv, prevKv }: Event): Omit<Told, 'namespace'> | undefined {
  const record: InstanceRecord = decodeRecord('instance', kv.value)
  if (prevKv && decodeRecord('instance', prevKv.value).session === record.session) return undefined
  return ofProcess('joined', 'joined', record.identity)
}

const leftBy = { left: 'left', expired: 'fell silent', replaced: 'gave way to a newer process' } as const

function left({ kv }: Event): Omit<Told, 'namespace'> {
  const { identity, why } = decodeRecord('lastword', kv.value)
  return ofProcess('left', leftBy[why] ?? 'left', identity)
}

function ofProcess(
  kind: TimelineKind,
  verb: string,
  { cluster, role, instance }: ProcessIdentity,
): Omit<Told, 'namespace'> {
  const of = `${cluster}/${role}`
  const entry = { kind, text: `${instance} of ${of} ${verb}`, names: [instance] }
  return { entry, group: { key: `${kind} ${of} ${verb}`, of, verb, name: instance } }
}

function memberChange({ kv, prevKv }: Event): Omit<Told, 'namespace'> | undefined {
  const now = decodeRecord('member', kv.value)
  const text = memberWords(now, prevKv && decodeRecord('member', prevKv.value))
  return text === undefined ? undefined : { entry: { kind: 'member', text, names: [now.name] } }
}

function memberWords(now: MemberRecord, before: MemberRecord | undefined): string | undefined {
  if (!before) return now.wanted ? `member ${now.name} is added, to be a ${now.wanted}` : `member ${now.name} is there`
  if (now.wanted !== before.wanted && now.wanted === 'removed') return `member ${now.name} is removed`
  if (now.wanted !== before.wanted && now.wanted) return `member ${now.name} is to be a ${now.wanted}`
  if (now.folder !== before.folder) return `member ${now.name} has a new data folder`
  if (now.version !== before.version) return `member ${now.name} runs ${now.version || 'an unknown version'}`
  return undefined
}

/** Its name and who, never what it is. */
function secretChange({ type, kv, prevKv }: Event, name: string): Omit<Told, 'namespace'> {
  if (type === 'delete') return { entry: { kind: 'secret', text: `secret ${name} is removed`, names: [name] } }
  const { author, reason } = decodeRecord('secret', kv.value)
  const text = `secret ${name} is ${prevKv ? 'changed' : 'there'}, by ${author}`
  return { entry: { kind: 'secret', text, author, reason, names: [name] } }
}

const seatTaken = ({ name, directory }: SeatRecord, source: string): Omit<Told, 'namespace'> => ({
  entry: { kind: 'source', text: `${name} publishes for ${source}, from ${directory}`, source, names: [name] },
})

/** Names shown of a group. */
const SHOWN = 5

/** The entries of one batch, those of a kind told together where the first of them stood. */
export function together(all: readonly Told[]): Map<string, TimelineEntry[]> {
  const byNamespace = new Map<string, TimelineEntry[]>()
  const groups = new Map<string, { at: number; names: string[]; told: Told }>()
  for (const told of all) {
    const entries = byNamespace.get(told.namespace) ?? []
    byNamespace.set(told.namespace, entries)
    const key = told.group && `${told.namespace} ${told.group.key}`
    const group = key === undefined ? undefined : groups.get(key)
    if (group && told.group) {
      group.names.push(told.group.name)
      entries[group.at] = grouped(group.told, group.names)
    } else {
      if (key !== undefined && told.group) groups.set(key, { at: entries.length, names: [told.group.name], told })
      entries.push(told.entry)
    }
  }
  return byNamespace
}

function grouped({ entry, group }: Told, names: readonly string[]): TimelineEntry {
  const shown =
    names.length > SHOWN ? `${names.slice(0, SHOWN).join(', ')} and ${names.length - SHOWN} more` : names.join(', ')
  return { kind: entry.kind, text: `${names.length} of ${group?.of} ${group?.verb}: ${shown}`, names }
}
