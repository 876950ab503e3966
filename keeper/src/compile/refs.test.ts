// biome-ignore-all lint/suspicious/noTemplateCurlyInString: placeholders are what it is about

import { describe, expect, test } from 'vitest'
import { IncrementalCompiler } from './compiler.js'
import { compiled, effective, told } from './testing/effective.js'
import { tree } from './testing/tree.js'

/** `${ref:…}` without looking like a template of ours. */
const ref = (to: string) => `$\{ref:${to}}`

describe('a reference', () => {
  test('takes a value with its type, or stands inside a text', () => {
    const output = compiled({
      '_shared/redis.yaml': 'addr: {host: 10.0.0.1, port: 6379}\ntls: true\n',
      'push/room.yaml': [
        `redis: "${ref('_shared/redis#/addr')}"`,
        `port: "${ref('_shared/redis#/addr/port')}"`,
        `url: "redis://${ref('_shared/redis#/addr/host')}:${ref('_shared/redis#/addr/port')}/?tls=${ref('_shared/redis#/tls')}"`,
        `all: "${ref('_shared/redis')}"`,
        'home: "${HOME}"',
      ].join('\n'),
    })
    expect(effective(output, 'push/room', 'cluster=push role=room')).toEqual({
      redis: { host: '10.0.0.1', port: 6379 },
      port: 6379,
      url: 'redis://10.0.0.1:6379/?tls=true',
      all: { addr: { host: '10.0.0.1', port: 6379 }, tls: true },
      home: '${HOME}',
    })
    expect(output.configs.find(({ name }) => name === 'push/room')?.refs).toEqual(['_shared/redis'])
  })

  test('is resolved for each process: overlays of the target reach whoever refers', () => {
    const output = compiled({
      'push/common.yaml': 'redis: {addr: a, db: 0}',
      'push/common@zone=bj.yaml': 'redis: {addr: bj}',
      'push/common@track=canary.yaml': 'redis: {db: 7}',
      'push/room.yaml': `addr: "${ref('push/common#/redis/addr')}"\nmax: 1`,
      'push/room@zone=sh.yaml': 'max: 2',
    })
    const room = (labels: string) => effective(output, 'push/room', `cluster=push role=room ${labels}`)
    expect(room('zone=bj')).toEqual({ addr: 'bj', max: 1 })
    expect(room('zone=sh')).toEqual({ addr: 'a', max: 2 })
    expect(room('zone=sz')).toEqual({ addr: 'a', max: 1 })
    const { overlays, variants } = output.configs.find(({ name }) => name === 'push/room') ?? {}
    expect(overlays).toEqual([
      { file: 'push/room@zone=sh.yaml', when: { zone: 'sh' } },
      { file: 'push/common@zone=bj.yaml', when: { zone: 'bj' }, of: 'push/common' },
    ])
    expect(variants?.length, 'what does not touch the value makes no variants').toBe(3)
  })

  test('goes through others, and comes after defaults and units', () => {
    const output = compiled({
      '_shared/base.yaml': '{}',
      '_shared/base.schema.json': '{"properties": {"timeout": {"type": "integer", "unit": "ms", "default": "5s"}}}',
      '_shared/base@zone=bj.yaml': 'timeout: 7s',
      'push/common.yaml': `idle: "${ref('_shared/base#/timeout')}"`,
      'push/room.yaml': `wait: "${ref('push/common#/idle')}"`,
      'push/room.schema.json': `{"properties": {"wait": {"type": "integer"}, "text": {"default": "${ref('push/common#/idle')} ms"}}}`,
    })
    expect(effective(output, 'push/room', 'cluster=push role=room')).toEqual({ wait: 5000, text: '5000 ms' })
    expect(effective(output, 'push/room', 'cluster=push role=room zone=bj')).toEqual({ wait: 7000, text: '7000 ms' })
  })

  test('is seen by the schema of the reader: a wrong value is told where the reference stands', () => {
    expect(
      told({
        '_shared/redis.yaml': 'port: lots\naddr: {}\n',
        'push/room.yaml': `redis:\n  port: "${ref('_shared/redis#/port')}"\naddr: "${ref('_shared/redis#/addr')}"\n`,
        'push/room.schema.json': JSON.stringify({
          properties: {
            redis: { properties: { port: { type: 'integer' } } },
            addr: { required: ['host'] },
          },
        }),
      }),
    ).toEqual([
      `error push/room.yaml:2:9 /redis/port: expected integer, got "lots" (from ${ref('_shared/redis#/port')}, _shared/redis.yaml:1:7)`,
      `error push/room.yaml:3:7 /addr/host: missing required property "host" (from ${ref('_shared/redis#/addr')}, _shared/redis.yaml:2:7)`,
    ])
  })
})

