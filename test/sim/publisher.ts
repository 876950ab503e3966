import { createHash } from 'node:crypto'
import { encodeText } from '../../keeper/src/base/codec.js'
import { KeeperError } from '../../keeper/src/base/errors.js'
import type { Random } from '../../keeper/src/base/random.js'
import { versionOf } from '../../keeper/src/store/cluster-version.js'
import type { ConfigRecord } from '../../keeper/src/store/config-records.js'
import { encodeRecord, recordKey } from '../../keeper/src/store/records.js'
import type { Command, CommandResult } from '../../keeper/src/store/types.js'
import type { Newest } from './checkers/sessions.js'
import type { SimProcess } from './process.js'
import { putOf } from './put-of.js'
import { type Trace, Violation } from './trace.js'
import type { VirtualTime } from './virtual-time.js'

export interface PublisherParts {
  readonly time: VirtualTime
  readonly random: Random
  readonly trace: Trace
  readonly processes: readonly SimProcess[]
  readonly configs: readonly string[]
  readonly over: () => boolean
}

const session = 9_999n

const sha256 = (bytes: Uint8Array) => createHash('sha256').update(bytes).digest('hex')

/** Publishes configs, one after another, each time a higher number; asks again until it knows that it happened. */
export class Publisher {
  readonly newest = new Map<string, Newest>()
  readonly #parts: PublisherParts
  #sequence = 0
  published = 0
  idle = false

  constructor(parts: PublisherParts) {
    this.#parts = parts
  }

  async run(): Promise<void> {
    const { time, random, configs, over } = this.#parts
    this.idle = false
    // everyone has something to see
    for (const name of configs) await this.#publish(name)
    while (!over()) {
      await this.#publish(configs[random.below(configs.length)] as string)
      await time.sleep(random.below(200))
    }
    this.idle = true
  }

  async #publish(name: string): Promise<void> {
    const bytes = encodeText(
      JSON.stringify({ n: ++this.published, padding: 'p'.repeat(this.#parts.random.below(900)) }),
    )
    const hash = sha256(bytes)
    const record = encodeRecord('config', recordOf(name, hash))
    await this.#putBlob(hash, bytes)
    const put = putOf(recordKey('default', 'config', name), record)
    const txn = { compares: [{ target: 'blob', hash }], success: [put], failure: [] } as const
    const result = await this.#insist({ kind: 'txn', keyspace: 'system', txn })
    if (!result.ok || !result.succeeded)
      throw new Violation('publisher', `${name} was refused: ${JSON.stringify(result)}`)
    this.newest.set(name, { revision: result.revision, hash })
    this.#parts.trace.note(`published ${name} n${this.published} r${result.revision}`)
  }

  /** Some in pieces, as large ones are, once all members know of them. */
  async #putBlob(hash: string, bytes: Uint8Array): Promise<void> {
    const { random, processes } = this.#parts
    const version = Math.max(...processes.map(({ member }) => member?.store.clusterVersion() ?? 0))
    if (random.below(3) > 0 || version < versionOf({ kind: 'blobCompose', hash, pieces: [] })) {
      await this.#insist({ kind: 'blobPut', hash, chunk: 0, chunks: 1, bytes })
      return
    }
    const cut = 1 + random.below(bytes.length - 1)
    const pieces: string[] = []
    for (const piece of [bytes.subarray(0, cut), bytes.subarray(cut)]) {
      const sum = sha256(piece)
      pieces.push(sum)
      await this.#insist({ kind: 'blobPut', hash: sum, chunk: 0, chunks: 1, bytes: piece })
    }
    const composed = await this.#insist({ kind: 'blobCompose', hash, pieces })
    if (!composed.ok) throw new Violation('publisher', `pieces were refused: ${JSON.stringify(composed)}`)
  }

  async #insist(body: Command['body']): Promise<CommandResult> {
    const { time, random, processes } = this.#parts
    const sequence = ++this.#sequence
    const command: Command = { principal: 'ops', requestId: { session, sequence, lowWater: sequence }, body }
    for (;;) {
      const process = processes[random.below(processes.length)] as SimProcess
      const answer = await new Promise<CommandResult | undefined>((resolve, reject) => {
        time.after(3_000, () => resolve(undefined))
        if (!process.member) return resolve(undefined)
        process.member.propose(command).then(
          (result) => time.after(1, () => resolve(result), process.owner),
          (error) => (error instanceof KeeperError ? time.after(1, () => resolve(undefined)) : reject(error)),
        )
      })
      if (answer) return answer
      await time.sleep(20 + random.below(200))
    }
  }
}

function recordOf(name: string, hash: string): ConfigRecord {
  const [cluster = '', role = ''] = name.split('/')
  return {
    v: 1,
    name,
    audience: { labels: role === 'common' ? { cluster } : { cluster, role } },
    overlays: [],
    variants: [{ overlays: [], hash, revision: 0 }],
    files: [],
    changeSet: 'c1',
  }
}
