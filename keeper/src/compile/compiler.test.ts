import { expect, test } from 'vitest'
import { decodeText } from '../base/codec.js'
import { compileTree } from './compiler.js'
import { formatDiagnostic, tree } from './testing/tree.js'

const schema = (value: object) => JSON.stringify(value, null, 2)

/** Effective values of a config by its overlays' labels. */
function values(files: Record<string, string>, name: string): Record<string, unknown> {
  const output = compileTree(tree(files))
  expect(output.diagnostics.map(formatDiagnostic)).toEqual([])
  const config = output.configs.find((one) => one.name === name)
  return Object.fromEntries(
    (config?.variants ?? []).map(({ overlays, hash }) => [
      overlays.map((index) => Object.entries(config?.overlays[index]?.when ?? {}).join()).join(' ') || 'base',
      JSON.parse(decodeText(output.blobs.get(hash) ?? new Uint8Array())),
    ]),
  )
}

const errors = (files: Record<string, string>, options = {}) =>
  compileTree(tree(files), options).diagnostics.map(formatDiagnostic)

test('YAML, JSON and TOML give the same value and the same hash', () => {
  const output = compileTree(
    tree({
      'push/a.yaml': 'redis: {addr: "10.0.0.1:6379"}\nlimits: [1, 2.5]\non: true\n',
      'push/b.json': '{"on":true,"limits":[1,2.5],"redis":{"addr":"10.0.0.1:6379"}}',
      'push/c.toml': 'limits = [1, 2.5]\non = true\n[redis]\naddr = "10.0.0.1:6379"\n',
    }),
  )
  expect(output.ok).toBe(true)
  expect(new Set(output.configs.map((config) => config.variants[0]?.hash)).size).toBe(1)
})

test('the path names the audience', () => {
  const output = compileTree(
    tree({
      'push/common.yaml': 'a: 1',
      'push/room.yaml': 'a: 1',
      'push/register/limits.toml': 'a = 1',
      '_shared/redis.yaml': 'a: 1',
    }),
  )
  expect(output.configs.map(({ name, audience }) => [name, audience])).toEqual([
    ['_shared/redis', { labels: {}, nobody: true }],
    ['push/common', { labels: { cluster: 'push' } }],
    ['push/register/limits', { labels: { cluster: 'push', role: 'register' } }],
    ['push/room', { labels: { cluster: 'push', role: 'room' } }],
  ])
})

test('overlays are laid over each other in order, and every combination has its value', () => {
  expect(
    values(
      {
        'push/room.yaml': 'max: 1\nredis: {addr: a, db: 0}\n',
        'push/room@zone=bj.yaml': 'max: 2\nredis: {db: 1}\n',
        'push/room@track=canary.json': '{"max": 3, "redis": {"addr": {"$delete": true}}}',
        'push/room@zone=sh.toml': 'max = 4',
      },
      'push/room',
    ),
  ).toEqual({
    base: { max: 1, redis: { addr: 'a', db: 0 } },
    'zone,bj': { max: 2, redis: { addr: 'a', db: 1 } },
    'zone,sh': { max: 4, redis: { addr: 'a', db: 0 } },
    'track,canary': { max: 3, redis: { db: 0 } },
    'zone,bj track,canary': { max: 3, redis: { db: 1 } },
    'zone,sh track,canary': { max: 3, redis: { db: 0 } },
  })
})

test('labels without a place in the order come after those with one, by name', () => {
  const output = compileTree(
    tree({
      'push/room.yaml': 'a: 1',
      'push/room@rack=7.yaml': 'a: 2',
      'push/room@instance=room-1.yaml': 'a: 3',
      'push/room@env=test.yaml': 'a: 4',
      'push/room@color=red.yaml': 'a: 5',
    }),
  )
  expect(output.configs[0]?.overlays.map(({ when }) => Object.keys(when)[0])).toEqual([
    'env',
    'instance',
    'color',
    'rack',
  ])
})

