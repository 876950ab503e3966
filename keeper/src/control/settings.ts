/** What members say of how they were started, compared: some of it must be the same at all of them. */

import type { ErrorCode } from '../base/errors.js'
import type { MemberSettings } from '../store/member-settings.js'
import type { MemberRecord } from '../store/records.js'

/** A member that has said how it was started; one of an older program says nothing. */
export interface Announced {
  readonly name: string
  readonly settings: MemberSettings
}

/** Something that must be the same at all members, and is not. */
export interface Disagreement {
  readonly code: ErrorCode
  /** Who has what, in one line; nothing in it tells of a key. */
  readonly text: string
}

/** Those that are to stay in the cluster and have said how they were started, in order of name. */
export const announced = (members: readonly MemberRecord[]): Announced[] =>
  members
    .filter(({ wanted }) => wanted !== 'removed')
    .flatMap(({ name, settings }) => (settings ? [{ name, settings }] : []))
    .sort((a, b) => (a.name < b.name ? -1 : 1))

/** All that they disagree about, the gravest first. */
export const disagreements = (members: readonly Announced[]): Disagreement[] => [
  ...sealing(members),
  ...compared.flatMap((setting) => differing(members, setting)),
]

/** Names of those that cannot open what is sealed with the key. */
export const lacking = (members: readonly Announced[], key: string): string[] =>
  members.filter(({ settings }) => !settings.sealingKeys.includes(key)).map(({ name }) => name)

/** Labels as a command line has them; `none` where there are none. */
export const labelText = (labels: MemberSettings['labels']): string =>
  Object.entries(labels)
    .map(([label, value]) => `${label}=${value}`)
    .sort()
    .join(',') || 'none'

/** What `keeper serve` is to be started with for these labels. */
export const labelFlags = (labels: MemberSettings['labels']): string =>
  Object.keys(labels).length === 0 ? 'no --label' : `--label ${labelText(labels).replaceAll(',', ' --label ')}`

/** Those of the labels that most of them were started with; of as many, of the first by name. */
export function commonest(members: readonly Announced[]): readonly Announced[] {
  const groups = [...grouped(members, ({ settings }) => labelText(settings.labels)).values()]
  const [most = []] = groups.sort((a, b) => b.length - a.length)
  return members.filter(({ name }) => most.includes(name))
}

/** Is `labels` what more members were started with than anything else? Those who disagree half and half are both not. */
export function isCommon(labels: MemberSettings['labels'], members: readonly Announced[]): boolean {
  const groups = grouped(members, ({ settings }) => labelText(settings.labels))
  const mine = groups.get(labelText(labels))?.length ?? 0
  return [...groups].every(([text, names]) => text === labelText(labels) || names.length < mine)
}

/** A key in front of others seals; during its replacement all members open it before the first one puts it in front. */
function sealing(members: readonly Announced[]): Disagreement[] {
  const sealers = grouped(members, ({ settings }) => settings.sealingKeys[0] ?? '')
  return [...sealers].flatMap(([key, names]) => {
    const without = lacking(members, key)
    if (key === '' || without.length === 0) return []
    const text = `sealing keys differ: ${some(names)} would seal secrets with key ${key}, which ${some(without)} cannot open`
    return [{ code: 'E_SECRET_KEY', text } as const]
  })
}

interface Compared {
  readonly what: string
  readonly say: (settings: MemberSettings) => string
}

const compared: readonly Compared[] = [
  { what: 'labels (--label)', say: ({ labels }) => labelText(labels) },
  { what: 'TLS for clients (--cert-file, --client-cert-auth)', say: ({ clientTls }) => clientTls },
  { what: '--heartbeat-interval', say: ({ heartbeatIntervalMs }) => `${heartbeatIntervalMs} ms` },
  { what: '--election-timeout', say: ({ electionTimeoutMs }) => `${electionTimeoutMs} ms` },
]

function differing(members: readonly Announced[], { what, say }: Compared): Disagreement[] {
  const groups = grouped(members, ({ settings }) => say(settings))
  if (groups.size < 2) return []
  const text = [...groups].map(([value, names]) => `${value} at ${some(names)}`).join('; ')
  return [{ code: 'E_SETTINGS_DIFFER', text: `${what}: ${text}` }]
}

/** Value → the names of those that have it. */
function grouped(members: readonly Announced[], of: (one: Announced) => string): Map<string, string[]> {
  const groups = new Map<string, string[]>()
  for (const one of members) groups.set(of(one), [...(groups.get(of(one)) ?? []), one.name])
  return groups
}

const some = (names: readonly string[]): string => names.join(', ')
