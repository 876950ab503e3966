import type { ConfigOverlay } from '../store/config-records.js'
import { child, copy, isArray, isObject, type Json, shown } from './json.js'
import { whenKey } from './overlays.js'
import { placeholdersIn, type Ref } from './placeholders.js'
import type { RefTarget } from './ref-target.js'

/** A value with its references resolved. */
export interface Resolved {
  readonly value: Json
  /** Pointer of each string that had references → its text as written. */
  readonly spots: ReadonlyMap<string, string>
  /** Pointers of the strings that could not be resolved, and stand as they are written. */
  readonly unknown: ReadonlySet<string>
  readonly faults: readonly { readonly pointer: string; readonly rule: string; readonly message: string }[]
}

/** The references of one config, bound to what they refer to. */
export class BoundRefs {
  /** Overlays of other configs that make a difference here; they come after the config's own. */
  readonly overlays: ConfigOverlay[] = []
  readonly #targets = new Map<string, { readonly target: RefTarget; readonly indices: readonly number[] }>()
  readonly #byKey = new Map<string, number>()
  readonly #first: number

  /** `first`: how many overlays the config has itself. */
  constructor(first: number) {
    this.#first = first
  }

  /** Gives where the target's overlays stand among those of the config. */
  bind(ref: Ref, target: RefTarget): readonly number[] {
    const indices = target.overlays.map((overlay) => this.#indexOf(overlay))
    this.#targets.set(keyOf(ref), { target, indices })
    return indices
  }

  /** Resolves what stands in `value`, in place, for processes that match exactly the overlays of `set`. */
  resolve(value: Json, set: readonly number[]): Resolved {
    const walk = new RefWalk((ref) => this.#valueOf(ref, set))
    const resolved = walk.resolve(value, '')
    return { value: resolved, spots: walk.spots, unknown: walk.unknown, faults: walk.faults }
  }

  #indexOf(overlay: ConfigOverlay): number {
    const key = `${overlay.of} ${overlay.file} ${overlay.at ?? ''} ${whenKey(overlay.when)}`
    const known = this.#byKey.get(key)
    if (known !== undefined) return known
    const index = this.#first + this.overlays.push(overlay) - 1
    this.#byKey.set(key, index)
    return index
  }

  /** Null when the reference is not bound: what is wrong with it was told already. */
  #valueOf(ref: Ref, set: readonly number[]): { readonly value: Json | undefined } | null {
    const bound = this.#targets.get(keyOf(ref))
    if (!bound) return null
    const matched = bound.indices.flatMap((index, at) => (set.includes(index) ? [at] : []))
    return { value: bound.target.fillingFor(matched)?.value }
  }
}

export const keyOf = ({ name, pointer }: Ref): string => `${name}#${pointer}`

class RefWalk {
  readonly spots = new Map<string, string>()
  readonly unknown = new Set<string>()
  readonly faults: { pointer: string; rule: string; message: string }[] = []
  readonly #lookUp: (ref: Ref) => { readonly value: Json | undefined } | null

  constructor(lookUp: (ref: Ref) => { readonly value: Json | undefined } | null) {
    this.#lookUp = lookUp
  }

  resolve(value: Json, pointer: string): Json {
    if (typeof value === 'string') return value.includes('${ref:') ? this.#string(value, pointer) : value
    if (isArray(value)) {
      const items = value as Json[]
      for (let at = 0; at < items.length; at++) items[at] = this.resolve(items[at] as Json, child(pointer, at))
    } else if (isObject(value)) {
      const object = value as Record<string, Json>
      for (const key of Object.keys(object)) object[key] = this.resolve(object[key] as Json, child(pointer, key))
    }
    return value
  }

  #string(text: string, pointer: string): Json {
    const refs = placeholdersIn(text).filter((one): one is Ref => one.kind === 'ref')
    if (refs.length === 0) return text
    this.spots.set(pointer, text)
    const [only] = refs
    if (only && only.text === text) {
      const value = this.#found(only, pointer)
      return value === undefined ? text : copy(value)
    }
    let out = ''
    let from = 0
    for (const ref of refs) {
      out += text.slice(from, ref.at) + this.#embedded(ref, pointer)
      from = ref.at + ref.text.length
    }
    return out + text.slice(from)
  }

  #embedded(ref: Ref, pointer: string): string {
    const value = this.#found(ref, pointer)
    if (typeof value === 'object') {
      const message = `${ref.text} is ${value === null ? 'null' : shown(value)}: inside a text only text, numbers and booleans can stand`
      this.#fault(pointer, 'ref/embedded', message)
    }
    return value === undefined || typeof value === 'object' ? ref.text : String(value)
  }

  #found(ref: Ref, pointer: string): Json | undefined {
    const found = this.#lookUp(ref)
    if (!found) this.unknown.add(pointer)
    else if (found.value === undefined) this.#fault(pointer, 'ref/nothing', `${ref.name} has nothing at ${ref.pointer}`)
    return found?.value
  }

  #fault(pointer: string, rule: string, message: string): void {
    this.unknown.add(pointer)
    this.faults.push({ pointer, rule, message })
  }
}
