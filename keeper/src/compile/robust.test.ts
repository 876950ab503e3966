import { expect, test } from 'vitest'
import { limits } from '../base/limits.js'
import { compileTree, IncrementalCompiler } from './compiler.js'
import { tree } from './testing/tree.js'

test('millions of errors in one file are cut to the limit', () => {
  const many = (files: Record<string, string>) => compileTree(tree(files)).diagnostics
  const twice = many({ 'push/a.json': `{${'"a":1,'.repeat(200_000)}"a":1}` })
  expect(twice).toHaveLength(limits.diagnosticsMax)
  expect(twice.at(-1)).toMatchObject({ severity: 'note', message: 'and more' })
  const items = { 'push/b.schema.json': '{"items": {"type": "integer"}}' }
  expect(many({ 'push/b.json': `[${'"x",'.repeat(200_000)}"x"]`, ...items })).toHaveLength(limits.diagnosticsMax)
})

test.each(['yaml', 'json', 'toml', 'jsonc', 'properties', 'env', 'ini', 'csv'])(
  'random bytes as %s never throw',
  (format) => {
    let seed = 1
    const random = () => {
      seed = (seed * 48271) % 2147483647
      return seed
    }
    const words = [
      '{',
      '}',
      '[',
      ']',
      ':',
      ',',
      '"',
      "'",
      '\n',
      ' ',
      '- ',
      '&a',
      '*a',
      '<<',
      '!',
      '|',
      '>',
      '#',
      '=',
      '.',
      '1',
      'a',
      '\\',
      '\u0000',
      '"""',
      '---',
      '//',
      '/*',
      '*/',
      '`',
      '\r\n',
      ';',
      '[]',
      '${ref:',
      '${secret:x}',
      '%',
      '?',
      'é',
    ]
    const compiler = new IncrementalCompiler()
    for (let round = 0; round < 2_000; round++) {
      const text = Array.from({ length: random() % 30 }, () => words[random() % words.length]).join('')
      const output = compiler.compile(
        tree({ [`push/a.${format}`]: text, 'push/a.schema.json': '{"minProperties": 1}' }),
      )
      for (const { line, column } of output.diagnostics) expect([line, column]).not.toContain(Number.NaN)
      expect(output.ok || output.diagnostics.length > 0).toBe(true)
    }
  },
)
