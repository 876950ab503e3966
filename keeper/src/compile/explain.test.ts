import { expect, test } from 'vitest'
import { type ExplainSource, explainValue, type Layer, leavesOf } from './explain.js'
import { compiled } from './testing/effective.js'

const ref = (to: string) => `$\{ref:${to}}`

const files = {
  '_shared/redis.yaml': 'main:\n  addr: 10.0.0.1:6379\n  db: 0\n',
  '_shared/redis@zone=bj.toml': '[main]\naddr = "10.1.0.1:6379"\n',
  'push/room.yaml': `max: 1\nredis: "${ref('_shared/redis#/main')}"\nurl: "redis://${ref('_shared/redis#/main/addr')}/${ref('_shared/redis#/main/db')}"\ngone: 1\nnested: {a: 1}\n`,
  'push/room@zone=bj.yaml': 'max: 2\nnested:\n  b: 2\n',
  'push/room.overlays.yaml': '- when: {zone: bj, track: canary}\n  set:\n    max: 3\n    gone: {$delete: true}\n',
  'push/room.schema.json':
    '{"properties": {\n  "limits": {"$ref": "#/$defs/limits"}},\n  "$defs": {"limits": {"default": {}, "properties": {"rate": {\n    "default": 100}}}}}',
}

const output = compiled(files)
const source: ExplainSource = {
  config: (name) => output.configs.find((config) => config.name === name),
  blob: (hash) => output.blobs.get(hash),
}
const explained = (pointer: string, labels = {}) =>
  explainValue({ name: 'push/room', pointer, labels: { cluster: 'push', role: 'room', ...labels } }, source)
const shown = ({ kind, file, line, column, pointer, effect, value }: Layer) =>
  `${kind} ${file}:${line}:${column} ${pointer} ${effect}${value === undefined ? '' : ` ${JSON.stringify(value)}`}`

test('a value has come from the strongest overlay that sets it, laid over the others', () => {
  const { value, layers } = explained('/max', { zone: 'bj', track: 'canary' })
  expect(value).toBe(3)
  expect(layers.map(shown)).toEqual([
    'overlay push/room.overlays.yaml:3:10 /0/set/max set 3',
    'overlay push/room@zone=bj.yaml:1:6 /max set 2',
    'base push/room.yaml:1:6 /max set 1',
  ])
  expect(layers.map(({ when }) => when)).toEqual([{ zone: 'bj', track: 'canary' }, { zone: 'bj' }, undefined])
  expect(explained('/max').layers.map(shown)).toEqual(['base push/room.yaml:1:6 /max set 1'])
})

test('what was deleted says where', () => {
  const { value, layers } = explained('/gone', { zone: 'bj', track: 'canary' })
  expect(value).toBeUndefined()
  expect(layers.map(shown)).toEqual([
    'overlay push/room.overlays.yaml:4:11 /0/set/gone deleted',
    'base push/room.yaml:4:7 /gone set 1',
  ])
})

test('an object is merged, and its leaves say where each is from', () => {
  const { value, layers } = explained('/nested', { zone: 'bj' })
  expect(layers.map(shown)).toEqual([
    'overlay push/room@zone=bj.yaml:3:3 /nested merged {"b":2}',
    'base push/room.yaml:5:9 /nested merged {"a":1}',
  ])
  const places = leavesOf(value ?? {}, '/nested').map((leaf) => explained(leaf, { zone: 'bj' }).layers[0]?.file)
  expect(places).toEqual(['push/room.yaml', 'push/room@zone=bj.yaml'])
})

test('a default stands in the schema', () => {
  expect(explained('/limits/rate').layers.map(shown)).toEqual([
    'default push/room.schema.json:4:16 /$defs/limits/properties/rate/default set 100',
  ])
})

test('references are followed with the labels of who asks, into objects and out of texts', () => {
  const whole = explained('/redis/addr', { zone: 'bj' })
  expect(whole).toMatchObject({ value: '10.1.0.1:6379', refs: [{ text: ref('_shared/redis#/main') }] })
  expect(whole.layers.map(shown)).toEqual([`base push/room.yaml:2:8 /redis set "${ref('_shared/redis#/main')}"`])
  expect(whole.refs[0]?.from.layers.map(shown)).toEqual([
    'overlay _shared/redis@zone=bj.toml:2:8 /main/addr set "10.1.0.1:6379"',
    'base _shared/redis.yaml:2:9 /main/addr set "10.0.0.1:6379"',
  ])
  const text = explained('/url')
  expect(text.value).toBe('redis://10.0.0.1:6379/0')
  expect(text.refs.map(({ from }) => [from.name, from.pointer, from.value])).toEqual([
    ['_shared/redis', '/main/addr', '10.0.0.1:6379'],
    ['_shared/redis', '/main/db', 0],
  ])
})

test('nothing at all is a typed error', () => {
  expect(() => explained('/nowhere')).toThrow(expect.objectContaining({ code: 'E_NOT_FOUND' }))
})
