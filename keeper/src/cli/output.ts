/** What the command line prints: tables and colour on a terminal, plain when piped, JSON when asked. */

export interface Output {
  readonly json: boolean
  readonly terminal: boolean
  line(text: string): void
  error(text: string): void
  /** One JSON value per line. */
  value(value: unknown): void
  /** Replaces the line it wrote last; nothing when piped. */
  progress(text: string): void
}

interface Stream {
  write(text: string): unknown
  readonly isTTY?: boolean
}

export function createOutput(json: boolean, stdout: Stream = process.stdout, stderr: Stream = process.stderr): Output {
  let open = false
  const endProgress = () => {
    if (open) stderr.write('\n')
    open = false
  }
  return {
    json,
    terminal: stdout.isTTY === true && !json,
    line(text) {
      endProgress()
      stdout.write(`${shownOn(stdout, text)}\n`)
    },
    error(text) {
      endProgress()
      stderr.write(`${shownOn(stderr, text)}\n`)
    },
    value(value) {
      endProgress()
      stdout.write(`${JSON.stringify(value)}\n`)
    },
    progress(text) {
      if (stderr.isTTY !== true || json) return
      stderr.write(`\r\x1b[2K${text}`)
      open = true
    },
  }
}

/** Nobody's value or reason moves the cursor of whoever reads it: what is no line, tab or colour stands as �. */
const shownOn = ({ isTTY }: Stream, text: string): string =>
  isTTY === true ? text.replace(/\p{Cc}(\[[0-9;]*m)?/gu, shown) : text

function shown(found: string, colour = ''): string {
  const [control = ''] = found
  const isFine = control === '\n' || control === '\t' || (control === '\x1b' && colour !== '')
  return isFine ? found : `\uFFFD${colour}`
}

const codes = { red: 31, green: 32, yellow: 33, dim: 2, bold: 1 } as const
export type Colour = keyof typeof codes

export const paint = (output: Output, colour: Colour, text: string): string =>
  output.terminal && !process.env.NO_COLOR ? `\x1b[${codes[colour]}m${text}\x1b[0m` : text

/** Aligned columns, two spaces between, each row a line; an empty table is its empty text. */
export function table(head: readonly string[], given: readonly (readonly string[])[], empty = 'none'): string {
  if (given.length === 0) return empty
  const rows = given.map((row) => row.map((cell) => cell.replace(/\s*[\r\n]\s*/g, ' ')))
  const widths = head.map((title, at) => Math.max(title.length, ...rows.map((row) => (row[at] ?? '').length)))
  const format = (row: readonly string[]) =>
    row
      .map((cell, at) => (at === row.length - 1 ? cell : cell.padEnd(widths[at] ?? 0)))
      .join('  ')
      .trimEnd()
  return [head, ...rows].map(format).join('\n')
}

/** `3 s ago`, `5 min ago`: for people; `-` for never. */
export function ago(unixMs: number, nowMs: number): string {
  if (unixMs === 0) return '-'
  const seconds = Math.max(0, Math.round((nowMs - unixMs) / 1000))
  if (seconds < 120) return `${seconds} s ago`
  if (seconds < 7200) return `${Math.round(seconds / 60)} min ago`
  if (seconds < 172_800) return `${Math.round(seconds / 3600)} h ago`
  return `${Math.round(seconds / 86_400)} d ago`
}
