import { expect, test } from 'vitest'
import { KeeperError } from '../base/errors.js'
import { parseConfig } from './parse.js'
import { printFormatOf, printValue } from './print.js'

const value = { name: 'room 7', redis: { addrs: ['a:1', 'b:2'], timeoutMs: 300 }, on: true, none: null }

test('a file’s extension says its format; any other name gets text', () => {
  const files = ['a.json', 'a.YAML', 'a.yml', 'a.toml', 'a.properties', '.env', 'a.conf', 'a']
  expect(files.map(printFormatOf)).toEqual(['json', 'yaml', 'yaml', 'toml', 'properties', 'env', 'text', 'text'])
})

test('JSON, YAML and TOML are read back as they were', () => {
  const { none, ...rest } = value
  expect(parseConfig('json', printValue('json', value)).value).toEqual(value)
  expect(parseConfig('yaml', printValue('yaml', value)).value).toEqual(value)
  expect(parseConfig('toml', printValue('toml', rest)).value).toEqual(rest)
  expect(none).toBeNull()
})

test('properties are flat, with what java.util.Properties would take for syntax escaped', () => {
  expect(printValue('properties', { ...value, 'a key': ' c:\\x\ny=1' })).toBe(
    'name=room 7\nredis.addrs[0]=a:1\nredis.addrs[1]=b:2\nredis.timeoutMs=300\non=true\nnone=null\na\\ key=\\ c:\\\\x\\ny=1\n',
  )
})

test('environment files are read by a shell as the same text', () => {
  expect(
    printValue('env', { redis: { addr: 'a:1' }, 'max-count': 3, text: 'two words $HOME', quote: `it's "x"` }),
  ).toBe(`REDIS_ADDR=a:1\nMAX_COUNT=3\nTEXT='two words $HOME'\nQUOTE="it's \\"x\\""\n`)
})

test('text is a string as it is, and JSON otherwise', () => {
  expect(printValue('text', '-----BEGIN\n')).toBe('-----BEGIN\n')
  expect(printValue('text', [1])).toBe('[\n  1\n]\n')
})

test('a value that the format cannot hold is refused', () => {
  for (const format of ['toml', 'properties', 'env'] as const)
    expect(() => printValue(format, [1])).toThrow(KeeperError)
})
