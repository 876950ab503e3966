import { expect, test } from 'vitest'
import { compileTree } from './compiler.js'
import { tree } from './testing/tree.js'
import { type GeneratedTypes, staleIn } from './typed-configs.js'
import { typesOf } from './typescript.js'

const generated = (files: Record<string, string>): GeneratedTypes => {
  const source = tree(files)
  return typesOf(compileTree(source), source)
}
const typesFor = (files: Record<string, string>): string => generated(files).text

test('types come from the schema, or else from the values of all variants', () => {
  const schema = {
    properties: {
      maxConnections: { type: 'integer', description: 'Per process.', default: 1000 },
      timeout: { type: 'number', unit: 'ms' },
      mode: { enum: ['fast', 'safe'] },
      redis: { $ref: '#/$defs/redis' },
      peers: { type: 'array', items: { type: ['string', 'null'] } },
    },
    required: ['mode'],
    additionalProperties: false,
    $defs: { redis: { type: 'object', properties: { addr: { type: 'string' } }, required: ['addr'] } },
  }
  expect(
    typesFor({
      'push/room.yaml': 'mode: fast',
      'push/room.schema.json': JSON.stringify(schema),
      'push/common.yaml': 'a-b: [1, x]\non: true\nnone: []\n',
      'push/common@zone=bj.yaml': 'extra: {deep: 1}\n',
    }),
  ).toBe(`// Made by \`keeper types\`: do not edit, make it again.
import type {} from '@keeper/sdk'

declare module '@keeper/sdk' {
  interface Configs {
    'push/common': {
      readonly 'a-b': readonly (number | string)[]
      readonly extra?: {
        readonly deep: number
      }
      readonly none: readonly unknown[]
      readonly on: boolean
    }
    'push/room': {
      /** Per process. */
      readonly maxConnections: number
      readonly mode: "fast" | "safe"
      readonly peers?: readonly (string | null)[]
      readonly redis?: {
        readonly addr: string
        readonly [key: string]: unknown
      }
      /** Unit: ms. */
      readonly timeout?: number
    }
  }
}
`)
})

test('the order of files and keys does not matter', () => {
  expect(typesFor({ 'push/a.yaml': 'x: 1\ny: b', 'push/b.yaml': '{}' })).toBe(
    typesFor({ 'push/b.json': '{}', 'push/a.json': '{"y": "c", "x": 2}' }),
  )
})

test('configs with errors have no types', () => {
  expect(() => typesFor({ 'push/a.yaml': 'x: [' })).toThrow(expect.objectContaining({ code: 'E_INVALID_CONFIG' }))
})

test('what is stale in a module is told by config', () => {
  const standing = typesFor({ 'push/a.yaml': 'x: 1', 'push/b.yaml': "it's: {x: 1}", 'push/it\'s "c".yaml': '{}' })
  const fresh = generated({ 'push/a.yaml': 'x: [1]', 'push/b.yaml': "it's: {x: 2}", 'push/d.yaml': '{}' })
  expect(staleIn(standing, fresh)).toEqual([
    'push/a has changed',
    'push/d is missing',
    'push/it\'s "c" exists no longer',
  ])
  expect(staleIn(fresh.text, fresh)).toEqual([])
  expect(staleIn(`${fresh.text}// mine\n`, fresh)).toEqual(['it was edited, or written by another version of keeper'])
})
