import { expect, test } from 'vitest'
import { seededRandom } from '../base/random.js'
import { canonicalJson, sha256 } from './canonical.js'
import { compileTree } from './compiler.js'
import type { Json } from './json.js'
import { checkBase } from './overlays.js'
import { type Format, parseConfig } from './parse.js'
import { parseJson } from './parse-json.js'
import { parseYaml } from './parse-yaml.js'
import { plainBytes } from './plain-value.js'
import { tree } from './testing/tree.js'

const text = (bytes: Uint8Array | undefined): string | undefined => bytes && Buffer.from(bytes).toString()

/** What was read without making a value; undefined where it was left to the parser. */
const plain = (format: Format, source: string): string | undefined => text(plainBytes(Buffer.from(source), format))

/** Canonical JSON by way of the parser; the first thing that is wrong where there is something. */
function parsed(format: Format, source: string): string | undefined {
  const { value, remarks } = parseConfig(format, source)
  const [wrong] = value === undefined ? remarks : checkBase(value)
  return wrong ? `${wrong.rule}: ${wrong.message}` : text(canonicalJson(value as Json))
}

test('JSON that is canonical but for spaces is its own value', () => {
  for (const source of [
    '["a","b"]',
    ' [ "a b" ,\n\t"ü\u2028\u{1f600}" ]\r\n',
    '{"a":[],"b":{},"c":[[1,-2.5,1e+21],true,false,null],"d":{"":"","x y":"\\" [1, 2] \\\\"}}',
    `{ "9": 1, "a" : "\\n\\t" , "é" : [ 0 ] }`,
  ]) {
    expect(plain('json', source)).toBe(parsed('json', source))
    expect(plain('jsonc', source)).toBe(parsed('jsonc', source))
  }
})

test.each([
  '',
  '"a"',
  '1',
  '{"b":1,"a":2}',
  '{"a":1,"a":1}',
  '{"__proto__":[]}',
  '{"a":{"$delete":true}}',
  '["\\u0041"]',
  '["\\/"]',
  '["\\x"]',
  '["a\u0001"]',
  '["a]',
  '[1.0]',
  '[-0]',
  '[01]',
  '[1e2]',
  '[9007199254740993]',
  '[1e400]',
  '["a",]',
  '["a" "b"]',
  '["a"]]',
  '{"a"}',
  '{"a":1,}',
  '[truex]',
  '[tru',
  '[nul]',
  '[',
  '["${ref:push/common#/a}"]',
  '["$\\u007bref:a/b#}"]',
  '\ufeff["a"]',
  '["a"] // end',
  `${'['.repeat(101)}${']'.repeat(101)}`,
])('what is not, or wrong, is left to the parser: %s', (source) => {
  expect(plain('json', source)).toBeUndefined()
})

test('bytes that are no UTF-8 are left to the parser', () => {
  const bytes = Buffer.from([0x5b, 0x22, 0xc3, 0x28, 0x22, 0x5d])
  expect(plainBytes(bytes, 'json')).toBeUndefined()
})

/** JSON of all kinds, most of it canonical, some of it broken. */
function anyJson(seed: number): () => string {
  const random = seededRandom(seed)
  const one = <T>(of: readonly T[]): T => of[random.below(of.length)] as T
  const space = () => (random.below(4) > 0 ? '' : one([' ', '\n', '\t', '\r\n', '  ']))
  const texts = [
    'a',
    'b c',
    'é',
    '\\n',
    '\\"',
    '\\\\',
    '\\u0041',
    '\\/',
    '\u2028',
    '\u007f',
    '',
    '$x',
    '{',
    ']',
    ',',
    '\\',
  ]
  const word = () => `"${one(texts)}${random.below(3) > 0 ? '' : one(texts)}"`
  const scalars = [
    '1',
    '-1',
    '0',
    '-0',
    '1.5',
    '1e5',
    '1e+30',
    '1e21',
    '100',
    'true',
    'false',
    'null',
    'tru',
    '',
    '1.',
    '.5',
  ]
  const key = (at: number) =>
    random.below(8) > 0 ? `"k${at}"` : one(['"10"', '"9"', '"a"', '"k0"', '""', '"$delete"', 'x'])
  const list = (items: string[], open: string, close: string) =>
    `${open}${space()}${items.join(`${space()},${space()}`)}${random.below(20) > 0 ? '' : ','}${space()}${close}`
  const value = (depth: number): string => {
    const kind = random.below(depth > 3 ? 6 : 10)
    if (kind < 5) return word()
    if (kind < 6) return one(scalars)
    const count = random.below(4)
    if (kind < 8)
      return list(
        Array.from({ length: count }, () => value(depth + 1)),
        '[',
        ']',
      )
    const member = (_: unknown, at: number) => `${key(at)}${space()}:${space()}${value(depth + 1)}`
    return list(Array.from({ length: count }, member), '{', '}')
  }
  return () => `${space()}${value(0)}${space()}`
}

test('whatever JSON it is, it is as the parser has it, or left to it', () => {
  const next = anyJson(11)
  let read = 0
  for (let round = 0; round < 20_000; round++) {
    const source = next()
    const value = plain('json', source)
    if (value === undefined) continue
    read++
    expect(value, source).toBe(parsed('json', source))
  }
  expect(read).toBeGreaterThan(2_000)
})

const lines = (count: number, line: (at: number) => string) => Array.from({ length: count }, (_, at) => line(at))
const names = lines(12_000, (at) => `user-${at}@first.example.org`)

test.each([
  ['json', JSON.stringify(names)],
  ['json', JSON.stringify({ users: names, admins: ['a'] }, null, 2)],
  ['yaml', `${names.map((name) => `- ${name}`).join('\n')}\n`],
  ['yaml', `users:\n${names.map((name) => `  - "${name}"`).join('\n')}\nadmins:\n  - root\n`],
])('a large %s file compiles to what a small one of the same data does', (extension, source) => {
  const path = `push/room.${extension}`
  const output = compileTree(tree({ [path]: source }))
  const { value: parsed } = extension === 'yaml' ? parseYaml(source, () => {}) : parseJson(source)
  const value = canonicalJson(parsed as Json)
  expect(output.diagnostics).toEqual([])
  expect(output.configs).toMatchObject([
    { name: 'push/room', overlays: [], variants: [{ overlays: [], hash: sha256(value) }] },
  ])
  const blob = output.blobs.get(sha256(value)) as Uint8Array
  expect(Buffer.compare(blob, value)).toBe(0)
  expect(text(output.blobs.get(output.configs[0]?.files[0]?.hash ?? ''))).toBe(source)
})

test('an error deep in a large file has its place as ever', () => {
  const source = `[\n${names.map((name) => JSON.stringify(name)).join(',\n')},\n1e999]\n`
  const { diagnostics } = compileTree(tree({ 'push/room.json': source }))
  expect(diagnostics).toMatchObject([{ rule: 'value/number', line: 12_002, column: 1, pointer: '/12000' }])
})
