import { type ConfigContext, type ConfigResult, compileConfig } from './config.js'
import type { ConfigGroup } from './group.js'
import { ConfigReader, type WrittenRef } from './read-config.js'
import type { RefTargets } from './ref-rules.js'

/**
 * One config from compile to compile, as long as its files stay as they are. It is compiled again only when what it
 * refers to has come to something else.
 */
export class ConfigUnit {
  readonly name: string
  /** References as they are written in its files. */
  readonly refs: readonly WrittenRef[]
  /** Names that they lead to, each once. */
  readonly refNames: readonly string[]
  #group: ConfigGroup
  #context: ConfigContext
  /** What was read: only until it is compiled, for values take more room than their files. */
  #reader: ConfigReader | undefined
  #result: ConfigResult | undefined
  #made: readonly (ConfigResult | undefined)[] = []
  #circle = ''

  constructor(group: ConfigGroup, context: ConfigContext) {
    this.name = group.name
    this.#group = group
    this.#context = context
    this.#reader = new ConfigReader(group, context)
    this.refs = this.#reader.refs
    this.refNames = [...new Set(this.refs.map(({ ref }) => ref.name))]
  }

  /** Is it the unit of this very group, under these very settings? */
  isOf(group: ConfigGroup, context: ConfigContext): boolean {
    return this.#group === group && this.#context === context
  }

  /** Takes over a group with the same content, and settings that say the same. */
  take(group: ConfigGroup, context: ConfigContext): this {
    this.#group = group
    this.#context = context
    return this
  }

  /**
   * `made`: what each of `refNames` has come to. `circle`: of references that this config is part of, if it is. The same
   * result as before for the same.
   */
  compile(
    made: readonly (ConfigResult | undefined)[],
    targets: RefTargets,
    circle: readonly string[] = [],
  ): ConfigResult {
    const known = this.#result
    if (known && this.#circle === circle.join() && made.every((one, at) => one === this.#made[at])) return known
    this.#made = made
    this.#circle = circle.join()
    this.#result = compileConfig(this.#reader ?? new ConfigReader(this.#group, this.#context), this.#context, targets)
    this.#reader = undefined
    return this.#result
  }
}
