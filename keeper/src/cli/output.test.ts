import { expect, test } from 'vitest'
import { createOutput, paint, table } from './output.js'

/** Output to a terminal, or a pipe, and what came out there. */
function to(isTTY: boolean) {
  const said: string[] = []
  const stream = { isTTY, write: (text: string) => said.push(text) }
  return { output: createOutput(false, stream, stream), said }
}

const evil = 'why\x1b[2J\x1b]0;owned\x07 \x9b1mand\x00'

test("nobody's text moves the cursor of a terminal; lines, tabs and colours stay", () => {
  const { output, said } = to(true)
  output.line(`a\tb\n${paint(output, 'red', evil)}`)
  output.error(evil)
  const harmless = 'why\uFFFD[2J\uFFFD]0;owned\uFFFD \uFFFD1mand\uFFFD'
  expect(said).toEqual([`a\tb\n${paint(output, 'red', harmless)}\n`, `${harmless}\n`])
})

test('a pipe gets every byte as it is', () => {
  const { output, said } = to(false)
  output.line(evil)
  expect(said).toEqual([`${evil}\n`])
})

test('a row of a table is one line, whatever stands in its cells', () => {
  expect(table(['A', 'B'], [['1', 'first\r\nr9  2026-01-01  published  apply by root']])).toBe(
    'A  B\n1  first r9  2026-01-01  published  apply by root',
  )
})
