import { describe, expect, test } from 'vitest'
import { compiled, effective, told } from './testing/effective.js'

const settings = (text: string) => ({ '_keeper/settings.yaml': text })

describe('audiences', () => {
  test('are those of the settings, by name or by folder, with several values for a label', () => {
    const output = compiled({
      ...settings(
        'audiences:\n  push/shared: {cluster: push, role: [room, gate]}\n  ops/*: {team: ops}\n  push/hidden: nobody\n  push/all: everyone\n',
      ),
      'push/shared.yaml': 'a: 1',
      'push/hidden.yaml': 'a: 1',
      'push/all.yaml': 'a: 1',
      'ops/deep/er.yaml': 'a: 1',
    })
    const got = (name: string, labels: string) => effective(output, name, labels)
    expect(got('push/shared', 'cluster=push role=gate')).toEqual({ a: 1 })
    expect(got('push/shared', 'cluster=push role=dispatcher')).toBeUndefined()
    expect(got('ops/deep/er', 'cluster=x role=y team=ops')).toEqual({ a: 1 })
    expect(got('push/hidden', 'cluster=push role=hidden')).toBeUndefined()
    expect(got('push/all', 'cluster=x role=y')).toEqual({ a: 1 })
  })

  test('decide who may refer: the target has to be for everyone that the reader is for', () => {
    const ref = (to: string) => `a: "$\{ref:${to}#/a}"`
    const files = {
      'push/rooms.yaml': 'a: 1',
      'push/bj.yaml': ref('push/rooms'),
      'push/both.yaml': ref('push/rooms'),
      'push/hidden.yaml': 'a: 1',
      'push/reader.yaml': ref('push/hidden'),
    }
    const audiences = [
      'push/rooms: {cluster: push, role: [room, gate]}',
      'push/bj: {cluster: push, role: room, zone: bj}',
      'push/both: {cluster: push, role: [room, dispatcher]}',
      'push/hidden: nobody',
    ]
    expect(told({ ...files, ...settings(`audiences:\n  ${audiences.join('\n  ')}\n`) })).toEqual([
      'error push/both.yaml:1:4 /a: push/both may not take from push/rooms: it is for cluster=push role=room|dispatcher, and push/rooms is only for cluster=push role=room|gate',
    ])
  })

  test('that overlap are told, unless the config is named itself', () => {
    const audiences = 'audiences:\n  push/*: {cluster: push}\n  push/gate/*: {team: x}\n  push/gate/b: {team: y}\n'
    expect(told({ ...settings(audiences), 'push/gate/b.yaml': 'a: 1' })).toEqual([])
    expect(told({ ...settings(audiences), 'push/gate/a.yaml': 'a: 1', 'push/gate/b.yaml': 'a: 1' })).toEqual([
      'error _keeper/settings.yaml:3:3 /audiences/push~1gate~1*: push/* and push/gate/* both say who gets push/gate/a: name the config itself',
    ])
  })
})

test('the order of overlays is the one of the settings', () => {
  const files = { 'push/a.yaml': 'x: 0', 'push/a@zone=bj.yaml': 'x: 1', 'push/a@rack=7.yaml': 'x: 2' }
  const bj = (output: ReturnType<typeof compiled>) => effective(output, 'push/a', 'cluster=push role=a zone=bj rack=7')
  expect(bj(compiled(files))).toEqual({ x: 2 })
  expect(bj(compiled({ ...files, ...settings('overlayOrder: [rack, zone]') }))).toEqual({ x: 1 })
})

test('what is wrong with the settings is told at once, each at its place', () => {
  const text = [
    'overlayOrder: [zone, zone, "a b"]',
    'environments: prod',
    'audiences:',
    '  push/*/x: {a: b}',
    '  push/a: {}',
    '  push/b: {zone: 1, "bad label": x}',
    'colour: red',
  ].join('\n')
  expect(told({ ...settings(text), 'push/a.yaml': 'a: 1' })).toEqual([
    'error _keeper/settings.yaml:1:22 /overlayOrder/1: zone stands here twice',
    'error _keeper/settings.yaml:1:28 /overlayOrder/2: expected the name of a label, got "a b"',
    'error _keeper/settings.yaml:2:15 /environments: expected a list, got "prod"',
    expect.stringContaining(
      "error _keeper/settings.yaml:4:3 /audiences/push~1*~1x: expected a config's name, or FOLDER/*",
    ),
    expect.stringContaining('error _keeper/settings.yaml:5:11 /audiences/push~1a: expected labels'),
    'error _keeper/settings.yaml:6:18 /audiences/push~1b/zone: expected text, got 1: quote it',
    expect.stringContaining('error _keeper/settings.yaml:6:21 /audiences/push~1b/bad label: a label is of letters'),
    expect.stringContaining('error _keeper/settings.yaml:7:1 /colour: unknown setting; there are overlayOrder'),
  ])
})

