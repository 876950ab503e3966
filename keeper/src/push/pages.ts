/** Lists that are longer than one answer between members may be: page by page, in the order of their keys. */

import { decodeText, encodeText } from '../base/codec.js'
import { KeeperError } from '../base/errors.js'

interface Page<T> {
  /** What the member had applied. */
  readonly revision: number
  readonly items: readonly T[]
  /** Key of the last item, when there are more behind it. */
  readonly next?: string
}

/** The page after key `after`, '' for the first, of about `bytesMax` bytes. Items are JSON. */
export function encodePage<T>(
  items: readonly T[],
  keyOf: (item: T) => string,
  after: string,
  { revision, bytesMax }: { readonly revision: number; readonly bytesMax: number },
): Uint8Array {
  const keyed = items.map((item) => ({ key: keyOf(item), item })).filter(({ key }) => after === '' || key > after)
  keyed.sort((a, b) => (a.key < b.key ? -1 : 1))
  const parts: string[] = []
  let bytes = 0
  for (const { item } of keyed) {
    const text = JSON.stringify(item)
    bytes += Buffer.byteLength(text) + 1
    if (parts.length > 0 && bytes > bytesMax) break
    parts.push(text)
  }
  const last = keyed[parts.length - 1]
  const next = last && parts.length < keyed.length ? `,"next":${JSON.stringify(last.key)}` : ''
  return encodeText(`{"revision":${revision},"items":[${parts.join(',')}]${next}}`)
}

/** All that a member answered, as of one revision or later. */
export interface Answer<T> {
  readonly revision: number
  readonly items: readonly T[]
}

/** All items, asked for page by page. Rejects as `ask`, and E_FRAME_GARBAGE for what is no page. */
export async function readPages<T>(ask: (after: string) => Promise<Uint8Array>): Promise<Answer<T>> {
  const all: T[] = []
  let revision = Number.MAX_SAFE_INTEGER
  for (let after: string | undefined = ''; after !== undefined; ) {
    const page: Page<T> = decodePage(await ask(after))
    all.push(...page.items)
    revision = Math.min(revision, page.revision)
    after = page.next
  }
  return { revision, items: all }
}

function decodePage<T>(bytes: Uint8Array): Page<T> {
  try {
    const page: Page<T> = JSON.parse(decodeText(bytes))
    if (Array.isArray(page.items) && Number.isSafeInteger(page.revision)) return page
  } catch {
    // Said below.
  }
  throw new KeeperError('E_FRAME_GARBAGE', 'a member answered with something else than a page')
}
