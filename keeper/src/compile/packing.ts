import { isShared } from '../base/shared-bytes.js'
import type { CompiledConfig } from './types.js'
import type { ChangedConfig, PackedConfigs } from './worker-messages.js'

/**
 * Configs on their way from thread to thread. A message of thousands of small objects and buffers takes longer than making
 * them: so they go as one text, short values in one buffer, and buffers are handed over, not copied.
 */
export function packed(changed: readonly ChangedConfig[]): PackedConfigs {
  const blobs = changed.flatMap(({ newBlobs }) => [...newBlobs.values()])
  const short = Buffer.allocUnsafeSlow(blobs.reduce((sum, { length }) => sum + (isShort(length) ? length : 0), 0))
  const long: Uint8Array[] = []
  let end = 0
  for (const bytes of blobs) {
    if (!isShort(bytes.length)) long.push(isShared(bytes) ? bytes : new Uint8Array(bytes))
    else {
      short.set(bytes, end)
      end += bytes.length
    }
  }
  return { text: JSON.stringify(changed.map(written)), short, long }
}

/** What to hand over: of what is shared both sides have it. */
export const buffersOf = ({ short, long }: PackedConfigs): ArrayBuffer[] =>
  [short, ...long].filter((bytes) => !isShared(bytes)).map(({ buffer }) => buffer as ArrayBuffer)

/** What `packed` was given. `before`: the config of that name that came last. */
export function unpacked(
  { text, short, long }: PackedConfigs,
  before: (name: string) => CompiledConfig | undefined,
): ChangedConfig[] {
  let end = 0
  let next = 0
  const take = (length: number): Uint8Array => {
    if (!isShort(length)) return long[next++] as Uint8Array
    end += length
    return short.subarray(end - length, end)
  }
  return (JSON.parse(text) as Written[]).map(({ name, config, sets, hashes, blobs, lengths, hasSameBlobs }) => {
    const variants = sets.map((overlays, at) => ({ overlays, hash: hashAt(hashes, at) }))
    return {
      config: { ...((config ?? before(name)) as CompiledConfig), variants },
      newBlobs: new Map(lengths.map((length, at) => [hashAt(blobs, at), take(length)])),
      hasSameBlobs,
    }
  })
}

/** A config with its variants and blobs side by side: their hashes as one text. */
interface Written {
  readonly name: string
  /** Absent where all of it is as it was. */
  readonly config?: Omit<CompiledConfig, 'variants'>
  readonly sets: readonly (readonly number[])[]
  readonly hashes: string
  readonly blobs: string
  readonly lengths: readonly number[]
  readonly hasSameBlobs: boolean
}

function written({ config: { variants, ...config }, before, newBlobs, hasSameBlobs }: ChangedConfig): Written {
  return {
    name: config.name,
    ...(!(before && isSameBeside(before, config)) && { config }),
    sets: variants.map(({ overlays }) => overlays),
    hashes: variants.map(({ hash }) => hash).join(''),
    blobs: [...newBlobs.keys()].join(''),
    lengths: Array.from(newBlobs.values(), ({ length }) => length),
    hasSameBlobs,
  }
}

/** Equal but for the variants, as far as that can be seen at a glance. */
const isSameBeside = (one: Omit<CompiledConfig, 'variants'>, other: Omit<CompiledConfig, 'variants'>): boolean =>
  one.files === other.files &&
  one.audience === other.audience &&
  one.overlays.length + other.overlays.length === 0 &&
  one.refs?.join() === other.refs?.join() &&
  (one.secrets ?? other.secrets) === undefined

const isShort = (length: number): boolean => length <= 16 * 1024

const hashChars = 64

const hashAt = (hashes: string, at: number): string => hashes.slice(at * hashChars, (at + 1) * hashChars)
