import type { Selector } from '../store/config-records.js'
import { nobody } from './audience.js'
import type { Json } from './json.js'

/** A config's name, or `folder/*` for all below a folder, and what the settings say of it. */
export interface Said {
  readonly pattern: string
  readonly selector: Selector
  /** Equal for equal selectors. */
  readonly text: string
}

/** Does a pattern of the settings fit a config's name? */
export const fits = (pattern: string, name: string): boolean =>
  pattern.endsWith('/*') ? name.startsWith(pattern.slice(0, -1)) : pattern === name

/** The audiences of the settings: by a config's name if they have it, by its folders otherwise. */
export class SaidAudiences {
  readonly all: readonly Said[]
  /** Equal for equal audiences of all configs; '' when nothing is said. */
  readonly text: string
  readonly #byName: ReadonlyMap<string, Said>
  readonly #folders: readonly Said[]

  constructor(audiences: Readonly<Record<string, Json>>) {
    this.all = Object.entries(audiences).map(([pattern, audience]) => {
      return { pattern, selector: selectorOf(audience), text: JSON.stringify(audience) }
    })
    this.text = this.all.length > 0 ? JSON.stringify(audiences) : ''
    this.#byName = new Map(this.all.map((said) => [said.pattern, said]))
    this.#folders = this.all.filter(({ pattern }) => pattern.endsWith('/*'))
  }

  /** What counts for a config; undefined when nothing is said of it. */
  of(name: string): Said | undefined {
    return this.#byName.get(name) ?? this.#folders.find(({ pattern }) => fits(pattern, name))
  }

  /** All that is said of a config: more than one is a contradiction. */
  allOf(name: string): readonly Said[] {
    const exact = this.#byName.get(name)
    return exact ? [exact] : this.#folders.filter(({ pattern }) => fits(pattern, name))
  }
}

const selectorOf = (audience: Json): Selector =>
  audience === 'nobody'
    ? nobody
    : { labels: audience === 'everyone' ? {} : (audience as Record<string, string | readonly string[]>) }
