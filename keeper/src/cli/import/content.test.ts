import { expect, test } from 'vitest'
import { limits } from '../../base/limits.js'
import { formats } from '../../compile/parse.js'
import { contentOf } from './content.js'

const file = (extension: string) => ({ kind: 'file', extension })
const plain = (value: unknown) => ({ kind: 'plain', value })
const of = (text: string, extension = '') => contentOf(Buffer.from(text), extension)

test.each([
  ['{"a": 1}', file('json')],
  [' [1, 2]\n', file('json')],
  ['a: 1\nb: [x]\n', file('yaml')],
  ['# note\nredis:\n  addr: 10.0.0.1\n', file('yaml')],
  ['- a\n- b\n', file('yaml')],
  ['[redis]\naddr = "a"\n', file('toml')],
  ['10.0.0.1:6379', plain('10.0.0.1:6379')],
  ['3000', plain(3000)],
  ['true\n', plain(true)],
  ['1.10', plain('1.10')],
  ['007', plain('007')],
  ['1e3', plain('1e3')],
  ['two words', plain('two words')],
  ['<a>x</a>', plain('<a>x</a>')],
  ['{broken', plain('{broken')],
])('%j is %j', (text, content) => {
  expect(of(text)).toEqual(content)
})

test('key=value lines are a properties file where there is such a format, and plain text elsewhere', () => {
  const text = '# note\nredis.addr=10.0.0.1:6379\nlong=a\\\n  b\n'
  expect(of(text)).toEqual(formats.has('properties') ? file('properties') : plain(text))
})

test('a format that is known is not guessed, and what breaks it is told', () => {
  expect(of('a = 1', 'toml')).toEqual(file('toml'))
  expect(of('{"a": 1,}', 'json')).toMatchObject({ kind: 'unfit', reason: expect.stringContaining('no valid json') })
})

test('what no config can hold is unfit, with the reason', () => {
  expect(contentOf(Buffer.of(0xff, 0xfe), '')).toMatchObject({ kind: 'unfit', reason: 'binary, or not UTF-8' })
  expect(contentOf(Buffer.from('a\0b'), '')).toMatchObject({ kind: 'unfit' })
  expect(contentOf(Buffer.alloc(limits.fileBytesMax + 1, 'a'), '')).toMatchObject({ kind: 'unfit' })
  expect(of('${secret:x}')).toMatchObject({ kind: 'unfit' })
})
