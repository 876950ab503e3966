import { describe, expect, test } from 'vitest'
import { compiled, effective, told } from './testing/effective.js'

const value = (path: string, text: string, schema?: object, settings?: string) => {
  const name = path.slice(0, path.lastIndexOf('.'))
  const files = {
    [path]: text,
    ...(schema && { [`${name}.schema.json`]: JSON.stringify(schema) }),
    ...(settings && { '_keeper/settings.yaml': settings }),
  }
  return effective(compiled(files), name, 'cluster=push role=a')
}

const integer = { type: 'integer' }

describe('JSON with comments', () => {
  test('has them wherever space may stand, and a comma behind the last item', () => {
    const text = '// head\n{"a": [1, /* two */ 2,], // tail\n "url": "http://x/*not*/", /**/ "b": {"c": 1,},}\n/* end'
    expect(value('push/a.jsonc', `${text} */`)).toEqual({ a: [1, 2], url: 'http://x/*not*/', b: { c: 1 } })
  })

  test.each([
    ['{"a": 1 /* open', 'error push/a.jsonc:1:9: expected "," or "}", found "/"'],
    ['{"a": 1,, "b": 2}', 'error push/a.jsonc:1:9: expected a key in double quotes, found ","'],
    ['{,}', 'error push/a.jsonc:1:2: expected a key in double quotes, found ","'],
  ])('%s', (text, expected) => expect(told({ 'push/a.jsonc': text })).toEqual([expected]))

  test('plain JSON still has none', () => {
    expect(told({ 'push/a.json': '{"a": 1,} // x' })).toEqual([
      'error push/a.json:1:9: expected a key in double quotes, found "}"',
    ])
  })
})

describe('.properties', () => {
  const text = '# comment\n! another\nredis.addr = 10.0.0.1\\\n   :6379\nredis.db: 3\nname \\u4f60\\u597d\nempty=\n'

  test('has a level for each dot, or keys as they stand where the settings say so', () => {
    expect(value('push/a.properties', text)).toEqual({
      redis: { addr: '10.0.0.1:6379', db: '3' },
      name: '你好',
      empty: '',
    })
    expect(value('push/a.properties', text, undefined, 'flatProperties: [push/*]')).toEqual({
      'redis.addr': '10.0.0.1:6379',
      'redis.db': '3',
      name: '你好',
      empty: '',
    })
  })

  test('is typed by the schema, and what it cannot be is told at its value', () => {
    const schema = { properties: { redis: { properties: { db: integer } }, size: { ...integer, unit: 'bytes' } } }
    expect(value('push/a.properties', 'redis.db=3\nsize=64KiB', schema)).toEqual({ redis: { db: 3 }, size: 65_536 })
    const files = { 'push/a.properties': 'x=1\nredis.db = three\n', 'push/a.schema.json': JSON.stringify(schema) }
    expect(told(files)).toEqual(['error push/a.properties:2:12 /redis/db: expected integer, got "three"'])
  })

  test('tells a key twice, a value that is a group, and a key that reaches too far, all at once', () => {
    expect(told({ 'push/a.properties': 'a.b=1\na=2\na.b=3\nc=1\nc.d=2\n__proto__.x=1\n.y=1\n' })).toEqual([
      'error push/a.properties:2:1 /a: a is a group already',
      'error push/a.properties:3:1 /a/b: duplicate key "a.b"',
      'error push/a.properties:5:1 /c: c has a value already and cannot be a group, too',
      'error push/a.properties:6:1 /__proto__: the key "__proto__" is not allowed',
      'error push/a.properties:7:1: no key: ".y" has an empty part',
    ])
  })
})

describe('.env', () => {
  test('has quoted values of several lines, comments, export, and expands nothing', () => {
    const text = [
      '# comment',
      'export A=1 # not a part',
      "B='single $HOME # in'",
      'C="two\\nlines',
      'and \\"one\\" more"  # behind',
      'D=plain#text',
      'E=',
      '  F = `back "tick"`',
      `G=$\{HOME}/x`,
    ].join('\r\n')
    expect(value('push/a.env', text)).toEqual({
      A: '1',
      B: 'single $HOME # in',
      C: 'two\nlines\r\nand "one" more',
      D: 'plain#text',
      E: '',
      F: 'back "tick"',
      G: `$\{HOME}/x`,
    })
  })

  test('is typed by the schema: numbers, booleans, lists', () => {
    const schema = {
      properties: { PORT: integer, DEBUG: { type: 'boolean' }, HOSTS: { type: 'array', items: integer } },
    }
    expect(value('push/a.env', 'PORT=8080\nDEBUG=on\nHOSTS=1, 2,3\nCODE=007\n', schema)).toEqual({
      PORT: 8080,
      DEBUG: true,
      HOSTS: [1, 2, 3],
      CODE: '007',
    })
  })

  test('tells every line that is none', () => {
    expect(told({ 'push/a.env': 'A=1\n  what is this\nB="x" y\nA=2\nC="open\nD=1' })).toEqual([
      'error push/a.env:2:3: expected KEY=value, with letters, digits, _, - and . in the key',
      'error push/a.env:3:6: expected the end of the line after the closing quote',
      'error push/a.env:4:1 /A: duplicate key "A"',
      'error push/a.env:5:3: unfinished value: the closing " is missing',
    ])
  })

  test('a line of millions of characters costs no stack', () => {
    const long = 'x\\"'.repeat(1_000_000)
    expect((value('push/a.env', `A="${long}"\nB=${long}`) as { A: string }).A.length).toBe(2_000_000)
  })
})

