import type { SourceFile } from '../../keeper/src/compile/types.js'

export interface Sizes {
  readonly configs: number
  readonly overlaid: number
  readonly overlays: number
  readonly refs: number
  readonly schemas: number
}

/** Path → file: a directory under edit. */
export type Files = Map<string, SourceFile>

export const put = (files: Files, path: string, text: string): void =>
  void files.set(path, { path, bytes: Buffer.from(text) })

/** Configs of every kind: with overlays, with references, with schemas, one with a list of overlays. */
export function treeOf({ configs, overlaid, overlays, refs, schemas }: Sizes): Files {
  const files: Files = new Map()
  put(files, '_shared/base.yaml', 'redis: {addr: "10.0.0.1:6379", db: 0}\n')
  for (let at = 0; at < configs; at++) {
    const name = `push/role${at}/c`
    // Those that refer come behind those with overlays.
    const refers = at >= overlaid && at < overlaid + refs
    const target = at % 2 === 0 ? '_shared/base#/redis/addr' : `push/common/c${at % overlaid}#/redis/addr`
    put(files, `${name}.yaml`, room(at, refers ? `$\{ref:${target}}` : `10.0.${at % 256}.1:6379`))
    if (at >= configs - schemas) put(files, `${name}.schema.json`, schema(`config ${at}`))
    if (at < overlaid) putOverlays(files, name, overlays, apart)
  }
  for (let at = 0; at < Math.min(overlaid, refs); at++) {
    put(files, `push/common/c${at}.yaml`, room(at, 'a'))
    for (let zone = 0; zone < 5; zone++)
      put(files, `push/common/c${at}@zone=z${zone}.yaml`, `redis: {addr: z${zone}}\n`)
  }
  put(files, 'push/listed/c.yaml', room(0, 'a'))
  put(files, 'push/listed/c.overlays.yaml', listOf(overlays, 0))
  return files
}

/** Every config takes one value of the same one. */
export function referringTree({ configs }: Sizes): Files {
  const files: Files = new Map()
  put(files, '_shared/base.yaml', sharedBase(0, 0))
  for (let at = 0; at < configs; at++) put(files, `push/role${at}/c.yaml`, room(at, '${ref:_shared/base#/addr}'))
  return files
}

export const sharedBase = (taken: number, other: number): string => `addr: "10.0.0.${taken}:6379"\nother: ${other}\n`

/** As many with overlays, where it matters which of two labels wins; and as many with schemas that are all the same. */
export function orderedTree({ configs, overlaid, overlays, schemas }: Sizes): Files {
  const files: Files = new Map()
  for (let at = 0; at < configs; at++) {
    put(files, `push/role${at}/c.yaml`, room(at, 'a'))
    if (at < overlaid) putOverlays(files, `push/role${at}/c`, overlays, together)
  }
  putSchemas(files, { configs, schemas }, 0)
  return files
}

/** One schema, linked to by many configs. */
export function putSchemas(files: Files, { configs, schemas }: Pick<Sizes, 'configs' | 'schemas'>, edit: number): void {
  for (let at = configs - schemas; at < configs; at++)
    put(files, `push/role${at}/c.schema.json`, schema(`edit ${edit}`))
}

/** A list of so many overlays, the last of which was edited. */
export function listOf(overlays: number, edit: number): string {
  const entries = Array.from({ length: overlays }, (_, at) => {
    const [when, set] = apart(at)
    return `- when: {${when.replace('=', ': ')}}\n  set: {${set.trim().replaceAll('\n', ', ')}}\n`
  })
  return `${entries.join('')}- when: {track: edited}\n  set: {idleSeconds: ${edit}}\n`
}

/** Label and text of an overlay. */
type Overlay = (at: number) => readonly [when: string, text: string]

const apart: Overlay = (at) => {
  const half = at >> 1
  return at % 2 === 0
    ? [`zone=z${half}`, `maxConnections: ${half}\nredis: {addr: z${half}}\n`]
    : [`track=t${half}`, `idleSeconds: ${half}\n`]
}

const together: Overlay = (at) => [`${at % 2 === 0 ? 'zone=z' : 'track=t'}${at >> 1}`, `idleSeconds: ${1000 + at}\n`]

function putOverlays(files: Files, name: string, overlays: number, overlay: Overlay): void {
  for (let at = 0; at < overlays; at++) {
    const [when, text] = overlay(at)
    put(files, `${name}@${when}.yaml`, text)
  }
}

const room = (at: number, addr: string): string =>
  `maxConnections: ${at}\nidleSeconds: 300\nredis:\n  addr: "${addr}"\n  db: ${at % 16}\nhosts: [a, b, c]\nlimits:\n  perSecond: 100\n  burst: 200\n`

const schema = (title: string): string =>
  JSON.stringify({
    title,
    type: 'object',
    properties: {
      maxConnections: { type: 'integer', minimum: 0 },
      idleSeconds: { type: 'integer', unit: 's' },
      redis: { type: 'object', required: ['addr'], properties: { addr: { type: 'string' }, db: { type: 'integer' } } },
    },
  })
