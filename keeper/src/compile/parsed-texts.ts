import type { Parsed } from './parse-json.js'
import type { SourceFile } from './types.js'

/** As JSON a value should take about the room of its file. Where aliases make it much larger it is not kept. */
const growthMax = 2

/**
 * What sound files had in them, as JSON: that takes the room of the file, where a value takes many times as much, and is
 * read in a hundredth of the time that YAML takes. As long as the file's bytes are in use.
 */
export class ParsedTexts {
  readonly #known = new WeakMap<Uint8Array, { readonly kind: string; readonly text: string }>()

  /** What `parse` makes of the file, if it was not kept. `kind`: equal where that is the same. */
  get({ bytes }: SourceFile, kind: string, parse: () => Parsed): Parsed {
    const known = this.#known.get(bytes)
    if (known?.kind === kind) return { value: JSON.parse(known.text), remarks: [] }
    const parsed = parse()
    if (parsed.value === undefined || parsed.remarks.length > 0) return parsed
    const text = JSON.stringify(parsed.value)
    if (text.length > bytes.length * growthMax) return parsed
    this.#known.set(bytes, { kind, text })
    // what is read of the text: whoever reads it again has the same, down to how the engine sees its objects
    return { value: JSON.parse(text), remarks: [] }
  }
}