test('the schema fills defaults and turns quantities into numbers of its unit', () => {
  const files = {
    'push/room.yaml': 'timeout: 5m\nbuffer: 64KiB\nretries: [100ms, 1.5s]\nplain: 20\n',
    'push/room.schema.json': schema({
      type: 'object',
      properties: {
        timeout: { type: 'integer', unit: 's' },
        buffer: { $ref: '#/$defs/size' },
        retries: { type: 'array', items: { type: 'number', unit: 'ms' } },
        plain: { type: 'integer', unit: 'ms' },
        idle: { type: 'integer', unit: 'ms', default: '2h' },
        redis: { type: 'object', default: {}, properties: { port: { type: 'integer', default: 6379 } } },
      },
      $defs: { size: { type: 'integer', unit: 'bytes' } },
    }),
  }
  expect(values(files, 'push/room').base).toEqual({
    timeout: 300,
    buffer: 65536,
    retries: [100, 1500],
    plain: 20,
    idle: 7_200_000,
    redis: { port: 6379 },
  })
})

test('the base, every overlay and the schema stand in the config with their hashes, and their bytes in the blobs', () => {
  const output = compileTree(
    tree({ 'push/room.yaml': 'a: 1', 'push/room@zone=bj.yaml': 'a: 2', 'push/room.schema.json': '{"type":"object"}' }),
  )
  const [config] = output.configs
  expect(config?.files.map(({ path }) => path)).toEqual([
    'push/room.yaml',
    'push/room@zone=bj.yaml',
    'push/room.schema.json',
  ])
  expect(config?.files.map(({ hash }) => decodeText(output.blobs.get(hash) ?? new Uint8Array()))).toEqual([
    'a: 1',
    'a: 2',
    '{"type":"object"}',
  ])
  expect(config?.schemaHash).toBe(config?.files[2]?.hash)
})

test.each(['yaml', 'json', 'toml'])('a wrong type in %s is told at its value', (format) => {
  const texts: Record<string, string> = {
    yaml: 'name: x\nlimits:\n  max: lots\n',
    json: '{\n  "name": "x",\n  "limits": {"max": "lots"}\n}',
    toml: 'name = "x"\n[limits]\nmax = "lots"\n',
  }
  const places: Record<string, string> = { yaml: '3:8', json: '3:21', toml: '3:7' }
  expect(
    errors({
      [`push/room.${format}`]: texts[format] ?? '',
      'push/room.schema.json': schema({ properties: { limits: { properties: { max: { type: 'integer' } } } } }),
    }),
  ).toEqual([`error push/room.${format}:${places[format]} /limits/max: expected integer, got "lots"`])
})

test('all errors of all files come at once', () => {
  expect(
    errors({
      'push/a.yaml': 'x: [1\n',
      'push/b.json': '{"x": 1, "x": 2}',
      'push/c.yaml': 'x: lots\ny: 0\nz: 1\n',
      'push/c.schema.json': schema({
        properties: { x: { type: 'integer' }, y: { minimum: 1 } },
        required: ['w'],
        additionalProperties: false,
      }),
    }),
  ).toEqual([
    expect.stringContaining('error push/a.yaml:2:1'),
    'error push/b.json:1:10 /x: duplicate key "x"',
    'error push/c.yaml:1:1 /w: missing required property "w"',
    'error push/c.yaml:1:4 /x: expected integer, got "lots"',
    'error push/c.yaml:2:4 /y: expected >= 1, got 0',
    'error push/c.yaml:3:1 /z: unknown property "z"',
  ])
})

