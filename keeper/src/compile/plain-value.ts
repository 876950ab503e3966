import { limits } from '../base/limits.js'
import { type Digest, Digester } from '../base/pieces.js'
import { allocateShared } from '../base/shared-bytes.js'
import { spacesInJson, writeCompact } from './compact-json.js'
import { FileWindow } from './file-window.js'
import type { ConfigGroup, GroupFile } from './group.js'
import { Marks } from './plain-marks.js'
import { Output } from './plain-output.js'
import { type PlainList, plainLists, writeLists } from './plain-yaml.js'
import { inMemory, readableOf } from './source-file.js'
import type { Readable, SourceFile } from './types.js'

/** How canonical JSON is made of the bytes of a file: it is the file, or the file without spaces, or that of its lists. */
export type Recipe =
  | { readonly kind: 'file'; readonly length: number }
  | { readonly kind: 'json'; readonly length: number }
  | { readonly kind: 'yaml'; readonly lists: readonly PlainList[] }

/** The value of a config that is one large file of plain data: in memory, or, of a very large one, how it is made. */
export type PlainValue = Uint8Array | PlainRecipe

export interface PlainRecipe {
  readonly source: SourceFile
  readonly recipe: Recipe
  /** Of the value; undefined where it is the file. */
  readonly digest: Digest | undefined
  /** Where in the file the making can begin. */
  readonly marks: Marks
}

/**
 * The canonical JSON of a config that is one large file of plain data, out of the file's bytes: no text and no value is
 * made of it, which would be several times its size in memory. Undefined where the config has more than that file, the
 * file has a placeholder, or any of it is not surely what it seems: then it is parsed.
 */
export function plainValueOf({ bases, overlays, overlayLists, schemas }: ConfigGroup): PlainValue | undefined {
  const [base] = bases
  if (!base || bases.length + overlays.length + overlayLists.length + schemas.length > 1) return undefined
  const { file, format } = base
  const readable = readableOf(file)
  if (readable.length < plainBytesMin || readable.length > limits.fileBytesMax) return undefined
  const recipe = recipeOf(readable, format)
  if (!recipe) return undefined
  if (readable.length < limits.compileHeavyBytes || listsIn(recipe) > listsMax)
    return recipe.kind === 'file' ? file.bytes : wholeValue(readable, recipe)
  return { source: file, recipe, ...digestOf(readable, recipe) }
}

const plainBytesMin = 256 * 1024

/** Of more lists it would take more to say where they are than to have their value. */
const listsMax = 1_000

const listsIn = (recipe: Recipe): number => (recipe.kind === 'yaml' ? recipe.lists.length : 1)

/** The value of such a file; undefined where it has to be parsed. */
export function plainBytes(
  bytes: Uint8Array,
  format: GroupFile['format'],
  windowBytes?: number,
): Uint8Array | undefined {
  const file = inMemory(bytes)
  const recipe = recipeOf(file, format, windowBytes)
  if (!recipe) return undefined
  return recipe.kind === 'file' ? bytes : wholeValue(file, recipe, windowBytes)
}

export function recipeOf(file: Readable, format: GroupFile['format'], windowBytes?: number): Recipe | undefined {
  if (format === 'yaml') {
    const lists = plainLists(file, windowBytes)
    return lists && { kind: 'yaml', lists }
  }
  const spaces = format === 'json' || format === 'jsonc' ? spacesInJson(file, windowBytes) : undefined
  if (spaces === undefined) return undefined
  return { kind: spaces === 0 ? 'file' : 'json', length: file.length - spaces }
}

interface Way {
  readonly from?: ReturnType<Marks['before']>
  readonly marks?: Marks
  readonly windowBytes?: number | undefined
}

/** Writes the value, or what comes of it behind a mark. */
export function writeValue(file: Readable, recipe: Recipe, out: Output, { from, marks, windowBytes }: Way): void {
  const way = { ...(marks && { marks }), ...(windowBytes !== undefined && { windowBytes }) }
  if (recipe.kind === 'yaml') writeLists(file, recipe.lists, out, { ...way, ...(from && { from }) })
  else writeCompact(file, out, { ...way, ...(from && { from: from.file }) })
  out.end()
}

export function digestOfFile(file: Readable): Digest {
  const digester = new Digester()
  for (const window = new FileWindow(file); ; window.slide(window.bytes.length)) {
    digester.update(window.bytes)
    if (window.isLast) return digester.digest()
  }
}

function digestOf(file: Readable, recipe: Recipe): Pick<PlainRecipe, 'digest' | 'marks'> {
  const marks = new Marks()
  if (recipe.kind === 'file') return { digest: undefined, marks }
  const digester = new Digester()
  writeValue(file, recipe, new Output((bytes) => digester.update(bytes)), { marks })
  return { digest: digester.digest(), marks }
}

function wholeValue(file: Readable, recipe: Recipe, windowBytes?: number): Uint8Array {
  const json = allocateShared(lengthOfValue(file, recipe, windowBytes))
  let end = 0
  const put = (bytes: Uint8Array) => {
    json.set(bytes, end)
    end += bytes.length
  }
  writeValue(file, recipe, new Output(put), { windowBytes })
  return json
}

function lengthOfValue(file: Readable, recipe: Recipe, windowBytes?: number): number {
  if (recipe.kind !== 'yaml') return recipe.length
  const out = new Output(() => {})
  writeValue(file, recipe, out, { windowBytes })
  return out.written
}
