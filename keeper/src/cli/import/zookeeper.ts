import { isUtf8 } from 'node:buffer'
import { KeeperError } from '../../base/errors.js'
import { limits } from '../../base/limits.js'
import type { Found, ImportSource } from './item.js'
import { type Place, startOf } from './place.js'
import { NodeError, ZooKeeperReader } from './zookeeper-client.js'
import { ErrorCode, type Stat } from './zookeeper-wire.js'

interface Node {
  readonly path: readonly string[]
  readonly data: Buffer
  readonly stat: Stat
}

/** ZooKeeper's own bookkeeping, at the top. */
const own = 'zookeeper'

/** All znodes below a path. Ephemeral ones belong to processes that run, and are left out. */
export function openZooKeeper(place: Place, credentials?: string): ImportSource {
  const client = new ZooKeeperReader(place.hosts, credentials)
  return {
    title: `zookeeper ${place.text}`,
    items: () => new Walk(client, startOf(place)).all(),
    close: () => client.close(),
  }
}

class Walk {
  readonly #client: ZooKeeperReader
  readonly #root: readonly string[]
  readonly #shown: readonly string[]

  constructor(client: ZooKeeperReader, start: { root: readonly string[]; shown: readonly string[] }) {
    this.#client = client
    this.#root = start.root
    this.#shown = start.shown
  }

  async *all(): AsyncIterable<Found> {
    const top = await this.#read(this.#root)
    if ('reason' in top)
      throw new KeeperError('E_NOT_FOUND', `${absolute(this.#root)}: ${top.reason}`, { path: absolute(this.#root) })
    yield* this.#node(top)
  }

  /** A node and all below it, its siblings' data read ahead. */
  async *#node(node: Node): AsyncIterable<Found> {
    const { path, data, stat } = node
    const shown = [...this.#shown, ...path.slice(this.#root.length)]
    if (stat.isEphemeral) yield { path: absolute(path), reason: 'ephemeral: it belongs to a process that runs' }
    else if (data.length > 0 && shown.length > 0) yield { path: shown, bytes: data }
    if (stat.children > 0) yield* this.#below(path)
  }

  async *#below(path: readonly string[]): AsyncIterable<Found> {
    const names = await this.#names(path)
    if (!Array.isArray(names)) {
      yield names
      return
    }
    for (let at = 0; at < names.length; at += limits.importRequestsAtOnce) {
      const some = names.slice(at, at + limits.importRequestsAtOnce)
      const nodes = await Promise.all(some.map((name) => this.#child(path, name)))
      for (const node of nodes)
        if ('reason' in node) yield node
        else yield* this.#node(node)
    }
  }

  /** Sorted by bytes, so that two imports of the same tree are the same. */
  async #names(path: readonly string[]): Promise<Buffer[] | { path: string; reason: string }> {
    try {
      const names = await this.#client.getChildren(absolute(path))
      return names.filter((name) => path.length > 0 || name.toString() !== own).sort(Buffer.compare)
    } catch (error) {
      return { path: absolute(path), reason: reasonOf(error) }
    }
  }

  async #child(path: readonly string[], name: Buffer): Promise<Node | { path: string; reason: string }> {
    if (!isUtf8(name)) return { path: absolute([...path, name.toString()]), reason: 'its name is not UTF-8' }
    return this.#read([...path, name.toString()])
  }

  async #read(path: readonly string[]): Promise<Node | { path: string; reason: string }> {
    try {
      return { path, ...(await this.#client.getData(absolute(path))) }
    } catch (error) {
      return { path: absolute(path), reason: reasonOf(error) }
    }
  }
}

const absolute = (path: readonly string[]): string => `/${path.join('/')}`

/** What one node is left out for; what ends the import is thrown. */
function reasonOf(error: unknown): string {
  if (!(error instanceof NodeError)) throw error
  if (error.code === ErrorCode.noAuth) return 'no permission to read it: give --auth user:password'
  return error.code === ErrorCode.noNode ? 'there is no such node' : error.message
}
