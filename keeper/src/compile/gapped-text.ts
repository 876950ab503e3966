import { canonicalText } from './canonical.js'
import { isArray, isObject, type Json } from './json.js'
import { placeholdersIn, type Ref } from './placeholders.js'

/** What a reference leads to. */
export interface Filling {
  readonly value: Json
  /** Its canonicalText. */
  readonly text: string
}

/** The canonical text of a value, with gaps where references stand. */
export class GappedText {
  /** One more than there are gaps: what stands around them. */
  readonly #texts: readonly string[]
  readonly #gaps: readonly Gap[]

  private constructor(texts: readonly string[], gaps: readonly Gap[]) {
    this.#texts = texts
    this.#gaps = gaps
  }

  /**
   * `numberOf` numbers the references. Undefined where one has none, and where strings of the value look like the marks
   * that are put in the place of references.
   */
  static of(value: Json, numberOf: (ref: Ref) => number | undefined): GappedText | undefined {
    const found: (readonly (string | Ref)[])[] = []
    const [first = '', ...others] = canonicalText(marked(value, found)).split(mark)
    if (others.length !== 2 * found.length) return undefined
    const gaps: (string | number)[][] = []
    for (let at = 0; at < others.length; at += 2) {
      const parts = (found[Number(others[at])] ?? []).map((part) => (typeof part === 'string' ? part : numberOf(part)))
      if (parts.includes(undefined)) return undefined
      gaps.push(parts as (string | number)[])
    }
    return new GappedText([first, ...others.filter((_, at) => at % 2 === 1)], gaps)
  }

  /**
   * canonicalText of the value with its references resolved, and nothing found wrong: undefined where one leads to
   * nothing, or to what cannot stand inside a text. `fillings`: what the reference of each number leads to.
   */
  fill(fillings: readonly (Filling | undefined)[]): string | undefined {
    let out = this.#texts[0] ?? ''
    for (let at = 0; at < this.#gaps.length; at++) {
      const text = filled(this.#gaps[at] as Gap, fillings)
      if (text === undefined) return undefined
      out += text + this.#texts[at + 1]
    }
    return out
  }
}

/** A string: its texts, and the numbers of its references, in order. */
type Gap = readonly (string | number)[]

const mark = /"\\u0000gap(\d+)\\u0000"/

/** A copy in which marks stand for the strings with references. */
function marked(value: Json, gaps: (readonly (string | Ref)[])[]): Json {
  if (typeof value === 'string') return value.includes('${ref:') ? markOf(value, gaps) : value
  if (isArray(value)) return value.map((item) => marked(item, gaps))
  if (!isObject(value)) return value
  const out: Record<string, Json> = {}
  for (const key of Object.keys(value)) out[key] = marked(value[key] as Json, gaps)
  return out
}

function markOf(text: string, gaps: (readonly (string | Ref)[])[]): string {
  const refs = placeholdersIn(text).filter((one): one is Ref => one.kind === 'ref')
  if (refs.length === 0) return text
  const parts: (string | Ref)[] = []
  let from = 0
  for (const ref of refs) {
    if (ref.at > from) parts.push(text.slice(from, ref.at))
    parts.push(ref)
    from = ref.at + ref.text.length
  }
  if (from < text.length) parts.push(text.slice(from))
  return `\u0000gap${gaps.push(parts) - 1}\u0000`
}

function filled(gap: Gap, fillings: readonly (Filling | undefined)[]): string | undefined {
  const [only] = gap
  if (gap.length === 1 && typeof only === 'number') return fillings[only]?.text
  let out = ''
  for (const part of gap) {
    const value = typeof part === 'string' ? part : fillings[part]?.value
    if (value === undefined || typeof value === 'object') return undefined
    out += String(value)
  }
  return JSON.stringify(out)
}
