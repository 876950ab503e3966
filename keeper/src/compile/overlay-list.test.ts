import { expect, test } from 'vitest'
import { combinations } from './combinations.js'
import { compiled, effective, told } from './testing/effective.js'

const base = { 'push/room.yaml': 'max: 1\nredis: {addr: a}\nkeep: 1\n' }
const room = (output: ReturnType<typeof compiled>, labels: string) =>
  effective(output, 'push/room', `cluster=push role=room ${labels}`)

test('a list has overlays with several labels, alternatives and lists of values', () => {
  const output = compiled({
    ...base,
    'push/room@zone=bj.yaml': 'max: 2',
    'push/room.overlays.yaml': [
      '- when: {zone: bj, track: canary}',
      '  set: {max: 3, redis: {$delete: true}}',
      '- when: [{zone: [sh, gz]}, {instance: room-7}]',
      '  set: {max: 4}',
    ].join('\n'),
  })
  expect(room(output, 'zone=bj')).toEqual({ max: 2, redis: { addr: 'a' }, keep: 1 })
  expect(room(output, 'zone=bj track=canary')).toEqual({ max: 3, keep: 1 })
  expect(room(output, 'zone=gz')).toMatchObject({ max: 4 })
  expect(room(output, 'zone=bj track=canary instance=room-7')).toEqual({ max: 4, keep: 1 })
  expect(room(output, 'zone=sz track=canary')).toMatchObject({ max: 1 })
})

test('the strongest label decides, and of two that agree the one with more labels', () => {
  const output = compiled({
    ...base,
    'push/room@track=canary.yaml': 'max: 2\nkeep: 2',
    'push/room.overlays.yaml':
      '- when: {env: x, idc: y, zone: bj}\n  set: {max: 3, keep: 3}\n- when: {track: canary, env: x}\n  set: {keep: 4}\n',
  })
  expect(room(output, 'env=x idc=y zone=bj track=canary')).toMatchObject({ max: 2, keep: 4 })
})

test('what is wrong with a list is told at once, each at its place', () => {
  const text = [
    '- when: {zone: bj}',
    '- set: {a: 1}',
    '- {when: {zone: 1}, set: {a: null}}',
    '- {when: {}, set: {}, unless: {}}',
    '- {when: [], set: 5}',
    '- {when: {zone: bj}, set: {a: {$delete: true, b: 1}}}',
    '- text',
  ].join('\n')
  expect(told({ ...base, 'push/room.overlays.yaml': text })).toEqual([
    'error push/room.overlays.yaml:1:3 /0: set is missing: what is laid over the base',
    'error push/room.overlays.yaml:2:3 /1: when is missing: the labels that a process must have',
    'error push/room.overlays.yaml:3:17 /2/when/zone: expected text, got 1: quote it',
    'error push/room.overlays.yaml:3:30 /2/set/a: null in an overlay: write {$delete: true} to delete',
    'error push/room.overlays.yaml:4:10 /3/when: expected at least one label: what is for everyone stands in the base',
    'error push/room.overlays.yaml:4:23 /3/unless: unknown key "unless": expected when and set',
    'error push/room.overlays.yaml:5:10 /4/when: expected labels, got an empty list',
    'error push/room.overlays.yaml:5:19 /4/set: expected an object or an array, got 5',
    'error push/room.overlays.yaml:6:31 /5/set/a: deletion is written KEY: {$delete: true}, with nothing beside it',
    'error push/room.overlays.yaml:7:3 /6: expected {when, set}, got "text"',
  ])
})

test('the same labels twice, in a list or beside it, and a list without its config', () => {
  const list = '- when: {zone: bj}\n  set: {max: 2}\n- when: {zone: bj}\n  set: {max: 3}\n'
  expect(told({ ...base, 'push/room.overlays.yaml': list })).toEqual([
    'error push/room.overlays.yaml:4:8 /1/set: the same labels as entry 0 of push/room.overlays.yaml: put both into one',
  ])
  const one = '- when: {zone: bj}\n  set: {max: 2}\n'
  expect(told({ ...base, 'push/room@zone=bj.yaml': 'max: 1', 'push/room.overlays.yaml': one })).toEqual([
    'error push/room.overlays.yaml:2:8 /0/set: the same labels as push/room@zone=bj.yaml: put both into one',
  ])
  expect(told({ 'push/lone.overlays.yaml': one, 'push/a.yaml': 'a: 1' })).toEqual([
    'error push/lone.overlays.yaml: list of overlays without its config: push/lone.yaml is missing',
  ])
  expect(told({ ...base, 'push/room.overlays.toml': 'a = 1' })).toEqual([
    'error push/room.overlays.toml: a list of overlays is written as YAML or JSON: NAME.overlays.yaml',
  ])
})

test('a fault of the schema is told at the entry that brought it', () => {
  expect(
    told({
      ...base,
      'push/room.overlays.yaml': '- when: {zone: bj, track: canary}\n  set:\n    max: lots\n',
      'push/room.schema.json': '{"properties": {"max": {"type": "integer"}}}',
    }),
  ).toEqual(['error push/room.overlays.yaml:3:10 /max: expected integer, got "lots"'])
})

test('an entry that nobody can match is warned of', () => {
  const list = '- when: {role: gate, zone: bj}\n  set: {max: 2}\n'
  expect(told({ ...base, 'push/room.overlays.yaml': list })).toEqual([
    'warning push/room.overlays.yaml:2:8 /0/set: no process can match this overlay: the config is for cluster=push role=room',
  ])
})

test('fifty entries of two labels each are fifty combinations, not their product', () => {
  const whens = Array.from({ length: 50 }, (_, at) => ({ zone: `z${at}`, track: `t${at}` }))
  expect(combinations(whens, { labels: {} })?.length).toBe(51)
})

test('only what can be satisfied together is a combination', () => {
  const whens = [{ zone: 'bj' }, { zone: 'sh' }, { zone: 'bj', track: 'canary' }, { role: 'gate' }]
  expect(combinations(whens, { labels: { role: ['room', 'gate'] } })).toEqual([
    [],
    [0],
    [1],
    [3],
    [0, 2],
    [0, 3],
    [1, 3],
    [0, 2, 3],
  ])
  expect(combinations(whens, { labels: { role: 'gate', zone: 'bj' } })).toEqual([
    [0, 3],
    [0, 2, 3],
  ])
})

test('more than 1,024 combinations are an error, whoever brings them', () => {
  const zones = Object.fromEntries(Array.from({ length: 32 }, (_, at) => [`push/room@zone=z${at}.yaml`, `max: ${at}`]))
  const tracks = Object.fromEntries(
    Array.from({ length: 32 }, (_, at) => [`push/common@track=t${at}.yaml`, `x: ${at + 2}`]),
  )
  const ref = `max: 1\nx: "$\{ref:push/common#/x}"`
  expect(told({ ...zones, ...tracks, 'push/common.yaml': 'x: 1', 'push/room.yaml': ref })).toEqual([
    'error push/room.yaml: 64 overlays, 32 of them of what it refers to, make too many combinations, more than 1024',
  ])
})
