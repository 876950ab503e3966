import { KeeperError } from '../base/errors.js'
import type { Selector } from '../store/config-records.js'

type Labels = Readonly<Record<string, string>>

/** Who gets the config, if nothing else is said: the first segment names the cluster, the second the role; `common` is every role, `_shared` nobody. */
export function audienceOf(name: string): Selector {
  const [cluster = '', role = ''] = name.split('/')
  if (cluster === '_shared' || cluster === '_keeper') return nobody
  return role === 'common' ? { labels: { cluster } } : { labels: { cluster, role } }
}

export const nobody: Selector = { labels: {}, nobody: true }

/** The values that a selector allows for a label; undefined when it allows any. */
export function allowed({ labels }: Pick<Selector, 'labels'>, label: string): readonly string[] | undefined {
  if (!Object.hasOwn(labels, label)) return undefined
  const values = labels[label] as string | readonly string[]
  return typeof values === 'string' ? [values] : values
}

/**
 * May whoever gets `reader` see `target`, too? What is delivered to nobody is for references, so everyone may; and what
 * it takes itself is seen by everyone.
 */
export function covers(target: Selector, reader: Selector): boolean {
  if (target.nobody) return true
  return Object.keys(target.labels).every((label) => {
    const wanted = allowed(target, label) ?? []
    const has = reader.nobody ? undefined : allowed(reader, label)
    return has?.every((value) => wanted.includes(value)) ?? false
  })
}

/** The audience among processes that all have the labels `fixed`: what those say already is left out. */
export function within(audience: Selector, fixed: Labels): Selector {
  const labels = Object.entries(audience.labels)
  const contradicts = labels.some(([label]) => {
    const value = fixed[label]
    return Object.hasOwn(fixed, label) && value !== undefined && !allowed(audience, label)?.includes(value)
  })
  if (contradicts) return nobody
  const rest = labels.filter(([label]) => !Object.hasOwn(fixed, label))
  return { ...audience, labels: Object.fromEntries(rest) }
}

/** An audience in words: `cluster=push role=room|gate`. */
export function audienceText({ labels, nobody: isNobody }: Selector): string {
  if (isNobody) return 'nobody'
  const parts = Object.entries(labels).map(([label, value]) => `${label}=${[value].flat().join('|')}`)
  return parts.join(' ') || 'everyone'
}

/** Labels that every process has somewhere. Throws E_INVALID_ARGUMENT for what only a process can say of itself. */
export function hereLabels(labels: Readonly<Record<string, string>>): Readonly<Record<string, string>> {
  const own = ['cluster', 'role', 'instance'].filter((label) => Object.hasOwn(labels, label))
  if (own.length === 0) return labels
  throw new KeeperError('E_INVALID_ARGUMENT', `label: ${own.join(', ')} is each process' own, not all processes'`)
}