describe('INI', () => {
  test('has sections, quotes, comments and lists', () => {
    const text =
      '; head\ntop = 1\n[redis]\naddr=10.0.0.1:6379 ; main\npass = "a;b \\" c "\n[redis.pool]\nsize: 5\nhost[] = a\nhost[] = b\n[empty]\n'
    expect(value('push/a.ini', text)).toEqual({
      top: '1',
      redis: { addr: '10.0.0.1:6379', pass: 'a;b " c ', pool: { size: '5', host: ['a', 'b'] } },
      empty: {},
    })
  })

  test('tells every line that is none', () => {
    expect(told({ 'push/a.ini': '[a\nx\n[]\n[a]\nk=1\nk=2\n= 3\n' })).toEqual([
      'error push/a.ini:1:1: expected [section] or [section.part]',
      'error push/a.ini:2:1: expected key = value, or [section]',
      'error push/a.ini:3:1: expected [section] or [section.part]',
      'error push/a.ini:6:1 /a/k: duplicate key "a.k"',
      'error push/a.ini:7:1: expected key = value, or [section]',
    ])
  })
})

describe('CSV', () => {
  test('is an array of rows', () => {
    const schema = { items: { properties: { id: integer, name: { type: 'string' } } } }
    expect(value('push/a.csv', 'id,name\r\n1,"Wang, ""W"""\r\n\r\n2,"two\nlines"\n3,\n', schema)).toEqual([
      { id: 1, name: 'Wang, "W"' },
      { id: 2, name: 'two\nlines' },
      { id: 3, name: '' },
    ])
  })

  test('tells rows with other cells than the header, open quotes and columns twice', () => {
    expect(told({ 'push/a.csv': 'a,b\n1\n1,2,3\n4,5"\n"x"y,1\n"open' })).toEqual([
      'error push/a.csv:2:1: expected 2 cells, as the header has, found 1',
      'error push/a.csv:3:1: expected 2 cells, as the header has, found 3',
      'error push/a.csv:4:4: a quote inside a cell: put the whole cell in quotes',
      'error push/a.csv:5:4: expected "," or the end of the line after the closing quote',
      'error push/a.csv:6:1: expected 2 cells, as the header has, found 1',
      'error push/a.csv:6:1: unfinished cell: the closing quote is missing',
    ])
    expect(told({ 'push/a.csv': 'a,a,\n', 'push/b.csv': '' })).toEqual([
      'error push/a.csv:1:3: duplicate column "a"',
      'error push/a.csv:1:5: a column without a name',
      'error push/b.csv: empty file: the first row names the columns',
    ])
  })

  test('a wrong cell is told at its place', () => {
    const schema = JSON.stringify({ items: { properties: { port: integer } } })
    expect(told({ 'push/a.csv': 'host,port\na,1\nb,x\n', 'push/a.schema.json': schema })).toEqual([
      'error push/a.csv:3:3 /1/port: expected integer, got "x"',
    ])
  })
})

test('every format may be laid over every other', () => {
  const output = compiled({
    'push/a.ini': '[redis]\naddr = a\nport = 1\n',
    'push/a@zone=bj.env': 'top=1',
    'push/a@zone=sh.properties': 'redis.port=2',
    'push/a@track=canary.jsonc': '{"redis": {"addr": {"$delete": true}}} // gone',
    'push/a.schema.json': JSON.stringify({ properties: { redis: { properties: { port: integer } }, top: integer } }),
  })
  const at = (labels: string) => effective(output, 'push/a', `cluster=push role=a ${labels}`)
  expect(at('zone=bj')).toEqual({ redis: { addr: 'a', port: 1 }, top: 1 })
  expect(at('zone=sh track=canary')).toEqual({ redis: { port: 2 } })
})

test.each(['jsonc', 'properties', 'env', 'ini', 'csv'])('.%s that is not UTF-8 is told with its place', (format) => {
  const bytes = new Uint8Array([...Buffer.from('ok\nx'), 0xff])
  expect(told({ [`push/a.${format}`]: bytes })).toEqual([
    `error push/a.${format}:2:2: not UTF-8: save the file as UTF-8`,
  ])
})
