import type { Alias, Node, Pair, Scalar, YAMLMap, YAMLSeq } from 'yaml'
import { limits } from '../base/limits.js'
import type { OnPlace, Remark } from './finding.js'
import { child, isArray, isObject, type Json, type JsonObject } from './json.js'
import { keyProblem } from './keys.js'
import { yaml } from './libraries.js'
import { numberProblem } from './number.js'

interface Built {
  readonly value: Json
  /** Values in it, itself included, aliases counted as if written out. */
  readonly size: number
  /** Levels of containers, 0 for a scalar; aliases counted as if written out. */
  readonly depth: number
}

const scalar = (value: Json): Built => ({ value, size: 1, depth: 0 })
const nothing = scalar(null)

/**
 * Turns YAML nodes into JSON values. Done here and not by the library because aliases are counted as if they were
 * written out, merge keys have a limit, and every complaint needs its place.
 */
export class YamlBuilder {
  readonly remarks: Remark[] = []
  readonly #onPlace: OnPlace | undefined
  readonly #anchors = new Map<string, Built>()
  #aliases = 0
  #mergeKeys = 0
  #stopped = false

  constructor(onPlace: OnPlace | undefined) {
    this.#onPlace = onPlace
  }

  build(root: Node): Json {
    return this.#node(root, '', offsetOf(root)).value
  }

  #node(node: unknown, pointer: string, key: number): Built {
    if (this.#stopped) return nothing
    this.#onPlace?.(pointer, key, offsetOf(node))
    if (yaml().isAlias(node)) return this.#alias(node, pointer)
    let built = nothing
    if (yaml().isMap(node)) built = this.#map(node, pointer)
    else if (yaml().isSeq(node)) built = this.#seq(node, pointer)
    else if (yaml().isScalar(node)) built = this.#scalar(node, pointer)
    if (built.size > limits.valuesPerFileMax)
      this.#stop(node, 'limit/values', `more than ${limits.valuesPerFileMax} values, aliases written out`)
    if (built.depth > limits.nestingDepthMax)
      this.#stop(node, 'limit/nesting', `nested deeper than ${limits.nestingDepthMax} levels, aliases written out`)
    const anchor = (node as { anchor?: string } | null)?.anchor
    if (anchor) this.#anchors.set(anchor, built)
    return built
  }

  #alias(node: Alias, pointer: string): Built {
    this.#aliases++
    if (this.#aliases > limits.yamlAliasesMax)
      return this.#stop(node, 'limit/yaml-aliases', `more than ${limits.yamlAliasesMax} aliases`)
    const built = this.#anchors.get(node.source)
    if (!built) return this.#say(node, 'yaml/alias', pointer, `no anchor &${node.source} before this alias is complete`)
    if (built.size > limits.yamlAliasedValuesMax)
      return this.#stop(
        node,
        'limit/yaml-aliases',
        `the alias stands for ${built.size} values; at most ${limits.yamlAliasedValuesMax} are allowed`,
      )
    return built
  }

  #seq(node: YAMLSeq, pointer: string): Built {
    const items = node.items.map((item, index) => this.#node(item, child(pointer, index), offsetOf(item)))
    return {
      value: items.map((item) => item.value),
      size: items.reduce((sum, item) => sum + item.size, 1),
      depth: items.reduce((most, item) => Math.max(most, item.depth + 1), 1),
    }
  }

  #map(node: YAMLMap, pointer: string): Built {
    const own: Record<string, Json> = {}
    const merged: JsonObject[] = []
    let size = 1
    let depth = 1
    for (const pair of node.items) {
      const built = isMerge(pair) ? this.#merge(pair, pointer, merged) : this.#member(pair, pointer, own)
      size += built.size
      depth = Math.max(depth, built.depth + 1)
      if (this.#stopped) return nothing
    }
    return { value: merged.length === 0 ? own : withMerged(own, merged), size, depth }
  }

  #member(pair: Pair, pointer: string, own: Record<string, Json>): Built {
    const key = String((pair.key as Scalar | null)?.value ?? '')
    const here = child(pointer, key)
    const refused = keyProblem(key)
    if (refused) this.#say(pair.key, 'value/unsafe-key', here, refused)
    else if (Object.hasOwn(own, key))
      this.#say(pair.key, 'yaml/duplicate-key', here, `duplicate key ${JSON.stringify(key)}`)
    const built = this.#node(pair.value, here, offsetOf(pair.key))
    if (!refused) own[key] = built.value
    return built
  }

  /** `<<: *a` or `<<: [*a, *b]`: keys that the map itself lacks; earlier sources win (yaml.org/type/merge.html). */
  #merge(pair: Pair, pointer: string, merged: JsonObject[]): Built {
    this.#mergeKeys++
    if (this.#mergeKeys > limits.mergeKeysMax)
      return this.#stop(pair.key, 'limit/merge-keys', `more than ${limits.mergeKeysMax} merge keys`)
    const built = this.#node(pair.value, child(pointer, '<<'), offsetOf(pair.key))
    for (const source of isArray(built.value) ? built.value : [built.value]) {
      if (isObject(source)) merged.push(source)
      else this.#say(pair.value, 'yaml/merge', pointer, 'a merge key takes a map or a list of maps')
    }
    return built
  }

  #scalar(node: Scalar, pointer: string): Built {
    const { value, source = '' } = node
    if (typeof value === 'number') {
      const problem = numberProblem(source, value)
      if (problem) this.#say(node, 'value/number', pointer, problem)
      return scalar(value)
    }
    if (typeof value === 'string' || typeof value === 'boolean' || value === null) return scalar(value)
    return this.#say(node, 'yaml/type', pointer, 'a value that JSON does not have')
  }

  #say(node: unknown, rule: string, pointer: string, message: string): Built {
    this.remarks.push({ rule, offset: offsetOf(node), pointer, message })
    return nothing
  }

  #stop(node: unknown, rule: string, message: string): Built {
    if (!this.#stopped) this.remarks.push({ rule, offset: offsetOf(node), message })
    this.#stopped = true
    return nothing
  }
}

const offsetOf = (node: unknown): number => (node as Node | null)?.range?.[0] ?? 0

const isMerge = (pair: Pair): boolean =>
  yaml().isScalar(pair.key) && pair.key.value === '<<' && pair.key.type === 'PLAIN'

function withMerged(own: Record<string, Json>, merged: readonly JsonObject[]): Json {
  const value: Record<string, Json> = {}
  for (const source of merged.toReversed()) Object.assign(value, source)
  return Object.assign(value, own)
}
