import { describe, expect, test } from 'vitest'
import { limits } from '../base/limits.js'
import { compileTree } from './compiler.js'
import { formatDiagnostic, tree } from './testing/tree.js'

/** Compiles one bad file beside a good one and gives what is said; nothing may come out. */
function refusal(
  path: string,
  content: string | Uint8Array,
  others: Record<string, string | Uint8Array> = {},
): string[] {
  const output = compileTree(tree({ 'push/good.yaml': 'a: 1', [path]: content, ...others }))
  expect(output).toMatchObject({ ok: false, configs: [] })
  return output.diagnostics.map(formatDiagnostic)
}

const value = (path: string, content: string | Uint8Array): unknown => {
  const output = compileTree(tree({ [path]: content }))
  expect(output.diagnostics.map(formatDiagnostic)).toEqual([])
  const hash = output.configs[0]?.variants[0]?.hash ?? ''
  return JSON.parse(new TextDecoder().decode(output.blobs.get(hash)))
}

const utf8 = (text: string) => new TextEncoder().encode(text)

describe('YAML', () => {
  test('alias bomb', () => {
    const levels = ['a: &a [x, x, x, x, x, x, x, x, x]']
    for (const [from, to] of ['ab', 'bc', 'cd', 'de', 'ef', 'fg', 'gh', 'hi'].map((pair) => [...pair]))
      levels.push(`${to}: &${to} [${Array(9).fill(`*${from}`).join(', ')}]`)
    expect(refusal('push/a.yaml', levels.join('\n'))).toEqual([
      expect.stringMatching(/^error push\/a\.yaml:7:8: the alias stands for \d+ values; at most 100000 are allowed$/),
    ])
  })

  test('many aliases', () => {
    const text = `a: &a 1\nb:\n${'  - *a\n'.repeat(101)}`
    expect(refusal('push/a.yaml', text)).toEqual(['error push/a.yaml:103:5: more than 100 aliases'])
  })

  test('an alias that contains itself', () => {
    expect(refusal('push/a.yaml', 'a: &a [*a]')).toEqual([
      'error push/a.yaml:1:8 /a/0: no anchor &a before this alias is complete',
    ])
  })

  test('aliases that nest deeper than the limit', () => {
    const wrap = (inner: string) => `${'['.repeat(60)}${inner}${']'.repeat(60)}`
    expect(refusal('push/a.yaml', `a: &a ${wrap('1')}\nb: &b ${wrap('*a')}\n`)).toEqual([
      expect.stringContaining('error push/a.yaml:2:'),
    ])
  })

  test('10,000 merge keys', () => {
    expect(refusal('push/a.yaml', '<<: {a: 1}\n'.repeat(10_000))).toEqual([
      'error push/a.yaml:257:1: more than 256 merge keys',
    ])
  })

  test('merge keys within the limit mean what they mean', () => {
    expect(value('push/a.yaml', 'base: &b {x: 1, y: 1}\nreal: {<<: *b, y: 2}\nquoted: {"<<": 1}\n')).toEqual({
      base: { x: 1, y: 1 },
      real: { x: 1, y: 2 },
      quoted: { '<<': 1 },
    })
  })

  test.each([
    ['a: !mine 1', 'error push/a.yaml:1:4: Unresolved tag: !mine'],
    ['a: !!binary aGk=', 'error push/a.yaml:1:4: Unresolved tag: tag:yaml.org,2002:binary'],
    ['a: !!js/function "x"', 'error push/a.yaml:1:4: Unresolved tag: tag:yaml.org,2002:js/function'],
  ])('a custom tag: %s', (text, expected) => {
    expect(refusal('push/a.yaml', text)).toEqual([expected])
  })

  test('several documents', () => {
    expect(refusal('push/a.yaml', 'a: 1\n---\nb: 2\n')).toEqual([
      'error push/a.yaml:2:1: several documents in one file; write one',
    ])
  })

  test('an older YAML', () => {
    expect(refusal('push/a.yaml', '%YAML 1.1\n---\na: yes\n')).toEqual(['error push/a.yaml: YAML 1.1; write YAML 1.2'])
  })

  test('a key that is no text', () => {
    expect(refusal('push/a.yaml', '? [a]\n: 1\n')).toEqual([expect.stringContaining('error push/a.yaml:1:3')])
  })
})

