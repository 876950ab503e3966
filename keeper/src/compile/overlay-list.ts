import { limits } from '../base/limits.js'
import type { When } from './combinations.js'
import type { Remark } from './finding.js'
import { child, isArray, isObject, type Json, type JsonObject, shown } from './json.js'
import { checkOverlay } from './overlays.js'

/** One entry of `NAME.overlays.yaml`, for one way to match it. */
export interface ListedOverlay {
  readonly when: When
  /** JSON pointer of its patch in the file: `/0/set`. */
  readonly at: string
  readonly value: Json
}

/** What is wrong with a list of overlays; nothing when `listedOverlays` may read it. */
export function checkOverlayList(list: Json): Remark[] {
  if (!isArray(list)) return [wrong('', `expected a list of {when, set}, got ${shown(list)}`)]
  return list.flatMap((entry, at) => checkEntry(entry, child('', at)))
}

/** The entries of a list that was checked. A list of values, or of `when`s, stands for as many overlays. */
export const listedOverlays = (list: Json): ListedOverlay[] =>
  (list as readonly { when: Json; set: Json }[]).flatMap(({ when, set }, at) =>
    alternatives(when).map((one) => ({ when: one, at: child(child('', at), 'set'), value: set })),
  )

const alternatives = (when: Json): When[] => (isArray(when) ? when : [when]).flatMap((one) => spread(one as JsonObject))

/** `{zone: [bj, sh], track: canary}` → `{zone: bj, track: canary}` and `{zone: sh, track: canary}`. */
const spread = (when: JsonObject): When[] =>
  Object.entries(when).reduce<Record<string, string>[]>(
    (all, [label, values]) =>
      all.flatMap((one) => [values].flat().map((value) => ({ ...one, [label]: value as string }))),
    [{}],
  )

function checkEntry(entry: Json, pointer: string): Remark[] {
  if (!isObject(entry)) return [wrong(pointer, `expected {when, set}, got ${shown(entry)}`)]
  const unknown = Object.keys(entry)
    .filter((key) => key !== 'when' && key !== 'set')
    .map((key) => ({
      ...wrong(child(pointer, key), `unknown key ${JSON.stringify(key)}: expected when and set`),
      spot: 'key' as const,
    }))
  return [...unknown, ...checkWhens(entry.when, pointer), ...checkSet(entry.set, pointer)]
}

function checkSet(set: Json | undefined, pointer: string): Remark[] {
  const here = child(pointer, 'set')
  if (set === undefined) return [wrong(pointer, 'set is missing: what is laid over the base')]
  if (!isObject(set) && !isArray(set)) return [wrong(here, `expected an object or an array, got ${shown(set)}`)]
  return checkOverlay(set, here)
}

function checkWhens(when: Json | undefined, pointer: string): Remark[] {
  const here = child(pointer, 'when')
  if (when === undefined) return [wrong(pointer, 'when is missing: the labels that a process must have')]
  if (!isArray(when)) return [...checkWhen(when, here), ...tooMany(when, pointer)]
  if (when.length === 0) return [wrong(here, 'expected labels, got an empty list')]
  return [...when.flatMap((one, at) => checkWhen(one, child(here, at))), ...tooMany(when, pointer)]
}

/** Before anything is spread: the product of a few lists is large at once. */
function tooMany(when: Json, pointer: string): Remark[] {
  const count = (isArray(when) ? when : [when]).reduce<number>(
    (sum, one) =>
      sum + Object.values(isObject(one) ? one : {}).reduce<number>((n, v) => n * (isArray(v) ? v.length : 1), 1),
    0,
  )
  if (count <= limits.overlayCombinationsMax) return []
  const message = `when stands for ${count} overlays; at most ${limits.overlayCombinationsMax} are allowed`
  return [{ rule: 'limit/overlay-combinations', pointer: child(pointer, 'when'), message }]
}

function checkWhen(when: Json, pointer: string): Remark[] {
  if (!isObject(when)) return [wrong(pointer, `expected labels, e.g. {zone: bj}, got ${shown(when)}`)]
  const labels = Object.entries(when)
  if (labels.length === 0)
    return [wrong(pointer, 'expected at least one label: what is for everyone stands in the base')]
  if (labels.length > limits.labelsMax) return [wrong(pointer, `more than ${limits.labelsMax} labels`)]
  return labels.flatMap(([label, value]) => checkLabel(label, value, child(pointer, label)))
}

/** What is wrong with a label and its value, or values. Shared with the audiences of the settings. */
export function checkLabel(label: string, value: Json, pointer: string): Remark[] {
  if (!/^[\w.-]+$/.test(label))
    return [{ ...wrong(pointer, `a label is of letters, digits, _, - and ., not ${shown(label)}`), spot: 'key' }]
  if (isArray(value) && value.length === 0) return [wrong(pointer, 'expected a value, got an empty list')]
  return [value].flat().flatMap((one, at) => {
    const here = isArray(value) ? child(pointer, at) : pointer
    if (typeof one !== 'string') return [wrong(here, `expected text, got ${shown(one)}: quote it`)]
    const fits = one !== '' && Buffer.byteLength(label) + Buffer.byteLength(one) <= limits.labelBytesMax
    return fits ? [] : [wrong(here, `expected a value of 1 to ${limits.labelBytesMax} bytes`)]
  })
}

const wrong = (pointer: string, message: string): Remark => ({ rule: 'overlay/list', pointer, message })
