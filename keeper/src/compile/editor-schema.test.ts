import { Ajv } from 'ajv'
import formats from 'ajv-formats'
import { expect, test } from 'vitest'
import { compileTree } from './compiler.js'
import { forEditors } from './editor-schema.js'
import type { Json, JsonObject } from './json.js'
import { schemaToReview } from './schema-of-values.js'
import { tree } from './testing/tree.js'
import { typedConfigs } from './typed-configs.js'

/** As an editor reads them: draft-07, words it does not know passed over, files found beside each other. */
function editor(schema: JsonObject) {
  const { config, overlay, overlays } = forEditors(schema, './overlay.json')
  const ajv = new Ajv({ strict: false, allErrors: true })
  formats.default(ajv)
  ajv.addSchema(overlay, 'overlay.json')
  const [one, two, many] = [config, overlay, { ...overlays, $id: 'overlays.json' }].map((part) => ajv.compile(part))
  return {
    config: (value: Json) => one?.(value),
    overlay: (value: Json) => two?.(value),
    overlays: (value: Json) => many?.(value),
  }
}

const room: JsonObject = {
  type: 'object',
  required: ['max', 'redis'],
  additionalProperties: false,
  properties: {
    max: { type: 'integer', minimum: 1 },
    timeout: { type: 'number', unit: 'ms' },
    mode: { enum: ['fast', 'safe'] },
    host: { type: 'string', format: 'ipv4' },
    key: { type: 'string', pattern: '^k' },
    redis: { $ref: '#/$defs/redis', description: 'beside a reference' },
    hosts: { type: 'array', items: { $ref: '#redis' } },
    pair: { prefixItems: [{ type: 'string' }, { $ref: '#/properties/pair/prefixItems/0' }], items: false },
  },
  $defs: {
    redis: {
      $anchor: 'redis',
      type: 'object',
      properties: { addr: { type: 'string' }, port: { type: 'integer' } },
      required: ['addr'],
      unevaluatedProperties: false,
    },
  },
}
const good = { max: 1, redis: { addr: 'a' } }

test('an editor takes what the compiler takes: quantities as text, and references for values of any type', () => {
  const { config } = editor(room)
  for (const more of [
    {},
    { timeout: '300ms' },
    { timeout: '1.5 h', mode: 'fast' },
    { max: '${ref:push/common#/max}', timeout: '${ref:push/common#/t}', mode: '${ref:push/common#/mode}' },
    { host: '${secret:host}', key: '${secret:key}', redis: '${ref:_shared/redis#}' },
    { host: '10.0.0.1', key: 'k1', hosts: [{ addr: 'a' }], pair: ['a', 'b'] },
  ])
    expect([more, config({ ...good, ...more } as Json)]).toEqual([more, true])
})

test('an editor underlines what the compiler refuses', () => {
  const { config } = editor(room)
  for (const more of [
    { max: 'lots' },
    { max: 0 },
    { mxa: 1 },
    { timeout: '300 bananas' },
    { mode: 'slow' },
    { host: 'nowhere' },
    { key: 'x' },
    { redis: { addr: 'a', prot: 1 } },
    { redis: {} },
    { hosts: [{}] },
    { pair: ['a', 1] },
    { pair: ['a', 'b', 'c'] },
  ])
    expect([more, config({ ...good, ...more } as Json)]).toEqual([more, false])
  expect(config({ redis: { addr: 'a' } })).toBe(false)
})

test('an overlay is a part: nothing is required but within arrays, and anything can be deleted', () => {
  const { overlay, overlays } = editor(room)
  for (const value of [
    {},
    { redis: { port: 1 } },
    { redis: { $delete: true } },
    { max: { $delete: true } },
    { hosts: [{ addr: 'a' }] },
  ])
    expect([value, overlay(value), overlays([{ when: { zone: 'bj' }, set: value }])]).toEqual([value, true, true])
  for (const value of [{ mxa: 1 }, { redis: { prot: 1 } }, { max: null }, { hosts: [{}] }, { max: { $delete: 1 } }])
    expect([value, overlay(value), overlays([{ when: { zone: 'bj' }, set: value }])]).toEqual([value, false, false])
  for (const when of [{ zone: ['bj', 'sh'] }, [{ zone: 'bj' }, { track: 'canary', zone: ['sh'] }]])
    expect([when, overlays([{ when, set: {} }])]).toEqual([when, true])
  for (const entry of [{ set: {} }, { when: {}, set: {} }, { when: { zone: 1 }, set: {} }])
    expect(overlays([entry])).toBe(false)
})

test('what decides something else is asked as it is', () => {
  const { config } = editor({
    properties: { mode: { type: 'string' }, port: { type: 'integer' } },
    if: { properties: { mode: { const: 'fast' } }, required: ['mode'] },
    // biome-ignore lint/suspicious/noThenProperty: a word of JSON Schema
    then: { required: ['port'] },
    not: { properties: { mode: { const: 'none' } }, required: ['mode'] },
  })
  expect(
    [{ mode: 'fast' }, { mode: '${ref:a/b#/c}' }, { mode: 'fast', port: 1 }, { mode: 'none' }].map(config),
  ).toEqual([false, true, true, false])
})

test('a schema out of values takes those values, refuses other names, and points at quantities', () => {
  const values: Json[] = [
    { max: 1, timeout: '300s', tags: ['a', null], deep: { a: 1.5 }, none: [] },
    { max: 2, timeout: '5m', tags: [], extra: { b: true }, deep: {}, none: [] },
  ]
  const schema = schemaToReview('push/room', values)
  expect(schema).toMatchObject({
    title: 'push/room',
    required: ['max', 'timeout', 'tags', 'deep', 'none'],
    properties: {
      max: { type: 'integer' },
      timeout: { type: 'string', $comment: expect.stringContaining('"unit": "s" it is 300 to services') },
      tags: { type: 'array', items: { type: ['null', 'string'] } },
      deep: { properties: { a: { type: 'number' } } },
    },
  })
  const files = (value: Json) => ({
    'push/room.json': JSON.stringify(value),
    'push/room.schema.json': JSON.stringify(schema),
  })
  for (const value of values) expect(compileTree(tree(files(value))).diagnostics).toEqual([])
  expect(compileTree(tree(files({ ...(values[0] as JsonObject), mxa: 1 }))).ok).toBe(false)
})

test('text of a format without types is taken for what it is everywhere, and the schema then makes it that', () => {
  const values: Json[] = [
    { port: '80', ratio: '0.5', on: 'true', code: '007', mixed: '1', name: 'x' },
    { port: '81', ratio: '1', on: 'false', code: '8', mixed: 'x', name: 'y' },
  ]
  const schema = schemaToReview('push/room', values, true)
  const types = Object.entries(schema.properties ?? {}).map(([key, part]) => [key, (part as JsonObject).type])
  expect(Object.fromEntries(types)).toEqual({
    ...{ port: 'integer', ratio: 'number', on: 'boolean', code: 'string', mixed: 'string', name: 'string' },
  })
  const text = 'port=80\nratio=0.5\non=true\ncode=007\nmixed=1\nname=x\n'
  const source = tree({ 'push/room.properties': text, 'push/room.schema.json': JSON.stringify(schema) })
  const output = compileTree(source)
  expect(output.diagnostics).toEqual([])
  expect(typedConfigs(output, source)).toMatchObject([
    { isText: true, values: [{ port: 80, ratio: 0.5, on: true, code: '007', mixed: '1', name: 'x' }] },
  ])
})