describe.each(['__proto__', 'constructor', 'prototype'])('the key %s', (key) => {
  test.each([
    ['yaml', `x: 1\n${key}: {polluted: 1}\n`, '2:1', `/${key}`],
    ['json', `{"x": 1,\n "${key}": {"polluted": 1}}`, '2:2', `/${key}`],
    ['toml', `x = 1\n[${key}]\npolluted = 1\n`, '2:2', `/${key}`],
    ['yaml', `x:\n  "${key}": {polluted: 1}\n`, '2:3', `/x/${key}`],
    ['json', `{"x":\n {"\\u00${key.charCodeAt(0).toString(16)}${key.slice(1)}": 1}}`, '2:3', `/x/${key}`],
    ['toml', `[x]\n"${key}".polluted = 1\n`, '2:1', `/x/${key}`],
  ])('in %s (%#) is refused and pollutes nothing', (format, text, place, pointer) => {
    expect(refusal(`push/a.${format}`, text)).toEqual([
      `error push/a.${format}:${place} ${pointer}: the key "${key}" is not allowed`,
    ])
    expect(({} as Record<string, unknown>).polluted).toBeUndefined()
  })

  test('in an overlay or a schema is refused', () => {
    expect(refusal('push/good@zone=bj.yaml', `${key}: {polluted: 1}`)).toHaveLength(1)
    expect(refusal('push/good.schema.json', `{"properties": {"${key}": {"default": 1}}}`)).toHaveLength(1)
    expect(({} as Record<string, unknown>).polluted).toBeUndefined()
  })
})

describe('nesting of 100,000', () => {
  const deep = 100_000
  test.each([
    ['yaml, flow', 'yaml', `a: ${'['.repeat(deep)}${']'.repeat(deep)}`],
    ['yaml, flow, never closed', 'yaml', '{a: '.repeat(deep)],
    ['yaml, block', 'yaml', '- '.repeat(deep)],
    ['yaml, explicit keys', 'yaml', '? '.repeat(deep)],
    ['json', 'json', `${'['.repeat(deep)}${']'.repeat(deep)}`],
    ['json, never closed', 'json', '{"a":'.repeat(deep)],
    ['toml, arrays', 'toml', `a = ${'['.repeat(deep)}${']'.repeat(deep)}`],
    ['toml, inline tables', 'toml', `a = ${'{a='.repeat(deep)}1${'}'.repeat(deep)}`],
    ['toml, dotted keys', 'toml', `${'a.'.repeat(deep)}a = 1`],
    ['toml, headers', 'toml', `[${'a.'.repeat(deep)}a]\nx = 1`],
  ])('%s', (_, format, text) => {
    expect(refusal(`push/a.${format}`, text)).toEqual([expect.stringMatching(/nested (?:deeper|structures)/)])
  })

  test('in a schema', () => {
    expect(refusal('push/good.schema.json', '{"not":'.repeat(deep))).toEqual([
      expect.stringContaining('nested deeper than 100 levels'),
    ])
  })

  test.each([
    ['yaml', `a: ${'['.repeat(90)}${']'.repeat(90)}`],
    ['json', `${'['.repeat(90)}${']'.repeat(90)}`],
    ['toml', `a = ${'['.repeat(90)}${']'.repeat(90)}`],
  ])('while 90 levels of %s are fine', (format, text) => {
    expect(value(`push/a.${format}`, text)).toBeDefined()
  })
})

test.each([
  ['yaml', 'a: 1\nb: 2\na: 3\n', '3:1 /a: duplicate key "a"'],
  ['yaml', 'a: {b: 1, "b": 2}', '1:11 /a/b: duplicate key "b"'],
  ['json', '{"a": 1, "\\u0061": 2}', '1:10 /a: duplicate key "a"'],
  ['toml', 'a = 1\na = 2\n', '2:1: trying to redefine an already defined table or value'],
  ['toml', '[a]\n[a]\n', '2:2: trying to redefine an already defined table or value'],
])('duplicate keys in %s (%#)', (format, text, expected) => {
  expect(refusal(`push/a.${format}`, text)).toEqual([`error push/a.${format}:${expected}`])
})

