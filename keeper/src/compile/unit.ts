import { type ConfigContext, type ConfigResult, compileConfig } from './config.js'
import { type ConfigGroup, filesOf } from './group.js'
import { rankOf, reordered, type Stack } from './overlay-order.js'
import { ConfigReader, type WrittenRef } from './read-config.js'
import type { RefTargets } from './ref-rules.js'
import { type Found, Refill } from './refill.js'
import { lengthOf } from './source-file.js'

/**
 * One config from compile to compile, as long as its files stay as they are. It is compiled again only when what it
 * takes of others has come to something else.
 */
export class ConfigUnit {
  readonly name: string
  /** References as they are written in its files. */
  readonly refs: readonly WrittenRef[]
  /** Names that they lead to, each once. */
  readonly refNames: readonly string[]
  /** Of its files. */
  readonly bytes: number
  #group: ConfigGroup
  #context: ConfigContext
  /** Labels that its own overlays ask for. */
  readonly #labels: ReadonlySet<string>
  /** Its overlays in their order; undefined where others have a say. */
  #stack: Stack | undefined
  /** What was read. Values take more room than their files, so the compiler says how many keep them. */
  #reader: ConfigReader | undefined
  /** Of the last result that was sound, for when only what it takes changes. */
  #refill: Refill | undefined
  #result: ConfigResult | undefined
  /** What each of `refs` had come to. */
  readonly #taken: string[] = []
  #circle = ''

  constructor(group: ConfigGroup, context: ConfigContext) {
    this.name = group.name
    this.#group = group
    this.#context = context
    this.#reader = new ConfigReader(group, context)
    this.refs = this.#reader.refs
    this.refNames = [...new Set(this.refs.map(({ ref }) => ref.name))]
    this.bytes = filesOf(group).reduce((sum, { file }) => sum + lengthOf(file), 0)
    const { labels, overlays } = this.#reader
    this.#labels = labels
    if (this.refs.length === 0 && labels.size > 1) this.#stack = context.knownSets.stack(overlays, this.#reader.names)
  }

  /** Is it the unit of this very group? */
  isOf(group: ConfigGroup): boolean {
    return this.#group === group
  }

  /**
   * Takes over a group with the same content, under settings that say the same of it or change no more than an order
   * that makes no new value. False when it has to be made anew.
   */
  takes(group: ConfigGroup, context: ConfigContext): boolean {
    if (this.#context !== context && !this.#movesTo(context)) return false
    this.#group = group
    this.#context = context
    return true
  }

  /** Forgets what was read, which is read again when it is needed; all but what makes it ready, if it `staysReady`. */
  release(staysReady: boolean): void {
    if (!staysReady) this.#refill = undefined
    if (!staysReady || this.#refill) this.#reader = undefined
  }

  /** `circle`: of references that this config is part of, if it is. The same result as before for the same. */
  compile(targets: RefTargets, circle: readonly string[] = []): ConfigResult {
    const known = this.#circle === circle.join() ? this.#result : undefined
    if (known && this.refs.length === 0) return known
    const found = this.refs.map(({ ref }) => targets.find(ref.name, ref.pointer))
    const isAsTaken = this.#notes(found)
    // What is told of a value that was taken says where it stands, and that may have moved.
    if (isAsTaken && known?.diagnostics.length === 0) return known
    const before = this.#result
    // should this throw, what was noted shall not stand beside a result of before
    this.#result = undefined
    this.#circle = circle.join()
    this.#result = this.#refilled(before, found, circle) ?? this.#compiled(found, targets)
    return this.#result
  }

  /** Notes what each of `refs` has come to: is it what it was? */
  #notes(found: readonly Found[]): boolean {
    let isSame = true
    for (let at = 0; at < found.length; at++) {
      const now = takenOf(found[at])
      if (this.#taken[at] !== now) isSame = false
      this.#taken[at] = now
    }
    return isSame
  }

  #refilled(
    before: ConfigResult | undefined,
    found: readonly Found[],
    circle: readonly string[],
  ): ConfigResult | undefined {
    if (!this.#refill || !before || circle.length > 0) return undefined
    this.#context.onProgress(this.#refill.path)
    return this.#refill.fill(before, found)
  }

  #compiled(found: readonly Found[], targets: RefTargets): ConfigResult {
    this.#reader ??= new ConfigReader(this.#group, this.#context)
    const result = compileConfig(this.#reader, this.#context, targets)
    this.#refill = this.refs.length > 0 ? Refill.of(this.#reader, result, found) : undefined
    return result
  }

  /** Do the settings say the same of it, but for the order of its overlays? */
  #isSaidBy(context: ConfigContext): boolean {
    const before = this.#context
    if (before.forAll !== context.forAll) return false
    if (this.#asksForEnv() && before.environments.join() !== context.environments.join()) return false
    if (before.saidOfAll === context.saidOfAll) return true
    return [this.name, ...this.refNames].every((name) => before.saidOf(name) === context.saidOf(name))
  }

  #asksForEnv(): boolean {
    if (this.#labels.has('env')) return true
    if (this.refs.length === 0) return false
    return this.#result?.config?.overlays.some(({ when }) => Object.hasOwn(when, 'env')) ?? true
  }

  #movesTo(context: ConfigContext): boolean {
    if (!this.#isSaidBy(context)) return false
    const [before, after] = [
      rankOf(this.#labels, this.#context.overlayOrder),
      rankOf(this.#labels, context.overlayOrder),
    ]
    if (before === after) return true
    if (!this.#stack || !this.#result) return false
    const moved = reordered(this.#result, this.#stack, context.overlayOrder, context.knownSets)
    if (!moved) return false
    this.#stack = moved.stack
    this.#result = moved.result
    this.#reader = undefined
    return true
  }
}

const takenOf = (found: Found): string => (typeof found === 'object' ? found.key : (found ?? 'missing'))
