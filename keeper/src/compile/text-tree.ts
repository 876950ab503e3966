import { limits } from '../base/limits.js'
import type { OnPlace, Remark } from './finding.js'
import { child, type Json } from './json.js'
import { keyProblem } from './keys.js'
import type { Parsed } from './parse-json.js'

type Mutable = Record<string, Json>

/**
 * Builds the value of a format whose values are all text (.properties, .env, INI), path by path. Duplicate keys,
 * prototype keys, a key that is a value and a group at once, and more nesting or values than the limits are remarks.
 */
export class TextTree {
  readonly remarks: Remark[] = []
  readonly #root: Mutable = {}
  readonly #onPlace: OnPlace | undefined
  #values = 0

  constructor(onPlace: OnPlace | undefined) {
    this.#onPlace = onPlace
    onPlace?.('', 0, 0)
  }

  /** What was built, unless something is wrong. */
  get parsed(): Parsed {
    return this.remarks.length === 0 ? { value: this.#root, remarks: [] } : { remarks: this.remarks }
  }

  say(rule: string, offset: number, message: string, pointer?: string): void {
    this.remarks.push({ rule, offset, message, ...(pointer !== undefined && { pointer }) })
  }

  /** `text` at `path`; offsets of its key and of its value. */
  put(path: readonly string[], text: string, key: number, value: number): void {
    const { object, name, pointer } = this.#parentOf(path, key)
    if (!object) return
    if (Object.hasOwn(object, name)) {
      const group = typeof object[name] === 'object'
      const message = group ? `${path.join('.')} is a group already` : `duplicate key ${JSON.stringify(path.join('.'))}`
      this.say(group ? 'text/conflict' : 'text/duplicate-key', key, message, pointer)
      return
    }
    if (++this.#values > limits.valuesPerFileMax) {
      if (this.#values === limits.valuesPerFileMax + 1)
        this.say('limit/values', key, `more than ${limits.valuesPerFileMax} values in a file`)
      return
    }
    object[name] = text
    this.#onPlace?.(pointer, key, value)
  }

  /** One more item of the list at `path`. */
  push(path: readonly string[], text: string, key: number, value: number): void {
    const { object, name, pointer } = this.#parentOf(path, key)
    if (!object) return
    const known = Object.hasOwn(object, name) ? object[name] : undefined
    if (known !== undefined && !Array.isArray(known)) {
      this.say('text/conflict', key, `${path.join('.')} has a value already and is no list`, pointer)
      return
    }
    const list = (known as Json[] | undefined) ?? []
    if (!known) this.#onPlace?.(pointer, key, value)
    object[name] = list
    this.#onPlace?.(child(pointer, list.length), key, value)
    list.push(text)
  }

  /** The group at `path`, made if it is not there. */
  group(path: readonly string[], offset: number): void {
    this.#parentOf([...path, ''], offset)
  }

  #parentOf(path: readonly string[], offset: number): { object?: Mutable; name: string; pointer: string } {
    let object = this.#root
    let pointer = ''
    if (path.length > limits.nestingDepthMax) {
      this.say('limit/nesting', offset, `nested deeper than ${limits.nestingDepthMax} levels`)
      return { name: '', pointer }
    }
    for (const [depth, name] of path.entries()) {
      const above = pointer
      pointer = child(pointer, name)
      const refused = keyProblem(name)
      if (refused) {
        this.say('value/unsafe-key', offset, refused, pointer)
        return { name, pointer }
      }
      if (depth === path.length - 1) return { object, name, pointer: child(above, name) }
      const next = Object.hasOwn(object, name) ? object[name] : undefined
      if (next === undefined) {
        object[name] = {}
        this.#onPlace?.(pointer, offset, offset)
      } else if (typeof next !== 'object' || Array.isArray(next)) {
        const message = `${path.slice(0, depth + 1).join('.')} has a value already and cannot be a group, too`
        this.say('text/conflict', offset, message, pointer)
        return { name, pointer }
      }
      object = object[name] as Mutable
    }
    return { name: '', pointer }
  }
}