describe('numbers that a number cannot hold', () => {
  test.each([
    ['yaml', 'a: 1e400', '1:4 /a: 1e400 is out of range; quote it if text is meant'],
    ['yaml', 'a: .inf', '1:4 /a: .inf is out of range; quote it if text is meant'],
    ['yaml', 'a: -.inf', '1:4 /a: -.inf is out of range; quote it if text is meant'],
    ['yaml', 'a: .NaN', '1:4 /a: NaN is not a number that JSON has; quote it if text is meant'],
    ['yaml', 'a: 9007199254740993', '1:4 /a: 9007199254740993 is beyond ±(2^53 − 1) and would be changed; quote it'],
    [
      'yaml',
      'a: 0xffffffffffffffff',
      '1:4 /a: 0xffffffffffffffff is beyond ±(2^53 − 1) and would be changed; quote it',
    ],
    ['yaml', 'a: 9007199254740993.0', '1:4 /a: 9007199254740993.0 would be changed to 9007199254740992; quote it'],
    ['json', '{"a": 1e400}', '1:7 /a: 1e400 is out of range; quote it if text is meant'],
    ['json', '{"a": 1e-400}', '1:7 /a: 1e-400 is too small and would become 0; quote it'],
    ['json', '{"a": NaN}', '1:7: expected a value, found "N"'],
    [
      'json',
      '{"a": -9007199254740993}',
      '1:7 /a: -9007199254740993 is beyond ±(2^53 − 1) and would be changed; quote it',
    ],
    ['toml', 'a = 1e400', '1:5 /a: Infinity is out of range; quote it if text is meant'],
    ['toml', 'a = nan', '1:5 /a: NaN is not a number that JSON has; quote it if text is meant'],
    ['toml', 'a = 9007199254740993', '1:5 /a: 9007199254740993 is beyond ±(2^53 − 1) and would be changed; quote it'],
  ])('%s: %s', (format, text, expected) => {
    expect(refusal(`push/a.${format}`, text)).toEqual([`error push/a.${format}:${expected}`])
  })

  test('those it can hold pass', () => {
    expect(
      value('push/a.json', '[9007199254740991, -9007199254740991, 1e22, 0.1, 3.14159265358979323846, 0e9]'),
    ).toEqual([9007199254740991, -9007199254740991, 1e22, 0.1, Math.PI, 0])
  })
})

describe('encoding', () => {
  test('invalid UTF-8 is refused at its place', () => {
    const bytes = Buffer.concat([utf8('ä: 1\nbö: "'), Buffer.from([0xc3, 0x28]), utf8('"\n')])
    expect(refusal('push/a.yaml', bytes)).toEqual(['error push/a.yaml:2:6: not UTF-8: save the file as UTF-8'])
    expect(refusal('push/a.json', Buffer.from('{"a":1}', 'utf16le'))).toEqual([expect.stringContaining('push/a.json')])
    expect(refusal('push/a.toml', Buffer.from([0xff, 0xfe, 0x61]))).toEqual([
      'error push/a.toml:1:1: not UTF-8: save the file as UTF-8',
    ])
  })

  test.each([
    ['yaml', 'a: 1\nb: x\n'],
    ['json', '{"a": 1,\n"b": "x"}\n'],
    ['toml', 'a = 1\nb = "x"\n'],
  ])('BOM and CRLF are accepted in %s, and places stay right', (format, text) => {
    const windows = `\ufeff${text.replaceAll('\n', '\r\n')}`
    expect(value(`push/a.${format}`, windows)).toEqual({ a: 1, b: 'x' })
    const place = (content: string) =>
      refusal(`push/a.${format}`, content, { 'push/a.schema.json': '{"properties": {"b": {"type": "integer"}}}' })
    expect(place(windows)).toEqual(place(text))
  })
})

test('a file over the limit', () => {
  expect(refusal('push/a.yaml', new Uint8Array(limits.fileBytesMax + 1))).toEqual([
    'error push/a.yaml: file of 16777217 bytes; at most 16777216 are allowed',
  ])
})

describe('an empty file', () => {
  test.each([
    ['yaml', ''],
    ['yaml', '# nothing\n\n'],
    ['yaml', '---\n'],
    ['json', ' \n'],
  ])('%s (%#) is refused', (format, text) => {
    expect(refusal(`push/a.${format}`, text)).toEqual([
      expect.stringMatching(/empty file: write \{\} for a config without values$/),
    ])
  })

  test('of TOML is an empty table', () => {
    expect(value('push/a.toml', '')).toEqual({})
  })

  test.each(['yaml', 'json'])('a lone scalar in %s is refused', (format) => {
    for (const scalar of ['null', '1', '"x"', 'true'])
      expect(refusal(`push/a.${format}`, scalar)).toEqual([
        `error push/a.${format}:1:1 : expected an object or an array at the top`,
      ])
  })
})

