/** Does a program print what a page shows? What differs from run to run counts as equal: revisions, times, authors. */

const volatile: readonly (readonly [RegExp, string])[] = [
  // biome-ignore lint/suspicious/noControlCharactersInRegex: colours
  [/\x1b\[[0-9;]*m/g, ''],
  [/\br\d+\b/g, 'r#'],
  [/"(revision|term|appliedIndex)":\d+/g, '"$1":#'],
  [/\b\d+(?:\.\d+)? (ms|s|min|h|d)\b( ago)?/g, '# $1$2'],
  [/\d{4}-\d\d-\d\d[T ]\d\d:\d\d(:\d\d)?(\.\d+)?Z?/g, 'TIME'],
  [/\b[\w.-]+@[\w.-]+\b(?!=)/g, 'AUTHOR'],
  [/\b[0-9a-f]{12,64}\b/g, 'HEX'],
  [/[ \t]+/g, ' '],
]

export const normal = (line: string): string =>
  volatile.reduce((text, [pattern, word]) => text.replace(pattern, word), line).trim()

const linesOf = (text: string): string[] =>
  text
    .split('\n')
    .map(normal)
    .filter((line) => line !== '')

/** `…` stands for any text in a line; alone on a line for any number of lines. */
export function isShown(shown: string, printed: string): boolean {
  return fits(linesOf(shown), linesOf(printed))
}

/** The lines of `shown` come in `printed` in this order; others may come between. */
export function comes(shown: string, printed: string): boolean {
  const lines = linesOf(printed)
  let from = 0
  return linesOf(shown).every((line) => {
    const at = lines.findIndex((one, index) => index >= from && fitsLine(line, one))
    from = at + 1
    return at >= 0
  })
}

function fits([first, ...rest]: readonly string[], printed: readonly string[]): boolean {
  if (first === undefined) return printed.length === 0
  if (first === '…') return printed.some((_, at) => fits(rest, printed.slice(at))) || fits(rest, [])
  const [line, ...more] = printed
  return line !== undefined && fitsLine(first, line) && fits(rest, more)
}

function fitsLine(shown: string, printed: string): boolean {
  const parts = shown.split('…').map((part) => part.replace(/[.*+?^${}()|[\]\\]/g, '\\$&'))
  return new RegExp(`^${parts.join('.*')}$`).test(printed)
}
