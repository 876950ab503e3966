import { limits } from '../base/limits.js'
import type { OnPlace, Remark } from './finding.js'
import { child, type Json } from './json.js'
import { keyProblem } from './keys.js'
import type { Parsed } from './parse-json.js'

interface Cell {
  readonly text: string
  readonly offset: number
}

/**
 * CSV as RFC 4180 has it: the first row names the columns, each other row becomes an object of texts. Empty lines are
 * skipped; a row with more or fewer cells than the header is an error.
 */
export function parseCsv(text: string, onPlace?: OnPlace): Parsed {
  const scanner = new CsvScanner(text)
  onPlace?.('', 0, 0)
  const header = scanner.row()
  if (!header) return { remarks: [{ rule: 'csv/empty', message: 'empty file: the first row names the columns' }] }
  const remarks = headerProblems(header)
  const rows: Json[] = []
  let values = 0
  for (let row = scanner.row(); row; row = scanner.row()) {
    values += row.length
    if (values > limits.valuesPerFileMax) {
      remarks.push({
        ...at(row),
        rule: 'limit/values',
        message: `more than ${limits.valuesPerFileMax} values in a file`,
      })
      break
    }
    if (row.length === header.length) rows.push(rowOf(header, row, child('', rows.length), onPlace))
    else {
      const message = `expected ${header.length} cells, as the header has, found ${row.length}`
      remarks.push({ ...at(row), rule: 'csv/cells', message })
    }
    if (remarks.length > limits.diagnosticsMax) break
  }
  remarks.push(...scanner.remarks)
  return remarks.length === 0 ? { value: rows, remarks } : { remarks }
}

const at = (row: readonly Cell[]) => ({ offset: row[0]?.offset ?? 0 })

function headerProblems(header: readonly Cell[]): Remark[] {
  const seen = new Set<string>()
  return header.flatMap(({ text, offset }): Remark[] => {
    const unsafe = keyProblem(text)
    if (unsafe) return [{ rule: 'value/unsafe-key', offset, message: unsafe }]
    if (text === '') return [{ rule: 'csv/header', offset, message: 'a column without a name' }]
    if (seen.has(text)) return [{ rule: 'csv/header', offset, message: `duplicate column ${JSON.stringify(text)}` }]
    seen.add(text)
    return []
  })
}

function rowOf(header: readonly Cell[], row: readonly Cell[], pointer: string, onPlace: OnPlace | undefined): Json {
  onPlace?.(pointer, row[0]?.offset ?? 0, row[0]?.offset ?? 0)
  const object: Record<string, Json> = {}
  header.forEach(({ text: name }, index) => {
    const cell = row[index]
    if (!cell) return
    object[name] = cell.text
    onPlace?.(child(pointer, name), cell.offset, cell.offset)
  })
  return object
}

const bare = /(?:[^,\r\n]+|\r(?!\n))*/y

class CsvScanner {
  readonly remarks: Remark[] = []
  readonly #text: string
  #at = 0

  constructor(text: string) {
    this.#text = text
  }

  /** The next row that is no empty line; undefined at the end. */
  row(): Cell[] | undefined {
    while (this.#isAtLineEnd() && this.#at < this.#text.length) this.#lineEnd()
    if (this.#at >= this.#text.length) return undefined
    const cells = [this.#cell()]
    while (this.#text[this.#at] === ',') {
      this.#at++
      cells.push(this.#cell())
    }
    this.#lineEnd()
    return cells
  }

  #cell(): Cell {
    const offset = this.#at
    if (this.#text[offset] === '"') return { text: this.#quoted(), offset }
    bare.lastIndex = offset
    const text = bare.exec(this.#text)?.[0] ?? ''
    this.#at = offset + text.length
    if (text.includes('"')) this.#say(offset + text.indexOf('"'), 'a quote inside a cell: put the whole cell in quotes')
    return { text, offset }
  }

  #quoted(): string {
    const start = this.#at
    const parts: string[] = []
    for (let from = start + 1; ; ) {
      const end = this.#text.indexOf('"', from)
      if (end < 0) {
        this.#say(start, 'unfinished cell: the closing quote is missing')
        this.#at = this.#text.length
        return ''
      }
      parts.push(this.#text.slice(from, end))
      this.#at = end + 1
      if (this.#text[end + 1] !== '"') break
      parts.push('"')
      from = end + 2
    }
    if (!this.#isAtLineEnd() && this.#text[this.#at] !== ',') {
      this.#say(this.#at, 'expected "," or the end of the line after the closing quote')
      while (!this.#isAtLineEnd() && this.#text[this.#at] !== ',') this.#at++
    }
    return parts.join('')
  }

  #isAtLineEnd(): boolean {
    const char = this.#text[this.#at]
    return char === undefined || char === '\n' || (char === '\r' && this.#text[this.#at + 1] === '\n')
  }

  #lineEnd(): void {
    if (this.#text[this.#at] === '\r') this.#at++
    if (this.#text[this.#at] === '\n') this.#at++
  }

  #say(offset: number, message: string): void {
    if (this.remarks.length <= limits.diagnosticsMax) this.remarks.push({ rule: 'csv/syntax', offset, message })
  }
}
