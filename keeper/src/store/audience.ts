/** Who gets what: labels against audiences and overlays. Pure. */

import type { ConfigRecord, ConfigVariant, Selector } from './config-records.js'

/** Does every label of `when` match? */
export const matches = (when: Selector['labels'], labels: Readonly<Record<string, string>>): boolean =>
  Object.entries(when).every(([label, value]) => {
    if (!Object.hasOwn(labels, label)) return false
    return typeof value === 'string' ? labels[label] === value : value.includes(labels[label] ?? '')
  })

/** The labels of an audience as text, several values as `room|gate`; nothing for nobody. */
export const audienceLabels = ({ labels, nobody }: Selector): Record<string, string> =>
  Object.fromEntries(nobody ? [] : Object.entries(labels).map(([label, values]) => [label, [values].flat().join('|')]))

/** Is the config meant for a process with these labels? */
export const inAudience = (audience: Selector, labels: Readonly<Record<string, string>>): boolean =>
  !audience.nobody && matches(audience.labels, labels)

/** The variant a process with these labels gets; the base when its record knows no better. */
export function variantFor<V extends Pick<ConfigVariant, 'overlays'>>(
  record: { readonly overlays: ConfigRecord['overlays']; readonly variants: readonly V[] },
  labels: Readonly<Record<string, string>>,
): V | undefined {
  const matched = record.overlays.flatMap((overlay, at) => (matches(overlay.when, labels) ? [at] : []))
  const wanted = matched.join(',')
  return record.variants.find((variant) => variant.overlays.join(',') === wanted)
}
