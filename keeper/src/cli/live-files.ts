import type { LiveFile__Output } from '@keeper/proto'
import type { Context } from './context.js'

/** The text of a file that a live config was made of. */
export interface LiveText {
  readonly path: string
  readonly bytes: Buffer
  readonly config: string
  /** Of that config. */
  readonly revision: string
}

/** Of these configs, the base of each first; of all when there are none. Rejects E_NOT_FOUND. */
export async function fetchFiles(context: Context, names: readonly string[]): Promise<LiveText[]> {
  const { client, namespace, signal } = context
  const stream = await client.watch<LiveFile__Output>('changes', 'Files', { namespace, names: [...names] })
  signal.addEventListener('abort', () => stream.cancel())
  const files: LiveText[] = []
  let pieces: Buffer[] = []
  for await (const { path, bytes, last, config, revision } of stream) {
    pieces.push(bytes)
    if (!last) continue
    files.push({ path, bytes: Buffer.concat(pieces), config, revision })
    pieces = []
  }
  return files
}

/** The file with the config's own name, which the others are laid over. */
export function baseOf(name: string, files: readonly LiveText[]): LiveText | undefined {
  const isBase = ({ path }: LiveText) =>
    path.startsWith(`${name}.`) && !path.slice(name.length + 1).includes('.') && !path.slice(name.length).includes('/')
  return files.find(isBase) ?? files[0]
}
