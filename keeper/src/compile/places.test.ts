import { stringify } from 'smol-toml'
import { expect, test } from 'vitest'
import { at, child, isArray, isObject, type Json } from './json.js'
import { type Format, parseConfig, placesOf } from './parse.js'

/** All pointers of a value, containers first. */
function pointersOf(value: Json, pointer = ''): string[] {
  if (isArray(value)) return [pointer, ...value.flatMap((item, index) => pointersOf(item, child(pointer, index)))]
  if (!isObject(value)) return [pointer]
  return [pointer, ...Object.keys(value).flatMap((key) => pointersOf(value[key] as Json, child(pointer, key)))]
}

/** Text from where a value stands, for every scalar of a file. */
function scalarsAt(format: Format, text: string): Record<string, string> {
  const { value = {}, remarks } = parseConfig(format, text)
  expect(remarks).toEqual([])
  const pointers = pointersOf(value)
  const places = placesOf(format, text, new Set(pointers))
  expect(pointers.filter((pointer) => !places.has(pointer))).toEqual([])
  const scalars = pointers.filter((pointer) => typeof at(value, pointer) !== 'object')
  return Object.fromEntries(
    scalars.map((pointer) => [
      pointer,
      text
        .slice(places.get(pointer)?.value)
        .split(/[\n,\]}]/, 1)[0]
        ?.trim() ?? '',
    ]),
  )
}

test('every value of a TOML file is found', () => {
  const text = `
title = "a # b" # [not.a.table]
"quoted key" = 'C:\\path'
a.b."c.d" = 1
date = 1979-05-27T07:32:00Z
time = 07:32:00
many = [ [1, 2], # two
  ["x]", 'y#'], { k = 3, n.m = 4 }, ]
multi = """
[fake]
x = 1 \\""" """""
raw = '''
'' = 2'''

[table]
x = 0xff
[table.sub]
"\\u0061" = true
[[list]]
name = "one"
[[list.inner]]
v = 10
[[list.inner]]
v = 20
[[list]]
name = "two"
[list.extra]
w = 30
`
  expect(scalarsAt('toml', text)).toEqual({
    '/title': '"a # b" # [not.a.table',
    '/quoted key': "'C:\\path'",
    '/a/b/c.d': '1',
    '/date': '1979-05-27T07:32:00Z',
    '/time': '07:32:00',
    '/many/0/0': '1',
    '/many/0/1': '2',
    '/many/1/0': '"x',
    '/many/1/1': "'y#'",
    '/many/2/k': '3',
    '/many/2/n/m': '4',
    '/multi': '"""',
    '/raw': "'''",
    '/table/x': '0xff',
    '/table/sub/a': 'true',
    '/list/0/name': '"one"',
    '/list/0/inner/0/v': '10',
    '/list/0/inner/1/v': '20',
    '/list/1/name': '"two"',
    '/list/1/extra/w': '30',
  })
})

test('every value of a YAML file is found, those of aliases at the alias', () => {
  const text = 'a: &x {b: 1, c: [2, "3"]}\nd: *x\ne:\n  - 4\n  - f: five\n"g/h": ~x\n'
  const { value = {} } = parseConfig('yaml', text)
  const places = placesOf('yaml', text, new Set(pointersOf(value)))
  const shown = [...places].map(([pointer, { value }]) => [pointer, text.slice(value).split(/[\n,\]}]/, 1)[0]])
  expect(Object.fromEntries(shown)).toMatchObject({
    '/a/b': '1',
    '/a/c/1': '"3"',
    '/d': '*x',
    '/e/1/f': 'five',
    '/g~1h': '~x',
  })
})

test('what random values are written as is found in JSON and in TOML', () => {
  let seed = 7
  const random = (below: number) => {
    seed = (seed * 48271) % 2147483647
    return seed % below
  }
  const keys = ['a', 'b-c', 'd e', 'f.g', 'h"i', "j'k", 'l/m', 'n~o', 'é', '#', '[x]', '=', '']
  const leaf = (): Json =>
    [random(1000), `t${random(9)}`, random(2) === 0, '"q" \\ # ]', 'two\nlines'][random(5)] as Json
  const make = (depth: number): Json => {
    const kind = depth > 3 ? 0 : random(3)
    if (kind === 0) return leaf()
    if (kind === 1) return Array.from({ length: random(3) + 1 }, () => make(depth + 1))
    return Object.fromEntries(Array.from({ length: random(4) }, () => [keys[random(keys.length)], make(depth + 1)]))
  }
  for (let round = 0; round < 200; round++) {
    const value = { root: make(0), more: make(0) }
    for (const [format, text] of [
      ['json', JSON.stringify(value, null, random(3))],
      ['toml', stringify(value)],
    ] as const) {
      const parsed = parseConfig(format, text)
      expect(parsed.value).toEqual(value)
      const pointers = pointersOf(value)
      const places = placesOf(format, text, new Set(pointers))
      for (const pointer of pointers) {
        const place = places.get(pointer)
        expect(place, `${pointer} of ${text}`).toBeDefined()
        const scalar = at(value, pointer)
        if (typeof scalar === 'number' || typeof scalar === 'boolean')
          expect(text.slice(place?.value).startsWith(String(scalar)), `${pointer} of ${text}`).toBe(true)
      }
    }
  }
})
