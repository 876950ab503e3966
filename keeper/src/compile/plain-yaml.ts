import { limits } from '../base/limits.js'
import type { Json } from './json.js'
import { keyProblem } from './keys.js'

/**
 * A large file that is nothing but lists of plain words, or of text in double quotes, at the top or under keys:
 *
 *     users:
 *       - alice
 *       - "bob b."
 *
 * Its value by looking at one line after the other; undefined where it has anything else, or is small. The parser of all
 * YAML takes ten times as long for it, and some forty times its size in memory.
 */
export function plainYaml(text: string, charsMin: number = plainCharsMin): Json | undefined {
  if (text.length < charsMin) return undefined
  const lists: Record<string, string[]> = {}
  let list: string[] | undefined
  let [indent, values] = ['', 0]
  for (const line of linesOf(text)) {
    const item = itemPattern.exec(line)
    if (item) {
      if (list?.length === 0) indent = item[1] ?? ''
      list ??= []
      const word = item[2] ?? item[3] ?? ''
      if (item[1] !== indent || words.test(word) || ++values > limits.valuesPerFileMax - 2) return undefined
      list.push(word)
    } else {
      const key = keyPattern.exec(line)?.[1]
      const isOpen = list !== undefined && (list.length === 0 || Object.keys(lists).length === 0)
      if (key === undefined || isOpen || words.test(key) || keyProblem(key) || Object.hasOwn(lists, key))
        return undefined
      list = lists[key] = []
      values++
    }
  }
  if (!list?.length) return undefined
  return Object.keys(lists).length > 0 ? lists : list
}

const plainCharsMin = 256 * 1024

/** Letters first: so it is no number, and no date. Without a colon: so it is no key. */
const itemPattern = /^( *)- (?:([A-Za-z][\w./@+-]*)|"([ !#-[\]-~]*)")$/
/** Shorter than the 1,024 characters that YAML lets a key have. */
const keyPattern = /^([A-Za-z][\w-]{0,1000}):$/
/** What YAML 1.2 has for more than text. */
const words = /^(?:null|true|false)$/i

function* linesOf(text: string): Generator<string> {
  let start = 0
  for (let end = text.indexOf('\n'); end >= 0; end = text.indexOf('\n', start)) {
    yield text.slice(start, end)
    start = end + 1
  }
  if (start < text.length) yield text.slice(start)
}
