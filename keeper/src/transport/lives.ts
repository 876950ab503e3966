import { KeeperError } from '../base/errors.js'
import type { MemberId } from '../raft/types.js'
import type { Hello } from './greeting.js'

/**
 * The processes that spoke as each member. One that another took over from and that speaks again lives beside it: a
 * copied data folder, or a machine that was restored, and the first hung when the second came. Two such may each vote in
 * one term, so the older is not heard.
 */
export class Lives {
  /** Of each member, the newest last. */
  readonly #seen = new Map<MemberId, string[]>()

  /** Throws E_MEMBER_DUPLICATE. */
  see({ from, incarnation, name, address }: Hello): void {
    const seen = this.#seen.get(from) ?? []
    if (seen.at(-1) === incarnation) return
    if (seen.includes(incarnation))
      throw new KeeperError(
        'E_MEMBER_DUPLICATE',
        `another process with the data folder of ${name} was started after the one at ${address}`,
      )
    this.#seen.set(from, [...seen.slice(1 - rememberedMax), incarnation])
  }
}

const rememberedMax = 64
