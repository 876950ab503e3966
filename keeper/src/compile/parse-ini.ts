import type { OnPlace } from './finding.js'
import type { Parsed } from './parse-json.js'
import { closingQuote } from './quotes.js'
import { TextTree } from './text-tree.js'

/** A `;` or `#` behind white space begins a comment, unless it stands in quotes. */
const comment = /[ \t]+[;#].*$/
const onlyComment = /^[ \t]*(?:[;#].*)?$/

/**
 * An INI file: `key = value` (or `:`), under `[section]` or `[section.part]`, comments with `;` or `#`, values in quotes
 * where they begin or end with space. `key[] = x` lines make a list. Values are text.
 */
export function parseIni(text: string, onPlace?: OnPlace): Parsed {
  const tree = new TextTree(onPlace)
  let section: readonly string[] = []
  let start = 0
  for (const line of text.split('\n')) {
    const from = start + line.length - line.trimStart().length
    const content = line.trim()
    start += line.length + 1
    if (content === '' || content.startsWith(';') || content.startsWith('#')) continue
    if (content.startsWith('[')) section = header(content, from, tree) ?? section
    else member(content, from, section, tree)
  }
  return tree.parsed
}

function header(content: string, offset: number, tree: TextTree): readonly string[] | undefined {
  const name = /^\[([^\]]*)\][ \t]*(?:[;#].*)?$/.exec(content)?.[1]?.trim()
  const path = name?.split('.').map((part) => part.trim())
  if (!path || path.includes('')) {
    tree.say('ini/syntax', offset, 'expected [section] or [section.part]')
    return undefined
  }
  tree.group(path, offset)
  return path
}

function member(content: string, offset: number, section: readonly string[], tree: TextTree): void {
  const separator = content.search(/[=:]/)
  const name = content.slice(0, Math.max(0, separator)).trim()
  if (separator < 0 || name === '') {
    tree.say('ini/syntax', offset, 'expected key = value, or [section]')
    return
  }
  const rest = content.slice(separator + 1)
  const valueAt = offset + separator + 1 + (rest.length - rest.trimStart().length)
  const value = unquoted(rest.trim())
  if (name.endsWith('[]')) tree.push([...section, name.slice(0, -2).trim()], value, offset, valueAt)
  else tree.put([...section, name], value, offset, valueAt)
}

/** Text in quotes without them; a quote that is not closed, or more behind it, is text like any other. */
function unquoted(text: string): string {
  const isDouble = text.startsWith('"')
  const close = isDouble || text.startsWith("'") ? closingQuote(text, 0, isDouble) : -1
  if (close > 0 && onlyComment.test(text.slice(close + 1))) {
    const content = text.slice(1, close)
    return isDouble ? content.replace(/\\(["\\])/g, '$1') : content
  }
  return text.startsWith(';') || text.startsWith('#') ? '' : text.replace(comment, '')
}