describe('a schema that is none', () => {
  const schema = (text: string) => refusal('push/good.schema.json', text)
  test('no JSON', () => {
    expect(schema('{"type": "object",}')).toEqual([
      'error push/good.schema.json:1:19: expected a key in double quotes, found "}"',
    ])
    expect(schema('')).toEqual([expect.stringContaining('empty file')])
    expect(schema('[]')).toEqual(['error push/good.schema.json:1:1 : expected a JSON Schema: an object'])
  })
  test('JSON, but no schema', () => {
    expect(schema('{"properties": {"a": {"type": "integr"}}}')).toEqual([
      expect.stringMatching(/^error push\/good\.schema\.json:1:31 \/properties\/a\/type: .*"integr"/),
    ])
  })
  test('a draft that nobody knows', () => {
    expect(schema('{"$schema": "http://json-schema.org/draft-04/schema#"}')).toEqual([
      'error push/good.schema.json:1:13 /$schema: expected JSON Schema draft-07 or 2020-12',
    ])
  })
  test('a unit that nobody knows', () => {
    expect(schema('{"properties": {"a": {"type": "integer", "unit": "fortnight"}}}')).toEqual([
      expect.stringContaining('unit'),
    ])
  })
  test('a pattern that is none', () => {
    expect(schema('{"properties": {"a": {"pattern": "("}}}')).toEqual([
      expect.stringContaining('error push/good.schema.json:1:34 /properties/a/pattern: Invalid regular expression'),
    ])
  })
  test('a remote reference is never fetched', () => {
    expect(schema('{"properties": {"a": {"$ref": "http://127.0.0.1:1/x.json"}}}')).toEqual([
      'error push/good.schema.json:1:31 /properties/a/$ref: $ref may only point into the same file (#/…): nothing is fetched',
    ])
  })
  test('a reference to nowhere', () => {
    expect(schema('{"$ref": "#/$defs/no"}')).toEqual([expect.stringContaining("can't resolve reference #/$defs/no")])
  })
  test('a reference in a circle', () => {
    expect(schema('{"$ref": "#/$defs/a", "$defs": {"a": {"$ref": "#/$defs/a"}}}')).toEqual([
      expect.stringContaining('refers to itself without end'),
    ])
  })
  test('two schemas with the same $id do not meet', () => {
    const one = (type: string) => JSON.stringify({ $id: 'https://example.com/s', properties: { a: { type } } })
    const source = tree({
      'push/a.yaml': 'a: 1',
      'push/a.schema.json': one('integer'),
      'push/b.yaml': 'a: x',
      'push/b.schema.json': one('string'),
    })
    expect(compileTree(source).diagnostics).toEqual([])
  })
  test('properties that every object inherits are still missing', () => {
    expect(refusal('push/good.schema.json', '{"required": ["toString"]}')).toEqual([
      'error push/good.yaml:1:1 /toString: missing required property "toString"',
    ])
  })
})

test('two files for one name', () => {
  expect(refusal('push/room.yaml', 'a: 1', { 'push/room.json': '{}', 'push/room.yml': 'a: 1' })).toEqual([
    'error push/room.json: two files for the config push/room: also push/room.yaml, push/room.yml',
    'error push/room.yaml: two files for the config push/room: also push/room.json, push/room.yml',
    'error push/room.yml: two files for the config push/room: also push/room.json, push/room.yaml',
  ])
  expect(refusal('push/good@zone=bj.yaml', 'a: 1', { 'push/good@zone=bj.toml': 'a = 1' })).toHaveLength(2)
})

test('a directory named like a file', () => {
  expect(refusal('push/room.yaml/x.yaml', 'a: 1')).toEqual([
    'error push/room.yaml/x.yaml: room.yaml is a directory, not a file: rename it',
  ])
})

describe('names', () => {
  test('of 4 KB', () => {
    expect(refusal(`push/${'n'.repeat(4096)}.yaml`, 'a: 1')).toEqual([
      expect.stringMatching(/^error push\/n+…: path longer than 512 bytes$/),
    ])
    expect(refusal(`push/${'n'.repeat(200)}.yaml`, 'a: 1')).toEqual([
      expect.stringMatching(/: file or folder name longer than 128 bytes$/),
    ])
  })
  test.each(['\u0000', '\n', '\u001b', '\u007f', '\u2028'])('with the control character %j', (char) => {
    const [said] = refusal(`push/a${char}b.yaml`, 'a: 1')
    expect(said).toMatch(/a name with control characters, or not UTF-8$/)
    expect(said).not.toContain(char)
  })
  test('of overlays without a label, with several, or with an empty value', () => {
    for (const name of [
      'room@bj',
      'room@zone=',
      'room@=bj',
      'room@zone=bj@track=x',
      'room@zone=bj,track=x',
      '@zone=bj',
    ])
      expect(refusal(`push/${name}.yaml`, 'a: 1')).toEqual([
        `error push/${name}.yaml: an overlay is named NAME@label=value, with one label, e.g. room@zone=bj.yaml`,
      ])
  })
  test('without a cluster', () => {
    expect(refusal('room.yaml', 'a: 1')).toEqual([
      'error room.yaml: a config lives in a folder named after its cluster, e.g. push/room.yaml',
    ])
  })
})
