import { readdirSync, readFileSync } from 'node:fs'
import { dirname, join, relative, resolve } from 'node:path'
import { describe, expect, test } from 'vitest'

/**
 * The house rules that a compiler does not know: who may import whom, what the pure rooms may not touch, how long a
 * file may be. Each line says why, so that whoever breaks it knows what to do instead.
 */

const root = resolve(import.meta.dirname, '..')

/** Room → the rooms it may import. One way only: nobody imports a room that (indirectly) imports it. */
const mayImport: Record<string, readonly string[]> = {
  base: [],
  raft: ['base'],
  store: ['base'],
  compile: ['base', 'store'],
  storage: ['base', 'raft', 'store'],
  transport: ['base', 'raft'],
  node: ['base', 'raft', 'store', 'storage', 'transport'],
  push: ['base', 'store', 'node'],
  control: ['base', 'store', 'node', 'compile'],
  discovery: ['base', 'store'],
  telemetry: ['base', 'store'],
  api: ['base', 'store', 'node', 'push', 'control', 'compile', 'discovery', 'telemetry'],
  console: ['base', 'store', 'node', 'push', 'control', 'discovery', 'telemetry'],
  cli: ['base', 'store', 'compile', 'control', 'push'],
}

/** File at the root of keeper/src → it composes, nothing imports it but the bin and the command line's `serve`. */
const composers = new Set([
  'main',
  'restore',
  'joining',
  'cluster',
  'logger',
  'readings',
  'certificates',
  'parts',
  'watched-source',
])

/** Package → the only rooms that may use it. */
const packageRooms: Record<string, readonly string[]> = {
  level: ['storage'],
  'classic-level': ['storage'],
  ajv: ['compile'],
  'ajv-formats': ['compile'],
  yaml: ['compile', 'cli'],
  'smol-toml': ['compile'],
  chokidar: ['compile'],
  'dot-properties': ['compile'],
  '@grpc/grpc-js': ['api', 'cli', 'transport'],
  pino: ['logger'],
  'prom-client': ['base', 'console', 'main'],
  commander: ['cli'],
  'jsonc-parser': ['cli', 'compile'],
}

/** What a pure room may not touch: time, chance and effects are handed in, so that the simulator owns them. */
const impure =
  /\b(?:Date\.now|new Date\(\)|performance\.now|Math\.random|setTimeout|setInterval|setImmediate|process\.(?:env|hrtime)|queueMicrotask)\b|from 'node:(?:fs|net|http|http2|timers|child_process|worker_threads)[/']|from '\.\.\/base\/garbage/
const pureRooms = ['raft', 'store']
const pureFiles = (room: string, file: string) =>
  pureRooms.includes(room) || (room === 'compile' && !/(?:watcher|worker|read-tree|thread)[^/]*\.ts$/.test(file))

const linesMax = 400

function filesBelow(folder: string): string[] {
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && entry.name.endsWith('.ts') && !entry.parentPath.includes('/gen'))
    .map((entry) => join(entry.parentPath, entry.name))
    .filter((file) => !/node_modules|\/dist\//.test(file))
}

const importsOf = (text: string): string[] =>
  [...text.matchAll(/(?:from|import)\s*\(?\s*'([^']+)'/g)].map((match) => match[1] as string)

const packageOf = (specifier: string): string =>
  specifier
    .split('/')
    .slice(0, specifier.startsWith('@') ? 2 : 1)
    .join('/')

const keeperSource = join(root, 'keeper/src')
const roomOf = (file: string): string => relative(keeperSource, file).split('/')[0]?.replace(/\.ts$/, '') ?? ''
const keeperFiles = filesBelow(keeperSource)
const product = keeperFiles.filter((file) => !/\.test\.ts$|\/testing\//.test(file))

describe('the rooms', () => {
  test('import only downwards, as the table says', () => {
    const breaches: string[] = []
    for (const file of product) {
      const room = roomOf(file)
      if (composers.has(room)) continue
      const allowed = mayImport[room] ?? []
      for (const specifier of importsOf(readFileSync(file, 'utf8'))) {
        if (!specifier.startsWith('.')) continue
        const target = roomOf(resolve(dirname(file), specifier.replace(/\.js$/, '.ts')))
        if (target === room || allowed.includes(target)) continue
        if (composers.has(target) && room === 'cli') continue
        breaches.push(
          `${relative(root, file)} imports ${specifier}: ${room} may import ${allowed.join(', ') || 'nothing'}`,
        )
      }
    }
    expect(breaches, 'move the code to the room that owns it, or hand it in as a parameter').toEqual([])
  })

  test('know only the packages they own', () => {
    const breaches: string[] = []
    for (const file of product) {
      for (const specifier of importsOf(readFileSync(file, 'utf8'))) {
        const rooms = packageRooms[packageOf(specifier)]
        if (rooms && !rooms.includes(roomOf(file))) breaches.push(`${relative(root, file)} uses ${specifier}`)
      }
    }
    expect(breaches, 'a package has one room, so that it can be replaced in one place').toEqual([])
  })

  test('that are pure touch no clock, no chance, no file and no socket', () => {
    const breaches = product
      .filter((file) => pureFiles(roomOf(file), file))
      .flatMap((file) =>
        readFileSync(file, 'utf8')
          .split('\n')
          .flatMap((line, at) => (impure.test(line) ? [`${relative(root, file)}:${at + 1} ${line.trim()}`] : [])),
      )
    expect(breaches, 'hand it in (base/clock.ts, base/random.ts): the simulator must own it').toEqual([])
  })

  test('are imported by no service: sdk and proto never reach into keeper, the agent only into the sdk', () => {
    const breaches: string[] = []
    const table: Record<string, RegExp> = {
      sdk: /^(?:\.|node:|@keeper\/proto\/wire$)/,
      proto: /^(?:\.|node:|@grpc\/(?:grpc-js|proto-loader)$)/,
      agent: /^(?:\.|node:|@keeper\/sdk$)/,
    }
    // they are built into no package
    const ownTests = new Set(['sdk/src/testing/wire-server.ts'])
    for (const [pkg, allowed] of Object.entries(table)) {
      for (const file of filesBelow(join(root, pkg, 'src'))) {
        if (file.endsWith('.test.ts') || ownTests.has(relative(root, file))) continue
        for (const specifier of importsOf(readFileSync(file, 'utf8'))) {
          const outside =
            specifier.startsWith('.') && !resolve(dirname(file), specifier).startsWith(join(root, pkg, 'src'))
          if (!allowed.test(specifier) || outside) breaches.push(`${relative(root, file)} imports ${specifier}`)
        }
      }
    }
    expect(breaches, 'the sdk lives in other people’s processes').toEqual([])
  })
})

test('no file is longer than a reader can hold', () => {
  const all = ['keeper', 'sdk', 'proto', 'agent', 'test', 'examples'].flatMap((folder) =>
    filesBelow(join(root, folder)),
  )
  const long = all
    .map((file) => ({ file, lines: readFileSync(file, 'utf8').split('\n').length }))
    .filter(({ file, lines }) => lines > linesMax && !file.includes('/gen/') && !file.endsWith('descriptor.ts'))
    .map(({ file, lines }) => `${relative(root, file)}: ${lines} lines`)
  expect(long, `split by duty; ${linesMax} lines at most`).toEqual([])
})
