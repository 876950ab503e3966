import { expect, test } from 'vitest'
import { encodeText } from '../base/codec.js'
import { IncrementalCompiler } from './compiler.js'
import { packed, unpacked } from './packing.js'
import { tree } from './testing/tree.js'
import type { CompiledConfig } from './types.js'
import type { MadeConfig } from './worked.js'

const hash = (digit: string) => digit.repeat(64)

const config: CompiledConfig = {
  name: 'push/room',
  audience: { labels: { cluster: 'push' } },
  overlays: [{ file: 'push/room@zone=bj.yaml', when: { zone: 'bj' } }],
  variants: [
    { overlays: [], hash: hash('1') },
    { overlays: [0], hash: hash('2') },
  ],
  files: [{ path: 'push/room.yaml', hash: hash('3') }],
}

const made = (config: CompiledConfig, blobs: Record<string, string>): MadeConfig => ({
  config,
  blobs: new Map(Object.entries(blobs).map(([digit, text]) => [hash(digit), encodeText(text)])),
})

/** As it arrives, in another thread, where each was what `before` says. */
function arrived(all: readonly MadeConfig[], before: readonly (MadeConfig | undefined)[] = []) {
  const changed = all.map((made, at) => {
    const known = before[at]
    return { at, made, ...(known && { before: known }) }
  })
  const message = packed(changed)
  const now = unpacked(structuredClone(message), before, () => source)
  return { message, now: all.map((_, at) => shown(now.get(at))) }
}

const source = { path: 'push/room.yaml', bytes: encodeText('a: 1') }

const shown = (made: MadeConfig | undefined) =>
  made && { ...made, blobs: new Map([...made.blobs].map(([key, bytes]) => [key, Buffer.from(bytes).toString()])) }

test('short and long values, of one config after the other, are themselves again', () => {
  const long = 'x'.repeat(100_000)
  const all = [
    made(config, { 1: '{}', 2: long, 3: 'a: 1' }),
    made({ ...config, name: 'push/gate' }, { 1: '{"b":2}', 2: '', 3: 'a: 1' }),
    made({ ...config, name: 'push/hall' }, { 1: `y${long}`, 2: '{"a":1}', 3: 'a: 1' }),
  ]
  expect(arrived(all).now).toEqual(all.map(shown))
})

test('configs that have only other values are made of those before', () => {
  const blobs = { 1: '{}', 2: '[]', 3: 'a: 1' }
  const before = [made(config, blobs), made({ ...config, name: 'push/gate' }, blobs)]
  const [room, gate] = before.map(({ config }) => config) as [CompiledConfig, CompiledConfig]
  const all = [
    made({ ...room, variants: valued(room, '7', '8') }, { 7: '[7]', 8: '[8]', 3: 'a: 1' }),
    made({ ...gate, variants: valued(gate, '9', '1') }, { 9: '[9]', 1: '{}', 3: 'a: 1' }),
  ]
  const { message, now } = arrived(all, before)
  expect(now).toEqual(all.map(shown))
  expect(message.text).not.toContain('push/room.yaml')
  expect(Buffer.from(message.short).toString()).toBe('[7][8][9]')
})

test.each<Partial<CompiledConfig>>([
  { secrets: [] },
  { refs: ['push/common'] },
  { overlays: [{ file: 'push/room@zone=bj.yaml', when: { zone: 'sh' } }] },
  { files: [{ path: 'push/room.yaml', hash: hash('6') }] },
])('whatever else changed arrives with the values: %j', (other) => {
  const before = made(config, { 1: '{}', 2: '[]', 3: 'a: 1' })
  const file = other.files ? { 6: 'a: 1' } : { 3: 'a: 1' }
  const after = made({ ...config, ...other, variants: valued(config, '1', '7') }, { 1: '{}', 7: '[7]', ...file })
  expect(arrived([after], [before]).now).toEqual([shown(after)])
})

test('of configs whose overlays changed places, these alone are written', () => {
  const files = ['gate', 'hall', 'room'].flatMap((role): [string, string][] => [
    [`push/${role}.yaml`, `max: 1\nrole: ${role}\n`],
    [`push/${role}@zone=bj.yaml`, 'max: 2\n'],
    [`push/${role}@track=canary.yaml`, 'max: 3\n'],
  ])
  const configs = tree(Object.fromEntries(files)).files
  const compiler = new IncrementalCompiler()
  const [before, after] = ['[zone, track]', '[track, zone]'].map((order) => {
    const settings = tree({ '_keeper/settings.yaml': `overlayOrder: ${order}\n` }).files
    const made = compiler.work({ files: [...settings, ...configs], problems: [] }).made.slice(1)
    return made.map(({ config, blobs }) => ({ config, blobs }))
  }) as [MadeConfig[], MadeConfig[]]
  const { message, now } = arrived(after, before)
  expect(now).toEqual(after.map(shown))
  expect(message.text).not.toContain('push/')
  expect(message.short.length).toBe(0)
})

test('variants that are told apart in the same way are written once', () => {
  const blobs = { 1: '{}', 2: '[]', 3: 'a: 1' }
  const all = ['push/gate', 'push/hall', 'push/room'].map((name) => made({ ...config, name }, blobs))
  const { message, now } = arrived(all)
  expect(now).toEqual(all.map(shown))
  expect(message.text.split('[[],[0]]')).toHaveLength(2)
})

const valued = ({ variants }: CompiledConfig, ...digits: string[]): CompiledConfig['variants'] =>
  variants.map(({ overlays }, at) => ({ overlays, hash: hash(digits[at] ?? '0') }))
