import { decodeText, encodeText } from '../../keeper/src/base/codec.js'
import { anyOf, askOnce, type ClientParts } from './asking.js'
import type { Operation } from './checkers/registers.js'

export interface ProberParts extends ClientParts {
  readonly keys: readonly string[]
  /** The pause between two reads is at most twice that. */
  readonly everyMs: number
}

/**
 * Reads all registers at once, of any member, without waiting for the read before: so that some read is under way
 * wherever leadership changes. One that nobody answers is no loss.
 */
export class Prober {
  readonly operations: Operation[] = []
  /** Answered so far. */
  reads = 0
  readonly #parts: ProberParts

  constructor(parts: ProberParts) {
    this.#parts = parts
  }

  async run(): Promise<void> {
    const { time, random, everyMs, over } = this.#parts
    const defects: unknown[] = []
    while (!over()) {
      this.#probe().catch((error) => defects.push(error))
      await time.sleep(random.below(2 * everyMs))
      if (defects.length > 0) throw defects[0]
    }
  }

  async #probe(): Promise<void> {
    const { number, time, keys } = this.#parts
    const calledAt = time.now
    const answer = await askOnce(this.#parts, anyOf(this.#parts), async (member) => {
      await member.linearizableRead()
      return keys.map((key) => ({ key, kv: member.store.get('user', encodeText(key)) }))
    })
    if (answer === 'none') return
    this.reads++
    for (const { key, kv } of answer.value) {
      const read = { value: kv && decodeText(kv.value), revision: kv?.modRevision ?? 0 }
      this.operations.push({ client: number, kind: 'read', key, ...read, calledAt, returnedAt: time.now })
    }
  }
}
