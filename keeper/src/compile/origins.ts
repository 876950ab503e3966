import { type ExplainSource, type Explanation, explainValue } from './explain.js'
import { placeholdersIn } from './placeholders.js'

/** Looking one up reads files again; nobody reads more messages than this for one config. */
const lookUpsMax = 50

/** Where the values stand that references brought, for messages. */
export class Origins {
  readonly #source: ExplainSource
  readonly #known = new Map<string, string | undefined>()

  constructor(source: ExplainSource) {
    this.#source = source
  }

  /**
   * `file:line:column` of what the reference in `text` brought to `below` its place, for a process with these labels;
   * undefined when the text has several, or when nothing is to be found.
   */
  of(text: string, below: string, labels: Readonly<Record<string, string>>): string | undefined {
    const key = `${text} ${below} ${JSON.stringify(labels)}`
    if (!this.#known.has(key) && this.#known.size < lookUpsMax) this.#known.set(key, this.#find(text, below, labels))
    return this.#known.get(key)
  }

  #find(text: string, below: string, labels: Readonly<Record<string, string>>): string | undefined {
    const refs = placeholdersIn(text).flatMap((one) => (one.kind === 'ref' ? [one] : []))
    const [ref] = refs
    if (!ref || refs.length > 1) return undefined
    try {
      return placeOf(explainValue({ name: ref.name, pointer: ref.pointer + below, labels }, this.#source))
    } catch {
      return undefined
    }
  }
}

/** Of the file that it comes from in the end. */
function placeOf({ layers: [layer], refs }: Explanation): string | undefined {
  const [ref] = refs
  if (ref && refs.length === 1) return placeOf(ref.from) ?? undefined
  return layer && `${layer.file}${layer.line === undefined ? '' : `:${layer.line}:${layer.column}`}`
}