test('a setting for a config that is not there is warned of', () => {
  const text = 'audiences:\n  push/rom: nobody\nflatProperties: [old/*]\n'
  expect(told({ ...settings(text), 'push/room.yaml': 'a: 1' })).toEqual([
    'warning _keeper/settings.yaml:2:3 /audiences/push~1rom: no config push/rom',
    'warning _keeper/settings.yaml:3:18 /flatProperties/0: no config below old',
  ])
})

test('the settings are kept as a config for nobody, so that they have a history', () => {
  const output = compiled({ ...settings('overlayOrder: [zone]'), 'push/a.yaml': 'a: 1' })
  const [config] = output.configs
  expect(config).toMatchObject({
    name: '_keeper/settings',
    audience: { nobody: true },
    files: [{ path: '_keeper/settings.yaml' }],
  })
  expect(effective(output, '_keeper/settings', 'cluster=push role=a')).toBeUndefined()
})

describe('environments', () => {
  const files = {
    ...settings('environments: [prod, staging]'),
    'push/a.yaml': 'x: 0',
    'push/a@env=prod.yaml': 'addr: prod',
    'push/a@env=staging.yaml': 'addr: staging',
    'push/a@zone=bj.yaml': 'x: 1',
    'push/a.overlays.yaml':
      '- when: {env: prod, zone: bj}\n  set: {x: 2}\n- when: {env: staging, zone: bj}\n  set: {x: 3}\n',
    'push/a.schema.json': '{"required": ["addr"]}',
  }

  test('a keeper of one compiles for it, and its processes need not say where they are', () => {
    const output = compiled(files, { labels: { env: 'prod' } })
    expect(effective(output, 'push/a', 'cluster=push role=a')).toEqual({ x: 0, addr: 'prod' })
    expect(effective(output, 'push/a', 'cluster=push role=a zone=bj')).toEqual({ x: 2, addr: 'prod' })
    expect(output.configs.find(({ name }) => name === 'push/a')?.variants.length).toBe(2)
    expect(output.configs.find(({ name }) => name === 'push/a')?.files.length, 'the texts of all are kept').toBe(6)
  })

  test('without one all of them are checked; a keeper without one is told to say which', () => {
    const output = compiled(files)
    expect(effective(output, 'push/a', 'cluster=push role=a env=staging zone=bj')).toEqual({ x: 3, addr: 'staging' })
    expect(told(files, { labels: {} })).toEqual([
      'error _keeper/settings.yaml /environments: the settings list the environments prod, staging, and this keeper has none: start it with --label env=prod',
    ])
    expect(told(files, { labels: { env: 'prd' } })).toEqual([
      expect.stringContaining('and this keeper says env=prd: start it with --label env=prod'),
    ])
  })

  test('an overlay of one that there is not is an error', () => {
    expect(
      told({ ...settings('environments: [prod]'), 'push/a.yaml': 'a: 1', 'push/a@env=porduction.yaml': 'a: 2' }),
    ).toEqual(['error push/a@env=porduction.yaml: env=porduction is none of the environments in the settings: prod'])
  })

  test('an audience of one is delivered there, and to nobody elsewhere', () => {
    const only = { ...settings('audiences: {push/a: {cluster: push, env: prod}}'), 'push/a.yaml': 'a: 1' }
    expect(effective(compiled(only, { labels: { env: 'prod' } }), 'push/a', 'cluster=push role=x')).toEqual({ a: 1 })
    expect(
      effective(compiled(only, { labels: { env: 'dev' } }), 'push/a', 'cluster=push role=x env=prod'),
    ).toBeUndefined()
  })
})