describe('a reference that may not be', () => {
  test('leads nowhere, or into another audience: all told at once, each at its place', () => {
    expect(
      told({
        'push/gate.yaml': 'a: 1',
        'push/common.yaml': `x: "${ref('push/gate#/a')}"`,
        'push/room.yaml': `a: "${ref('push/nowhere#/a')}"\nb: "${ref('push/gate#/a')}"\nc: "${ref('_shared/x#/none')}"\nd: "at ${ref('_shared/x')}"\n`,
        '_shared/x.yaml': 'a: 1',
        '_shared/y.yaml': `a: "${ref('push/gate#/a')}"`,
      }),
    ).toEqual([
      'error _shared/y.yaml:1:4 /a: _shared/y may not take from push/gate: every config may refer to it, and push/gate is only for cluster=push role=gate',
      'error push/common.yaml:1:4 /x: push/common may not take from push/gate: it is for cluster=push, and push/gate is only for cluster=push role=gate',
      'error push/room.yaml:1:4 /a: there is no config push/nowhere in this directory',
      'error push/room.yaml:2:4 /b: push/room may not take from push/gate: it is for cluster=push role=room, and push/gate is only for cluster=push role=gate',
      'error push/room.yaml:3:4 /c: _shared/x has nothing at /none',
      `error push/room.yaml:4:4 /d: ${ref('_shared/x')} is an object: inside a text only text, numbers and booleans can stand`,
    ])
  })

  test('goes in a circle', () => {
    expect(
      told({
        'push/a/1.yaml': `x: "${ref('push/common#/x')}"`,
        'push/common.yaml': `x: "${ref('_shared/z#/x')}"\nself: "${ref('push/common#/x')}"`,
        '_shared/z.yaml': `x: "${ref('_shared/y#/x')}"`,
        '_shared/y.yaml': `x: "${ref('_shared/z#/x')}"`,
      }),
    ).toEqual([
      'error _shared/y.yaml:1:4 /x: _shared/y → _shared/z → _shared/y refer to each other in a circle',
      'error _shared/z.yaml:1:4 /x: _shared/z → _shared/y → _shared/z refer to each other in a circle',
      'error push/common.yaml:2:7 /self: push/common refers to itself: repeat the value, or move it to a config of its own',
    ])
  })

  test('is written wrongly', () => {
    expect(told({ 'push/a.yaml': `a: "${ref('common')}"\nb: "${ref('push/b#x')}"\nc: "$\{ref:push/b"\n` })).toEqual([
      expect.stringContaining('error push/a.yaml:1:4 /a: ${ref:common}: expected ${ref:CONFIG#/pointer}'),
      expect.stringContaining('error push/a.yaml:2:4 /b: ${ref:push/b#x}: expected'),
      'error push/a.yaml:3:4 /c: a ${ref:…} or ${secret:…} without its }',
    ])
  })

  test('is missing only where an overlay takes it away', () => {
    expect(
      told({
        '_shared/x.yaml': 'a: 1',
        '_shared/x@zone=bj.yaml': 'a: {$delete: true}',
        'push/room.yaml': `a: "${ref('_shared/x#/a')}"`,
      }),
    ).toEqual(['error push/room.yaml:1:4 /a: _shared/x has nothing at /a'])
  })

  test('does not hide what else is wrong with the reader, and what it refers to is told once', () => {
    expect(
      told({
        '_shared/x.yaml': 'a: [',
        'push/room.yaml': `a: "${ref('_shared/x#/a')}"\nb: lots`,
        'push/room.schema.json': '{"properties": {"a": {"type": "integer"}, "b": {"type": "integer"}}}',
      }),
    ).toEqual([
      expect.stringContaining('error _shared/x.yaml:1:'),
      'error push/room.yaml:2:4 /b: expected integer, got "lots"',
    ])
  })
})

test('a secret is named, listed, and never judged by its form', () => {
  const output = compiled({
    '_shared/db.yaml': 'password: "${secret:db/main}"',
    'push/room.yaml': `db: {password: "${ref('_shared/db#/password')}", url: "pg://u:$\{secret:db/main}@h"}\nkey: "$\{secret:api}"`,
    'push/room.schema.json': '{"properties": {"key": {"type": "string", "minLength": 40, "pattern": "^[0-9a-f]+$"}}}',
  })
  expect(output.configs.find(({ name }) => name === 'push/room')?.secrets).toEqual([
    { name: 'api', pointers: ['/key'] },
    { name: 'db/main', pointers: ['/db/password', '/db/url'] },
  ])
  expect(effective(output, 'push/room', 'cluster=push role=room')).toEqual({
    db: { password: '${secret:db/main}', url: 'pg://u:${secret:db/main}@h' },
    key: '${secret:api}',
  })
  expect(told({ 'push/a.yaml': 'a: "${secret:../etc}"\nb: "${secret:}"' })).toEqual([
    expect.stringContaining('error push/a.yaml:1:4 /a: ${secret:../etc}: a secret’s name has letters'),
    expect.stringContaining('error push/a.yaml:2:4 /b: ${secret:}: a secret’s name'),
  ])
})

test('whoever refers is compiled again when what it takes changes, and nobody else', () => {
  const files = {
    '_shared/x.yaml': 'a: 1\nb: 1',
    'push/room.yaml': `a: "${ref('_shared/x#/a')}"`,
    'push/gate.yaml': `a: "${ref('push/common#/a')}"`,
    'push/common.yaml': 'a: 5',
  }
  const worked: string[] = []
  const compiler = new IncrementalCompiler({ onProgress: (path) => worked.push(path) })
  const first = tree(files)
  compiler.compile(first)
  worked.length = 0
  const changed = tree({ '_shared/x.yaml': 'a: 2\nb: 1' }).files
  const files2 = first.files.map((file) => changed.find(({ path }) => path === file.path) ?? file)
  const output = compiler.compile({ files: files2, problems: [] })
  expect(effective(output, 'push/room', 'cluster=push role=room')).toEqual({ a: 2 })
  expect(new Set(worked)).toEqual(new Set(['_shared/x.yaml', 'push/room.yaml']))
})
