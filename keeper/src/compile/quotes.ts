/**
 * Where the quote that opens at `open` is closed, or -1. With `escapes`, a backslash takes the meaning of the character
 * behind it. A scan by hand: a pattern would need a stack as deep as the text is long.
 */
export function closingQuote(text: string, open: number, escapes: boolean): number {
  const quote = text[open]
  for (let at = open + 1; at < text.length; at++) {
    if (text[at] === quote) return at
    if (escapes && text[at] === '\\') at++
  }
  return -1
}
