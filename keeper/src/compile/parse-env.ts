import type { OnPlace } from './finding.js'
import type { Parsed } from './parse-json.js'
import { closingQuote } from './quotes.js'
import { TextTree } from './text-tree.js'

const assignment = /[ \t]*(?:export[ \t]+)?(?<key>[A-Za-z_][\w.-]*)[ \t]*=[ \t]*/dy
const restOfLine = /[ \t]*(?:#[^\n]*)?\r?(?:\n|$)/y
const indent = /[ \t]*/y
const comment = /[ \t]#/
const escapes: Readonly<Record<string, string>> = { n: '\n', r: '\r', t: '\t' }

/**
 * An .env file: `KEY=value` lines, `export` before them if you like, comments with `#`. Quoted values may have several
 * lines; in double quotes \n, \r, \t, \" and \\ are understood. Nothing is expanded. Values are text.
 */
export function parseEnv(text: string, onPlace?: OnPlace): Parsed {
  const tree = new TextTree(onPlace)
  for (let at = 0; at < text.length; ) {
    const blank = matchAt(restOfLine, text, at)
    at = blank ? at + Math.max(1, blank.length) : readLine(text, at, tree)
  }
  return tree.parsed
}

/** Reads one assignment; gives where the next line begins. */
function readLine(text: string, start: number, tree: TextTree): number {
  assignment.lastIndex = start
  const found = assignment.exec(text)
  const key = found?.groups?.key
  if (!found || key === undefined) {
    const offset = start + (matchAt(indent, text, start)?.length ?? 0)
    tree.say('env/syntax', offset, 'expected KEY=value, with letters, digits, _, - and . in the key')
    return nextLine(text, start)
  }
  const keyAt = found.indices?.groups?.key?.[0] ?? start
  const valueAt = start + found[0].length
  return /['"`]/.test(text[valueAt] ?? '')
    ? readQuoted(text, key, keyAt, valueAt, tree)
    : readBare(text, key, keyAt, valueAt, tree)
}

function readBare(text: string, key: string, keyAt: number, valueAt: number, tree: TextTree): number {
  const next = nextLine(text, valueAt)
  const line = text.slice(valueAt, next)
  const end = line.startsWith('#') ? 0 : line.search(comment)
  tree.put([key], (end < 0 ? line : line.slice(0, end)).trim(), keyAt, valueAt)
  return next
}

function readQuoted(text: string, key: string, keyAt: number, open: number, tree: TextTree): number {
  const isDouble = text[open] === '"'
  const close = closingQuote(text, open, isDouble)
  if (close < 0) {
    tree.say('env/syntax', open, `unfinished value: the closing ${text[open]} is missing`)
    return text.length
  }
  const content = text.slice(open + 1, close)
  const value = isDouble ? content.replace(/\\([\s\S])/g, (_, char: string) => escapes[char] ?? char) : content
  if (matchAt(restOfLine, text, close + 1) === undefined)
    tree.say('env/syntax', close + 1, 'expected the end of the line after the closing quote')
  else tree.put([key], value, keyAt, open)
  return nextLine(text, close)
}

function nextLine(text: string, from: number): number {
  const end = text.indexOf('\n', from)
  return end < 0 ? text.length : end + 1
}

function matchAt(pattern: RegExp, text: string, at: number): string | undefined {
  pattern.lastIndex = at
  return pattern.exec(text)?.[0]
}
