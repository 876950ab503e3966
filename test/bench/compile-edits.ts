import { settingsPath } from '../../keeper/src/compile/naming.js'
import {
  type Files,
  listOf,
  orderedTree,
  put,
  putSchemas,
  referringTree,
  type Sizes,
  sharedBase,
  treeOf,
} from './compile-trees.js'

/** What is edited: the name of the kind, and what its edit of that number does to the files. */
export type Edit = readonly [of: string, edit: (files: Files, number: number) => void]

/** A directory, and the kinds of edits that are tried on it. */
export interface Scene {
  readonly files: Files
  readonly edits: readonly Edit[]
}

export const scenesOf = (sizes: Sizes): readonly [() => Scene, ...(() => Scene)[]] => [
  () => manyKinds(sizes),
  () => oneForAll(sizes),
  () => sameForMany(sizes),
]

function manyKinds(sizes: Sizes): Scene {
  const { configs, overlaid, overlays, schemas } = sizes
  const files = treeOf(sizes)
  const audience = (number: number) => `audiences: {"push/role${configs - 2}/c": {zone: z${number}}}\n`
  const oneMore = (path: string) => {
    const before = textOf(files, path)
    return writing(path, (number) => `${before}edited: ${number}\n`)
  }
  const schemaPath = `push/role${configs - schemas}/c.schema.json`
  const schema = textOf(files, schemaPath)
  return {
    files,
    edits: [
      ['a plain config', oneMore(`push/role${configs - 1}/c.yaml`)],
      ['a schema', writing(schemaPath, (number) => schema.replace('"title":"', `$&${number} `))],
      ['a config with overlays', oneMore('push/role0/c.yaml')],
      ['an overlay', oneMore('push/role0/c@zone=z1.yaml')],
      ['a list of overlays', writing('push/listed/c.overlays.yaml', (number) => listOf(overlays, number))],
      ['the shared config', oneMore('_shared/base.yaml')],
      ['what others take of it', writing('_shared/base.yaml', (n) => `redis: {addr: "10.0.0.${n}:6379", db: 0}\n`)],
      [
        'a config that others refer to',
        writing(`push/common/c${overlaid - 1}@zone=z1.yaml`, (number) => `redis: {addr: new${number}}\n`),
      ],
      ['a new config', writing('push/new/c.yaml', (number) => (number % 2 === 1 ? 'a: 1\n' : undefined))],
      ['an audience in the settings', writing(settingsPath, audience)],
      ['an order of labels nobody uses', writing(settingsPath, (n) => `overlayOrder: [zone, track, rack${n}]\n`)],
      [
        'environments',
        writing(settingsPath, (number) => `overlayOrder: [zone, track]\nenvironments: [prod${number}]\n`),
      ],
      ['an order that changes no value', writing(settingsPath, orderOf)],
    ],
  }
}

function oneForAll(sizes: Sizes): Scene {
  const shared = '_shared/base.yaml'
  return {
    files: referringTree(sizes),
    edits: [
      ['what no config takes of the shared one', writing(shared, (number) => sharedBase(0, number))],
      ['what every config takes of it', writing(shared, (number) => sharedBase(number, 0))],
    ],
  }
}

const sameForMany = (sizes: Sizes): Scene => ({
  files: orderedTree(sizes),
  edits: [
    ['a schema that many link to', (files, number) => putSchemas(files, sizes, number)],
    ['an order that changes most overlaid values', writing(settingsPath, orderOf)],
  ],
})

const orderOf = (number: number): string => `overlayOrder: [${number % 2 === 1 ? 'track, zone' : 'zone, track'}]\n`

/** Writes one file; removes it where there is no text. */
const writing =
  (path: string, text: (number: number) => string | undefined): Edit[1] =>
  (files, number) => {
    const now = text(number)
    if (now === undefined) files.delete(path)
    else put(files, path, now)
  }

const textOf = (files: Files, path: string): string => Buffer.from(files.get(path)?.bytes ?? []).toString()