test('a fault belongs to the overlay that brought the value', () => {
  expect(
    errors({
      'push/room.yaml': 'max: 1\nredis: {addr: a}\n',
      'push/room@zone=bj.yaml': '# more\nmax: lots\n',
      'push/room@track=canary.toml': 'redis = { addr = { "$delete" = true } }',
      'push/room.schema.json': schema({
        properties: { max: { type: 'integer' }, redis: { type: 'object', required: ['addr'] } },
      }),
    }),
  ).toEqual([
    'error push/room@track=canary.toml:1:18 /redis/addr: missing required property "addr"',
    'error push/room@zone=bj.yaml:2:6 /max: expected integer, got "lots"',
  ])
})

test('a fault that only a combination has is found', () => {
  expect(
    errors({
      'push/room.yaml': 'low: 1\nhigh: 9\n',
      'push/room@zone=bj.yaml': 'mode: a',
      'push/room@track=canary.yaml': 'tls: true',
      'push/room.schema.json': schema({ not: { required: ['mode', 'tls'] } }),
    }),
  ).toEqual(['error push/room@track=canary.yaml:1:1 : expected another value: this one is excluded, got an object'])
})

test('a wrong default is told in the schema', () => {
  expect(
    errors({
      'push/room.yaml': '{}',
      'push/room.schema.json': '{"properties": {"max": {"type": "integer", "default": "lots"}}}',
    }),
  ).toEqual(['error push/room.schema.json:1:55 /max: expected integer, got "lots"'])
})

test('text that is no quantity is told with what may be written', () => {
  expect(
    errors({
      'push/room.yaml': 'timeout: soon',
      'push/room.schema.json': schema({ properties: { timeout: { type: 'integer', unit: 'ms' } } }),
    }),
  ).toEqual([
    'error push/room.yaml:1:10 /timeout: expected integer of ms, or text like "300ms", "5s", "5m", "2h", got "soon"',
  ])
})

test('a bare null in an overlay, and $delete in a base, are errors', () => {
  expect(errors({ 'push/a.yaml': 'x: 1', 'push/a@zone=bj.yaml': 'x:\n', 'push/b.yaml': 'x: {$delete: true}' })).toEqual(
    [
      'error push/a@zone=bj.yaml:1:3 /x: null in an overlay: write {$delete: true} to delete',
      'error push/b.yaml:1:5 /x/$delete: $delete works in an overlay, outside of arrays',
    ],
  )
})

test('an overlay or a schema without its config is an error', () => {
  expect(errors({ 'push/a@zone=bj.yaml': 'x: 1', 'push/b.schema.json': '{}' })).toEqual([
    'error push/a@zone=bj.yaml: overlay without its config: push/a.yaml is missing',
    'error push/b.schema.json: schema without its config: push/b.yaml is missing',
  ])
})

test('names that differ only by case are an error', () => {
  expect(errors({ 'push/Room.yaml': 'a: 1', 'push/room.yaml': 'a: 1' })).toEqual([
    'error push/room.yaml: push/room and push/Room differ only by case',
  ])
})

test('more combinations than the limit are an error', () => {
  const overlays = ['a', 'b', 'c', 'd', 'e', 'f', 'g', 'h', 'i', 'j', 'k'].map((label) => [
    `push/room@${label}=1.yaml`,
    'x: 1',
  ])
  expect(errors({ 'push/room.yaml': 'x: 0', ...Object.fromEntries(overlays) })).toEqual([
    'error push/room.yaml: 11 overlays make too many combinations, more than 1024',
  ])
})

test('what is no config is noted, once per file, and stops nothing', () => {
  expect(
    errors({
      'push/room.yaml': 'a: 1',
      'push/room.yaml~': 'a: 2',
      'push/.room.yaml.swp': '',
      'push/4913': '',
      'push/README.md': '',
      'push/_old/room.yaml': '',
      '_keeper/setings.yaml': '',
      '_keeper/tests/room.yaml': '',
    }),
  ).toEqual([
    'note _keeper/setings.yaml: no config: _keeper has settings.yaml, tests, rules, deployments, roles.yaml, profiling.yaml',
    'note push/.room.yaml.swp: no config: its name begins with a dot',
    'note push/4913: no config: an editor left it',
    'note push/README.md: no config: its extension is none of .yaml, .yml, .json, .jsonc, .toml, .properties, .env, .ini, .csv',
    'note push/_old/room.yaml: no config: its name begins with an underscore',
    'note push/room.yaml~: no config: an editor left it',
  ])
})

