import { expect, test } from 'vitest'
import { encodeText } from '../base/codec.js'
import { packed, unpacked } from './packing.js'
import type { CompiledConfig } from './types.js'
import type { ChangedConfig } from './worker-messages.js'

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

const changed = (config: CompiledConfig, blobs: Record<string, string>): ChangedConfig => ({
  config,
  newBlobs: new Map(Object.entries(blobs).map(([digit, text]) => [hash(digit), encodeText(text)])),
  hasSameBlobs: false,
})

const shown = (all: readonly ChangedConfig[]) =>
  all.map(({ config, newBlobs }) => [config, [...newBlobs].map(([key, bytes]) => [key, Buffer.from(bytes).toString()])])

test('short and long values, of one config after the other, are themselves again', () => {
  const long = 'x'.repeat(100_000)
  const all = [
    changed(config, { 1: '{}', 2: long }),
    changed({ ...config, name: 'push/gate' }, {}),
    changed({ ...config, name: 'push/hall' }, { 4: '', 5: `y${long}`, 6: '{"a":1}' }),
  ]
  const message = structuredClone(packed(all))
  expect(shown(unpacked(message, () => undefined))).toEqual(shown(all))
})

test('a config that has only other values is made of the one before', () => {
  const before = { ...config, overlays: [] }
  const after = { ...before, variants: [{ overlays: [], hash: hash('7') }] }
  const message = packed([{ ...changed(after, { 7: '[]' }), before }])
  expect(message.text).not.toContain('push/room.yaml')
  expect(unpacked(message, () => before)[0]?.config).toEqual(after)
  const other = packed([{ ...changed({ ...after, secrets: [] }, {}), before }])
  expect(unpacked(other, () => before)[0]?.config).toEqual({ ...after, secrets: [] })
})
