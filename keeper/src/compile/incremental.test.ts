// biome-ignore-all lint/suspicious/noTemplateCurlyInString: placeholders are what it is about

import { expect, test } from 'vitest'
import { seededRandom } from '../base/random.js'
import { compileTree, IncrementalCompiler } from './compiler.js'
import { changesBetween, withChanges } from './made-changes.js'
import { effective } from './testing/effective.js'
import { tree } from './testing/tree.js'
import type { CompileOutput, SourceFile, SourceTree } from './types.js'
import { type MadeConfig, outputOf } from './worked.js'

const ref = (to: string) => `$\{ref:${to}}`

/** A directory under edit, as a watcher hands it on: what stays as it is stays the same object. */
class Folder {
  /** Paths in the order in which work on them began: a config once for each file that is read, and once for its values. */
  readonly steps: string[] = []
  readonly #compiler = new IncrementalCompiler({ onProgress: (path) => this.steps.push(path) })
  readonly #files = new Map<string, SourceFile>()
  #made: readonly MadeConfig[] = []
  #arrived: readonly MadeConfig[] = []

  /** Writes files, or removes those that are undefined, and compiles. */
  edit(files: Readonly<Record<string, string | undefined>>): CompileOutput {
    for (const [path, text] of Object.entries(files)) {
      if (text === undefined) this.#files.delete(path)
      else for (const file of tree({ [path]: text }).files) this.#files.set(path, file)
    }
    this.steps.length = 0
    const { made, ok, diagnostics } = this.#compiler.work(this.tree())
    if (ok) this.#send(made)
    return outputOf({ ok, made: ok ? this.#arrived : [], diagnostics })
  }

  /** As from the thread of the compiler to that of the keeper. */
  #send(made: readonly MadeConfig[]): void {
    const changes = structuredClone(changesBetween(this.#made, made))
    this.#made = made
    this.#arrived = withChanges(this.#arrived, changes, (path) => this.#files.get(path))
  }

  get worked(): ReadonlySet<string> {
    return new Set(this.steps)
  }

  tree(): SourceTree {
    return { files: [...this.#files.values()].sort((a, b) => (a.path < b.path ? -1 : 1)), problems: [] }
  }
}

const shared = {
  '_shared/redis.yaml': 'addr: a\nport: 1\n',
  'push/room.yaml': `addr: "${ref('_shared/redis#/addr')}"\n`,
  'push/gate.yaml': `port: "${ref('_shared/redis#/port')}"\n`,
}

test('whoever refers is left alone while the value that it takes stays', () => {
  const folder = new Folder()
  folder.edit(shared)
  const output = folder.edit({ '_shared/redis.yaml': '# moved\naddr: a\nport: 2\n' })
  expect(folder.worked).toEqual(new Set(['_shared/redis.yaml', 'push/gate.yaml']))
  expect(effective(output, 'push/gate', 'cluster=push role=gate')).toEqual({ port: 2 })
  expect(output).toEqual(compileTree(folder.tree()))
})

test('an overlay that makes a difference to what is taken reaches whoever refers, another one does not', () => {
  const folder = new Folder()
  folder.edit(shared)
  folder.edit({ '_shared/redis@zone=bj.yaml': 'port: 9' })
  expect(folder.worked).not.toContain('push/room.yaml')
  const output = folder.edit({ '_shared/redis@zone=bj.yaml': 'addr: bj' })
  expect(effective(output, 'push/room', 'cluster=push role=room zone=bj')).toEqual({ addr: 'bj' })
  expect(output).toEqual(compileTree(folder.tree()))
})

test('what is told of a value that was taken says where it stands now', () => {
  const folder = new Folder()
  folder.edit({ ...shared, 'push/room.schema.json': '{"properties": {"addr": {"type": "integer"}}}' })
  const output = folder.edit({ '_shared/redis.yaml': '# moved\naddr: a\nport: 1\n' })
  expect(output.diagnostics[0]?.message).toContain('_shared/redis.yaml:2:7')
})

test('configs that refer stay parsed: what all of them take may change at any time, and no file is parsed again', () => {
  const folder = new Folder()
  folder.edit(shared)
  for (const max of [1, 2, 3]) folder.edit({ 'push/other.yaml': `max: ${max}` })
  folder.edit({ '_shared/redis.yaml': 'addr: b\nport: 1\n' })
  expect(folder.steps).toEqual(['_shared/redis.yaml', '_shared/redis.yaml', 'push/room.yaml'])
})

test('settings that say the same of a config leave it alone', () => {
  const folder = new Folder()
  const canary = { 'push/x@zone=bj.yaml': 'a: 2', 'push/x@track=canary.yaml': 'a: 3\nb: 3' }
  folder.edit({ ...shared, 'push/x.yaml': 'a: 1', ...canary, 'push/y.yaml': 'a: 1' })
  const output = folder.edit({ '_keeper/settings.yaml': 'audiences: {push/y: {cluster: push, role: gate}}' })
  expect(folder.worked).toEqual(new Set(['push/y.yaml']))
  expect(output).toEqual(compileTree(folder.tree()))
  folder.edit({
    '_keeper/settings.yaml': 'overlayOrder: [track, zone]\naudiences: {push/y: {cluster: push, role: gate}}',
  })
  expect(folder.worked).not.toContain('push/y.yaml')
  expect(folder.worked).toContain('push/x.yaml')
})

const laidOver = {
  'push/room.yaml': 'a: 1\nb: 1\n',
  'push/room@zone=bj.yaml': 'a: 2\n',
  'push/room@track=canary.yaml': 'b: 3\n',
  'push/gate.yaml': 'a: 1\n',
  'push/gate@zone=bj.yaml': 'a: 2\n',
  'push/gate@track=canary.yaml': 'a: 3\n',
}

test('an order of overlays that makes no new value moves those that there are, and nothing is read', () => {
  const folder = new Folder()
  folder.edit(laidOver)
  const output = folder.edit({ '_keeper/settings.yaml': 'overlayOrder: [track, zone]' })
  expect(folder.worked).toEqual(new Set())
  expect(output.configs.find(({ name }) => name === 'push/room')?.overlays.map(({ file }) => file)).toEqual([
    'push/room@track=canary.yaml',
    'push/room@zone=bj.yaml',
  ])
  expect(effective(output, 'push/gate', 'cluster=push role=gate zone=bj track=canary')).toEqual({ a: 2 })
  expectSame(output, compileTree(folder.tree()))
})

test('an order of overlays that makes a new value has the config compiled, and no other', () => {
  const folder = new Folder()
  folder.edit({ ...laidOver, 'push/gate@track=canary.yaml': 'a: 3\nc: 3\n' })
  const output = folder.edit({ '_keeper/settings.yaml': 'overlayOrder: [track, zone]' })
  expect([...folder.worked].every((path) => path.startsWith('push/gate'))).toBe(true)
  expect(effective(output, 'push/gate', 'cluster=push role=gate zone=bj track=canary')).toEqual({ a: 2, c: 3 })
  expectSame(output, compileTree(folder.tree()))
})

test('overlays that changed places twice, while something else was wrong, arrive where they were', () => {
  const folder = new Folder()
  const alike = { 'push/gate@zone=bj.yaml': 'a: 1\n', 'push/gate@track=canary.yaml': 'a: 1\n' }
  folder.edit({ ...laidOver, ...alike, '_keeper/settings.yaml': 'overlayOrder: [zone, track]' })
  folder.edit({ 'push/wrong.yaml': 'a: [', '_keeper/settings.yaml': 'overlayOrder: [track, zone]' })
  const output = folder.edit({ 'push/wrong.yaml': 'a: 1', '_keeper/settings.yaml': 'overlayOrder: [zone, track]' })
  expectSame(output, compileTree(folder.tree()))
})

test('a value that no process can have any more in another order of overlays is gone, with its secret', () => {
  const audience = 'audiences: {push/gate: {cluster: push, zone: bj}}\n'
  for (const value of ['3', '"${secret:s}"']) {
    const folder = new Folder()
    folder.edit({ ...laidOver, 'push/gate@track=canary.yaml': `a: ${value}\n`, '_keeper/settings.yaml': audience })
    const output = folder.edit({ '_keeper/settings.yaml': `${audience}overlayOrder: [track, zone]\n` })
    expect(effective(output, 'push/gate', 'cluster=push role=gate zone=bj track=canary')).toEqual({ a: 2 })
    expectSame(output, compileTree(folder.tree()))
  }
})

test('an order of labels that a config does not use leaves it alone, and so do environments', () => {
  const folder = new Folder()
  folder.edit(laidOver)
  folder.edit({ '_keeper/settings.yaml': 'overlayOrder: [rack, zone, row, track]\nenvironments: [prod, test]' })
  expect(folder.worked).toEqual(new Set())
})

test('environments that come and go reach a config by what it refers to', () => {
  const folder = new Folder()
  folder.edit({ ...shared, '_shared/redis@env=prod.yaml': 'addr: prod' })
  for (const environments of ['[prod, test]', '[prod]', '[test, prod, dev]']) {
    const output = folder.edit({ '_keeper/settings.yaml': `environments: ${environments}` })
    expect(output).toEqual(compileTree(folder.tree()))
  }
})

test('a file that comes or goes leaves the other configs alone', () => {
  const folder = new Folder()
  folder.edit(shared)
  folder.edit({ 'push/new.yaml': 'a: 1' })
  expect(folder.worked).toEqual(new Set(['push/new.yaml']))
  folder.edit({ 'push/new.yaml': undefined })
  expect(folder.worked).toEqual(new Set())
})

test.each([
  [
    { 'push/gate.yaml': 'a: 1', 'push/room.yaml': 'a: 1' },
    { 'push/gate.yaml': 'a: 2', 'push/room.yaml': 'a: 2' },
  ],
  [{ 'push/gate.yaml': `a: ${ref('_shared/a#/x')}`, '_shared/a.yaml': 'x: 1' }, { '_shared/a.yaml': 'x: 2' }],
])('what a compile that failed did not come to is not taken for unchanged by the next', (files, edit) => {
  let fails = false
  const compiler = new IncrementalCompiler({
    onProgress: (path) => {
      if (fails && path === 'push/gate.yaml') throw new Error('a defect')
    },
  })
  compiler.compile(tree(files as Record<string, string>))
  const after = tree({ ...files, ...edit } as Record<string, string>)
  fails = true
  expect(() => compiler.compile(after)).toThrow('a defect')
  fails = false
  expect(compiler.compile(after)).toEqual(compileTree(after))
})

test.each([1, 2])('edit after edit gives what compiling anew gives (seed %d)', (seed) => walk(seed, 120, texts))

test.each([3, 4])(
  'whatever order overlays are laid in, edit after edit gives what compiling anew gives (seed %d)',
  (seed) => walk(seed, 150, orders),
)

test.each([5, 6])('whatever is taken of others, edit after edit gives what compiling anew gives (seed %d)', (seed) =>
  walk(seed, 120, fillings, new Set(['push/refers.yaml', '_shared/a.yaml', '_shared/b.yaml'])),
)

test('what is taken is turned into the unit of a schema and checked by it, as when it is read', () => {
  const folder = new Folder()
  folder.edit({
    '_shared/a.yaml': 'x: 1\n',
    'push/room.yaml': `max: "${ref('_shared/a#/x')}"\n`,
    'push/room.schema.json': '{"properties": {"max": {"type": "integer", "unit": "s", "maximum": 600}}}',
  })
  for (const x of ['5m', '2', '1h', '3', 'text', '4m']) {
    const output = folder.edit({ '_shared/a.yaml': `x: ${x}\n` })
    expectSame(output, compileTree(folder.tree()), x)
    expect(output.ok, x).toBe(!['1h', 'text'].includes(x))
  }
})

test('a circle of references is told as long as it is there, whatever else changes', () => {
  const folder = new Folder()
  folder.edit({
    '_shared/a.yaml': `x: "${ref('_shared/b#/x')}"\n`,
    '_shared/b.yaml': `x: "${ref('_shared/a#/x')}"\n`,
    'push/room.yaml': `a: "${ref('_shared/a#/x')}"\n`,
  })
  for (const edit of [{ 'push/gate.yaml': 'a: 1\n' }, { 'push/gate.yaml': 'a: 2\n' }, { '_shared/b.yaml': 'x: 1\n' }]) {
    const output = folder.edit(edit)
    expectSame(output, compileTree(folder.tree()))
    expect(output.ok).toBe('_shared/b.yaml' in edit)
  }
})

test('where only the value that is taken changes, nothing is read, whatever stands around it', () => {
  const folder = new Folder()
  folder.edit({
    '_shared/a.yaml': 'x: 1\n',
    '_shared/a@zone=bj.yaml': 'x: 2\n',
    'push/room.yaml': `b: "x${ref('_shared/a#/x')}y${ref('_shared/a#/x')}"\na: {c: "${ref('_shared/a')}", d: 1}\n`,
    'push/room@track=canary.yaml': 'b: 3\nf: "5m"\n',
    'push/room.schema.json':
      '{"properties": {"e": {"default": 7}, "f": {"type": "integer", "unit": "s", "default": 1}}}',
  })
  const output = folder.edit({ '_shared/a@zone=bj.yaml': 'x: "\\"9\\""\n' })
  expect(folder.worked).toEqual(new Set(['_shared/a.yaml', '_shared/a@zone=bj.yaml', 'push/room.yaml']))
  expect(folder.steps.filter((path) => path.startsWith('push/room'))).toEqual(['push/room.yaml'])
  expect(effective(output, 'push/room', 'cluster=push role=room zone=bj')).toEqual({
    ...{ a: { c: { x: '"9"' }, d: 1 }, b: 'x"9"y"9"', e: 7, f: 1 },
  })
  expect(effective(output, 'push/room', 'cluster=push role=room zone=bj track=canary')).toMatchObject({ b: 3, f: 300 })
  expectSame(output, compileTree(folder.tree()))
})

test('a text that a reference brings is never taken for a reference, and a secret that it brings is listed', () => {
  const folder = new Folder()
  const a = (x: string) => ({ '_shared/a.yaml': `x: '${x}'\n` })
  folder.edit({ ...a('1'), 'push/room.yaml': `a: "$${ref('_shared/a#/x')}"\nb: "${ref('_shared/a#/x')}"\n` })
  for (const x of ['{ref:_shared/a#/x}', '{secret:s}', '${secret:s}', '2']) {
    const output = folder.edit(a(x))
    expectSame(output, compileTree(folder.tree()), x)
    expect(output.configs.at(-1)?.secrets?.length ?? 0).toBe(x.includes('secret') ? 1 : 0)
  }
})

function walk(seed: number, edits: number, texts: Texts, lasting = lastingPaths): void {
  const random = seededRandom(seed)
  const one = <T>(of: readonly T[]): T => of[random.below(of.length)] as T
  const folder = new Folder()
  const paths = Object.keys(texts)
  let sound = 0
  for (const path of paths) if (path !== 'Push/gate.yaml') folder.edit({ [path]: texts[path]?.[0] })
  for (let edit = 0; edit < edits; edit++) {
    const path = one(paths)
    const goes = !lasting.has(path) && random.below(10) < (path === 'Push/gate.yaml' ? 9 : 1)
    const [first = '', ...others] = texts[path] ?? []
    const text = random.below(3) > 0 || others.length === 0 ? first : one(others)
    const output = folder.edit({ [path]: goes ? undefined : text })
    expectSame(output, compileTree(folder.tree()), `edit ${edit}: ${path}`)
    sound += output.ok ? 1 : 0
  }
  // where there are errors, hardly anything is compared
  expect(sound).toBeGreaterThan(edits / 10)
}

/** Blobs are named by their hashes: in which order they come is nothing. */
function expectSame(output: CompileOutput, anew: CompileOutput, when = ''): void {
  expect({ ...output, blobs: new Map(output.blobs) }, when).toEqual({ ...anew, blobs: new Map(anew.blobs) })
}

const settings = '_keeper/settings.yaml'
const lastingPaths: ReadonlySet<string> = new Set(['push/plain.yaml', 'push/refers.yaml'])

type Texts = Readonly<Record<string, readonly string[]>>

/** Files and what may stand in them, sound and not: most often the first. */
const texts: Readonly<Record<string, readonly string[]>> = {
  '_shared/a.yaml': ['x: 1\ny: 2\n', '# moved\nx: 1\ny: 3\n', 'x: text\n', 'x: [\n', `x: "${ref('_shared/b#/x')}"\n`],
  '_shared/a@zone=bj.yaml': ['x: 5\n', 'y: 6\n', '{}\n'],
  '_shared/b.yaml': ['x: 7\n', `x: "${ref('_shared/a#/x')}"\n`, `x: "${ref('push/room#/max')}"\n`],
  'push/room.yaml': [
    `max: "${ref('_shared/a#/x')}"\n`,
    'max: 1\n',
    `max: "${ref('_shared/b#/x')}"\nall: "${ref('_shared/a')}"\n`,
  ],
  'push/room@track=canary.yaml': [`max: "${ref('_shared/a#/y')}"\n`, 'max: {$delete: true}\n'],
  'push/room.schema.json': ['{"properties": {"max": {"type": "integer", "default": 3}}}', '{}', '{"properties": 1}'],
  'push/gate.yaml': [
    `max: "${ref('_shared/b#/x')}"\n`,
    `max: "${ref('push/room#/max')}"\n`,
    `text: "a ${ref('push/room#/max')}"\n`,
  ],
  'Push/gate.yaml': ['a: 1\n'],
  '_keeper/settings.yaml': [
    'overlayOrder: [track, zone]\n',
    'audiences: {push/room: {cluster: push, role: other}}\n',
    'audiences: {push/gate: nobody, _shared/a: everyone}\n',
    'audiences: {push/gate: {cluster: push, role: room, zone: bj}}\n',
    'environments: [prod, test]\n',
    'overlayOrder: 1\n',
  ],
}

/** Overlays of several labels, and orders for them; in most states all is sound. */
const orders: Readonly<Record<string, readonly string[]>> = {
  'push/plain.yaml': ['max: 1\nb: 2\n', 'max: 1\nc: {d: 0}\n', 'c: 4\n'],
  'push/plain@zone=bj.yaml': ['max: 2\n', 'c: {d: 1}\n', 'c: 5\n', 'max: {$delete: true}\n', 'c: {}\n'],
  'push/plain@track=canary.yaml': ['b: 3\n', 'c: {e: 1}\n', 'max: 9\n', 'b: {$delete: true}\n'],
  'push/plain@track=blue.yaml': ['b: 4\n', 'z: 1\n'],
  'push/plain.overlays.yaml': [
    '- {when: {zone: bj, track: canary}, set: {f: 2}}\n',
    '- {when: {env: [prod, test]}, set: {g: 2}}\n- {when: {idc: x}, set: {c: {h: 3}}}\n',
    '- {when: {zone: sh}, set: {max: 4}}\n',
  ],
  'push/refers.yaml': [`all: "${ref('push/plain')}"\n`, 'all: 1\n'],
  'push/refers@zone=bj.yaml': ['max: 2\n', 'x: 1\n'],
  'push/refers@track=canary.yaml': ['max: 3\n', 'y: 1\n'],
  [settings]: [
    'overlayOrder: [zone, track]\n',
    'overlayOrder: [track, zone]\n',
    'overlayOrder: [env, track, idc, zone]\n',
    'overlayOrder: [zone, idc, env]\nenvironments: [prod, test]\n',
    'environments: [prod, dev, test]\n',
    'overlayOrder: [track, zone]\nflatProperties: [push/gate]\n',
    'overlayOrder: [track, zone]\naudiences: {push/*: {cluster: push, track: [canary, green]}}\n',
  ],
}

/** Values that others take as they are, inside a text, with defaults and units; some that cannot be, and secrets. */
const fillings: Readonly<Record<string, readonly string[]>> = {
  '_shared/a.yaml': [
    'x: 1\ny: 2\n',
    'x: 5m\ny: "\\"quoted\\" é"\n',
    'x: {deep: [1, "2"], 9: 1, 10: 2}\ny: true\n',
    'x: "${secret:s}"\ny: 1\n',
    'x: "{secret:s}"\ny: 0\n',
    'y: 7\n',
  ],
  '_shared/a@zone=bj.yaml': ['x: 5\n', 'x: 6\n', 'x: 1h\n', 'y: 6\n', '{}\n'],
  '_shared/a@zone=sh.yaml': ['x: 5\n', 'x: 6\n'],
  '_shared/b.yaml': [`z: "${ref('_shared/a#/x')}"\n`, 'z: 1\n', `z: "${ref('_shared/a#/y')}"\n`],
  'push/plain.yaml': [`b: "<${ref('_shared/a#/y')}>"\n10: 1\n9: "${ref('_shared/b#/z')}"\n`, 'a: 1\n'],
  'push/refers.yaml': [
    `max: "${ref('_shared/a#/x')}"\nall: "${ref('_shared/b')}"\n`,
    `max: "${ref('_shared/a#/x')}"\nall: ["a${ref('_shared/a#/y')}b${ref('_shared/a#/y')}", "$${ref('_shared/b#/z')}"]\n`,
    'max: 2\n',
  ],
  'push/refers@zone=bj.yaml': ['max: 2\n', `x: "${ref('push/plain#/b')}"\n`],
  'push/refers@track=canary.yaml': ['own: 3\n', 'all: {$delete: true}\n'],
  'push/refers.schema.json': [
    `{"properties": {"max": {"unit": "s"}, "d": {"default": "${ref('_shared/a#/y')}"}}}`,
    '{"properties": {"max": {"type": ["integer", "object", "string"], "unit": "ms"}}}',
    '{}',
  ],
  [settings]: ['overlayOrder: [track, zone]\n', 'audiences: {push/*: {cluster: push, zone: [bj, sh]}}\n', '{}\n'],
}