test('one error anywhere, and nothing is given', () => {
  const output = compileTree(tree({ 'push/a.yaml': 'x: 1', 'push/b.yaml': 'x: [' }))
  expect(output).toMatchObject({ ok: false, configs: [] })
  expect(output.blobs.size).toBe(0)
})

test('placeholders of others stay as they are', () => {
  const dollar = '$'
  expect(values({ 'push/a.yaml': `x: ${dollar}{HOME}` }, 'push/a').base).toEqual({ x: `${dollar}{HOME}` })
})

test('draft-07 and 2020-12 are understood, each in its own words', () => {
  const wrong = { 'push/a.yaml': 'x: [1, two]' }
  const draft07 = { $schema: 'http://json-schema.org/draft-07/schema#' }
  expect(
    errors({
      ...wrong,
      'push/a.schema.json': schema({ ...draft07, properties: { x: { items: [{}, { type: 'integer' }] } } }),
    }),
  ).toEqual(['error push/a.yaml:1:8 /x/1: expected integer, got "two"'])
  expect(
    errors({
      ...wrong,
      'push/a.schema.json': schema({ properties: { x: { prefixItems: [{}, { type: 'integer' }] } } }),
    }),
  ).toEqual(['error push/a.yaml:1:8 /x/1: expected integer, got "two"'])
})

test('alternatives are folded into one error', () => {
  expect(
    errors({
      'push/a.yaml': 'x: maybe',
      'push/a.schema.json': schema({ properties: { x: { anyOf: [{ type: 'integer' }, { type: 'null' }] } } }),
    }),
  ).toEqual(['error push/a.yaml:1:4 /x: expected integer or null, got "maybe"'])
})

test('branches that are references are folded, too', () => {
  expect(
    errors({
      'push/a.yaml': 'x: maybe',
      'push/a.schema.json': schema({
        properties: { x: { oneOf: [{ $ref: '#/$defs/n' }, { type: 'null' }] } },
        $defs: { n: { type: 'integer' } },
      }),
    }),
  ).toEqual(['error push/a.yaml:1:4 /x: expected integer or null, got "maybe"'])
})

test('a schema may describe trees by referring to itself', () => {
  expect(
    errors({
      'push/a.yaml': 'kids: [{kids: []}, {kids: [{size: big}]}]',
      'push/a.schema.json': schema({
        properties: { size: { type: 'integer', unit: 'bytes' }, kids: { type: 'array', items: { $ref: '#' } } },
      }),
    }),
  ).toEqual([expect.stringContaining('push/a.yaml:1:35 /kids/1/kids/0/size: expected integer of bytes')])
})

test('an overlay that no reader can match is warned of, and does not count', () => {
  const output = compileTree(tree({ 'push/room.yaml': 'a: 1', 'push/room@role=register.yaml': 'a: 2' }))
  expect(output.diagnostics.map(formatDiagnostic)).toEqual([
    'warning push/room@role=register.yaml: no process can match this overlay: the config is for cluster=push role=room',
  ])
  expect(output.configs[0]?.variants.map(({ overlays }) => overlays)).toEqual([[]])
})

test('a keyword that the schema language does not have is warned of', () => {
  const output = compileTree(tree({ 'push/a.yaml': 'a: 1', 'push/a.schema.json': '{"requried": ["a"]}' }))
  expect(output.ok).toBe(true)
  expect(output.diagnostics.map(formatDiagnostic)).toEqual([
    'warning push/a.schema.json: strict mode: unknown keyword: "requried"',
  ])
})
