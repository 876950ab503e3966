import { expect, test } from 'vitest'
import { encodeText } from '../base/codec.js'
import { IncrementalCompiler } from './compiler.js'
import { tree } from './testing/tree.js'
import type { SourceTree } from './types.js'

/** CPU milliseconds of this process: a busy machine changes them little. */
function cpuMs(work: () => void): number {
  const begun = process.cpuUsage()
  work()
  const { user, system } = process.cpuUsage(begun)
  return (user + system) / 1000
}

const schemaOf = (at: number) =>
  JSON.stringify({
    $schema: 'http://json-schema.org/draft-07/schema#',
    type: 'object',
    properties: {
      maxConnections: { type: 'integer', minimum: 1, maximum: 1_000_000 + at },
      idleTimeout: { type: 'integer', unit: 'ms', default: '5m' },
      redis: {
        type: 'object',
        properties: { addr: { type: 'string', pattern: '^[^:]+:\\d+$' }, db: { type: 'integer', default: 0 } },
        required: ['addr'],
      },
      routes: { type: 'array', items: { type: 'object', required: ['prefix', 'weight'] } },
    },
    required: ['maxConnections'],
  })

const routes = (count: number) =>
  Array.from({ length: count }, (_, at) => `  - {prefix: /v${at}/users, weight: ${at % 10}, note: "route ${at}"}`)

const text = (at: number, max = 1000) =>
  [`maxConnections: ${max + at}`, 'redis:', '  addr: 10.0.0.1:6379', 'routes:', ...routes(10)].join('\n')

/** 1,000 files of about 600 bytes: 600 configs, 200 overlays, 200 schemas. */
function thousandFiles(): SourceTree {
  const files: Record<string, string> = {}
  for (let at = 0; at < 600; at++) files[`push${at % 10}/role${at}.yaml`] = text(at)
  for (let at = 0; at < 200; at++) files[`push${at % 10}/role${at}@zone=bj.yaml`] = `maxConnections: ${at + 1}`
  for (let at = 0; at < 200; at++) files[`push${at % 10}/role${at}.schema.json`] = schemaOf(at)
  return tree(files)
}

test('1,000 files compile within 2 s, and one changed file among them within 100 ms', () => {
  const source = thousandFiles()
  const compiler = new IncrementalCompiler()
  const all = cpuMs(() => expect(compiler.compile(source).ok).toBe(true))
  const changes = [3, 250, 599].map((at) => {
    const path = `push${at % 10}/role${at}.yaml`
    const files = source.files.map((file) => (file.path === path ? { path, bytes: encodeText(text(at, 2000)) } : file))
    return cpuMs(() => expect(compiler.compile({ files, problems: [] }).ok).toBe(true))
  })
  expect(all).toBeLessThan(2_000)
  expect(Math.max(...changes)).toBeLessThan(100)
  process.stdout.write(
    `compile: 1,000 files ${Math.round(all)} ms CPU; one changed ${changes.map((ms) => ms.toFixed(1)).join(', ')} ms\n`,
  )
})

test('one changed overlay among 1,000 of five configs compiles within 100 ms', () => {
  const files: Record<string, string> = {}
  for (let config = 0; config < 5; config++) {
    files[`push/role${config}.yaml`] = text(config)
    for (let at = 0; at < 199; at++) files[`push/role${config}@instance=i${at}.yaml`] = `maxConnections: ${at + 1}`
  }
  const source = tree(files)
  const compiler = new IncrementalCompiler()
  compiler.compile(source)
  const path = 'push/role3@instance=i77.yaml'
  const changed = source.files.map((file) =>
    file.path === path ? { path, bytes: encodeText('maxConnections: 7') } : file,
  )
  const spent = cpuMs(() => expect(compiler.compile({ files: changed, problems: [] }).ok).toBe(true))
  expect(spent).toBeLessThan(100)
  process.stdout.write(`compile: one overlay of 995 changed ${spent.toFixed(1)} ms\n`)
})
