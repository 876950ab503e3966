import { KeeperClientError } from '../errors.js'
import type { Memory } from './client.js'
import type { Held } from './held.js'
import { hashOf, parseValue } from './values.js'

/**
 * The last-good file: a header line with the checksum of the rest, then one JSON document. Values stand in it as text,
 * so that their bytes, and with them their hash, come back exactly.
 */
const format = 'keeper last-good 1'

interface Body {
  readonly clusterId: string
  readonly endpoint: string
  readonly configs: readonly (Omit<Held, 'value' | 'bytes' | 'clusterId'> & { readonly text: string })[]
}

export function encodeMemory(memory: Memory): string {
  const configs = [...memory.good.values()].map(({ name, storeEpoch, revision, hash, bytes, secret }) => {
    return { name, storeEpoch, revision, hash, text: bytes.toString('utf8'), ...(secret && { secret }) }
  })
  const body = JSON.stringify({ clusterId: memory.clusterId, endpoint: memory.endpoint ?? '', configs } satisfies Body)
  return `${format} ${hashOf(Buffer.from(body))}\n${body}\n`
}

/** Throws E_CORRUPT when the file is not, to the byte, what `encodeMemory` gave. */
export function decodeMemory(text: string): Memory {
  const end = text.indexOf('\n')
  const body = text.slice(end + 1, -1)
  if (end < 0 || text.slice(0, end) !== `${format} ${hashOf(Buffer.from(body))}`) {
    throw new KeeperClientError('E_CORRUPT', 'its checksum does not match')
  }
  const { clusterId, endpoint, configs } = JSON.parse(body) as Body
  const good = configs.map((config) => [config.name, heldOf(config, clusterId)] as const)
  return { clusterId, endpoint: endpoint || undefined, good: new Map(good) }
}

function heldOf({ text, ...place }: Body['configs'][number], clusterId: string): Held {
  const bytes = Buffer.from(text)
  return { ...place, clusterId, bytes, value: parseValue(bytes, place.hash) }
}
