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
    if (!isShort(bytes.length)) long.push(new Uint8Array(bytes))
    else {
      short.set(bytes, end)
      end += bytes.length
    }
  }
  return { text: JSON.stringify(changed.map(written)), short, long }
}

export const buffersOf = ({ short, long }: PackedConfigs): ArrayBuffer[] =>
  [short, ...long].map(({ buffer }) => buffer as ArrayBuffer)

/** What `packed` was given. */
export function unpacked({ text, short, long }: PackedConfigs): ChangedConfig[] {
  let end = 0
  let next = 0
  const take = (length: number): Uint8Array => {
    if (!isShort(length)) return long[next++] as Uint8Array
    end += length
    return short.subarray(end - length, end)
  }
  return (JSON.parse(text) as Written[]).map(({ config, sets, hashes, blobs, lengths, hasSameBlobs }) => ({
    config: { ...config, variants: sets.map((overlays, at) => ({ overlays, hash: hashAt(hashes, at) })) },
    newBlobs: new Map(lengths.map((length, at) => [hashAt(blobs, at), take(length)])),
    hasSameBlobs,
  }))
}

/** A config with its variants and blobs side by side: their hashes as one text. */
interface Written {
  readonly config: Omit<CompiledConfig, 'variants'>
  readonly sets: readonly (readonly number[])[]
  readonly hashes: string
  readonly blobs: string
  readonly lengths: readonly number[]
  readonly hasSameBlobs: boolean
}

function written({ config: { variants, ...config }, newBlobs, hasSameBlobs }: ChangedConfig): Written {
  return {
    config,
    sets: variants.map(({ overlays }) => overlays),
    hashes: variants.map(({ hash }) => hash).join(''),
    blobs: [...newBlobs.keys()].join(''),
    lengths: Array.from(newBlobs.values(), ({ length }) => length),
    hasSameBlobs,
  }
}

const isShort = (length: number): boolean => length <= 16 * 1024

const hashChars = 64

const hashAt = (hashes: string, at: number): string => hashes.slice(at * hashChars, (at + 1) * hashChars)
