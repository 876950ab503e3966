import { expect, test } from 'vitest'
import { KeeperError } from '../base/errors.js'
import { wholeOf } from '../base/large-bytes.js'
import { Digester } from '../base/pieces.js'
import { canonicalJson, sha256 } from './canonical.js'
import { compileTree } from './compiler.js'
import { parseConfig } from './parse.js'
import { blobsOfPlain, type LargePlain, restoredPlain, writtenPlain } from './plain-blobs.js'
import { digestOfFile, plainBytes, plainValueOf } from './plain-value.js'
import { inMemory } from './source-file.js'
import type { SourceFile } from './types.js'

/** More than a megabyte: what is made piece by piece. */
const names = Array.from({ length: 40_000 }, (_, at) => `user-${at}@first.example.org/of-all`)

const sources: [extension: 'json' | 'yaml', what: string, text: string][] = [
  ['json', 'the value itself', JSON.stringify(names)],
  ['json', 'with spaces', JSON.stringify({ admins: ['a "b" \\ c'], users: names, zones: { a: [1, 2] } }, null, 3)],
  ['yaml', 'a list', names.map((name) => `- ${name}\n`).join('')],
  ['yaml', 'lists under keys, out of order', `users:\n${names.map((name) => `  - "${name} é"\n`).join('')}`],
  [
    'yaml',
    'two of them',
    `z:\n${names.map((name) => `  - "${name}"\n`).join('')}b:\n    - x\na:\n${names.map((n) => `- ${n}`).join('\n')}`,
  ],
]

const plainOf = (file: SourceFile, format: 'json' | 'yaml'): LargePlain | undefined => {
  const value = plainValueOf({
    name: 'push/room',
    bases: [{ file, format }],
    ...{ overlays: [], overlayLists: [], schemas: [] },
  })
  if (!value || value instanceof Uint8Array) return undefined
  return { ...value, file: digestOfFile(inMemory(file.bytes)) }
}

test.each(sources)('%s, %s: its value is made of the file piece by piece, each as it was', (format, _what, text) => {
  const file = { path: `push/room.${format}`, bytes: Buffer.from(text) }
  const value = canonicalJson(parseConfig(format, text).value as never)
  const plain = plainOf(file, format)
  if (!plain) return expect(text).toContain('é')
  const hash = (plain.digest ?? plain.file).hash
  expect(hash).toBe(sha256(value))
  const arrived = restoredPlain(JSON.parse(JSON.stringify(writtenPlain(plain))), file)
  const made = blobsOfPlain(arrived).get(hash)
  expect(made?.length).toBe(value.length)
  expect(made && Buffer.compare(wholeOf(made), value)).toBe(0)
  expect(Buffer.from(made?.piece(7) ?? []).equals(piece(value, made?.pieces ?? [], 7))).toBe(true)
  const digester = new Digester()
  digester.update(value)
  expect(digester.digest()).toEqual({ hash, pieces: made?.pieces })
  const ofFile = blobsOfPlain(arrived).get(sha256(file.bytes))
  expect(ofFile && Buffer.compare(wholeOf(ofFile), file.bytes)).toBe(0)
})

function piece(value: Uint8Array, pieces: readonly { readonly length: number }[], at: number): Uint8Array {
  const start = pieces.slice(0, at).reduce((sum, { length }) => sum + length, 0)
  return value.subarray(start, start + (pieces[at]?.length ?? 0))
}

test('however little of the file is looked at in one piece, its value is the same, or it is left to the parser', () => {
  for (const [format, , text] of sources.slice(0, 3)) {
    const short =
      format === 'yaml'
        ? text.slice(0, text.indexOf('\n', 40_000) + 1)
        : JSON.stringify(JSON.parse(text).slice?.(0, 900) ?? { a: ['\\', '"'], b: names.slice(0, 700) }, null, 2)
    const whole = plainBytes(Buffer.from(short), format)
    expect(whole).toBeDefined()
    for (const windowBytes of [100, 101, 128, 1_000, 4_097]) {
      const inWindows = plainBytes(Buffer.from(short), format, windowBytes)
      expect(inWindows && Buffer.compare(inWindows, whole as Uint8Array), `${format} ${windowBytes}`).toBe(0)
    }
    expect(plainBytes(Buffer.from(short), format, 20)).toBeUndefined()
  }
})

test('bytes that come bit by bit are cut as they are at once', () => {
  const bytes = Buffer.from(names.join())
  const once = digestOfFile(inMemory(bytes))
  for (const step of [1_000, 4_096, 13_001, 200_000]) {
    const digester = new Digester()
    for (let at = 0; at < bytes.length; at += step) digester.update(bytes.subarray(at, at + step))
    expect(digester.digest()).toEqual(once)
  }
})

test('a file that is another one by now gives nothing that it was not: E_FILE_CHANGED', () => {
  const bytes = Buffer.from(JSON.stringify(names))
  const plain = plainOf({ path: 'push/room.json', bytes }, 'json') as LargePlain
  const made = blobsOfPlain(plain).get(plain.file.hash)
  bytes[100] = 0x7a
  expect(() => made?.piece(0)).toThrow(KeeperError)
  expect(() => made?.piece(0)).toThrow('push/room.json was written while it was read')
  expect(made?.piece(1)).toBeDefined()
})

test('what refers to a large plain config gets of it what it asks for', () => {
  const text = `users:\n${names.map((name) => `  - ${name}\n`).join('')}`
  const { configs, blobs, diagnostics } = compileTree({
    files: [
      { path: 'push/common.yaml', bytes: Buffer.from(text) },
      { path: 'push/room.yaml', bytes: Buffer.from('first: ${ref:push/common#/users/0}\n') },
    ],
    problems: [],
  })
  expect(diagnostics).toEqual([])
  expect(Buffer.from(blobs.get(configs[1]?.variants[0]?.hash ?? '') ?? []).toString()).toBe(
    JSON.stringify({ first: names[0] }),
  )
  expect([...blobs.keys()]).toHaveLength(2)
  expect(blobs.large?.(configs[0]?.variants[0]?.hash ?? '')?.length).toBe(JSON.stringify({ users: names }).length)
})

test('wherever a long line stands, it is in the value, or the file is left to the parser', () => {
  const line = `  - ${'w'.repeat(40)}\n`
  let made = 0
  for (const chars of [1_000, 30_000, 65_000, 66_000, 110_000])
    for (const before of [0, 700, 1_400, 1_485, 1_490, 1_600, 2_900]) {
      const text = `a:\n${line.repeat(600)}b:\n${line.repeat(before)}  - "${'L'.repeat(chars)}"\n${line.repeat(30_000)}`
      const plain = plainOf({ path: 'push/room.yaml', bytes: Buffer.from(text) }, 'yaml')
      if (!plain) continue
      made++
      const value = blobsOfPlain(plain).get(plain.digest?.hash ?? '')
      const { a, b } = JSON.parse(wholeOf(value as never).toString()) as Record<string, string[]>
      expect([a?.length, b?.length, b?.[before]?.length], `${chars} behind ${before}`).toEqual([
        600,
        before + 1 + 30_000,
        chars,
      ])
    }
  expect(made).toBe(3 * 7 - 7 + 7)
})
