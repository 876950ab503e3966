/** How a keeper that was added to a cluster finds out, over the peer port of any member, which member it is. */

import type { Clock } from './base/clock.js'
import { delay } from './base/clock.js'
import { asKeeperError, KeeperError } from './base/errors.js'
import { limits } from './base/limits.js'
import type { Logger } from './base/logger.js'
import type { Certificates } from './base/tls.js'
import type { JoinAnswer, JoinRequest } from './control/member-types.js'
import { askAddress } from './transport/dial.js'
import type { PeerListener } from './transport/peer-listener.js'

const topic = 'join'

export interface JoinOptions {
  /** Peer address of any member. */
  readonly address: string
  readonly clock: Clock
  readonly logger: Logger
  readonly tls?: Certificates | undefined
  /** Of one attempt. */
  readonly timeoutMs?: number | undefined
  readonly signal?: AbortSignal | undefined
}

/**
 * Asks again while nobody answers, for limits.joinPatienceMs. Rejects E_MEMBER_UNKNOWN (nobody added it),
 * E_MEMBER_DUPLICATE, E_UNSUPPORTED (this program is too old), E_CONNECTION (nobody answers there), E_STOPPED.
 */
export async function askToJoin(options: JoinOptions, request: JoinRequest): Promise<JoinAnswer> {
  const { address, clock, logger, signal } = options
  const until = clock.monotonic() + limits.joinPatienceMs
  for (let told = ''; ; ) {
    if (signal?.aborted) throw new KeeperError('E_STOPPED', 'stopped while it looked for its cluster')
    try {
      return (await askAddress(options, topic, request)) as unknown as JoinAnswer
    } catch (thrown) {
      const error = asKeeperError(thrown)
      if (!error.kind.retry) throw error
      if (clock.monotonic() > until)
        throw new KeeperError('E_CONNECTION', `--join ${address}: no member answers there (${error.message})`)
      if (told !== error.code) logger.info({ code: error.code }, `waits for an answer of ${address}`)
      told = error.code
    }
    await delay(clock, limits.joinRetryMs, signal).catch(() => {})
  }
}

/** Answers those who come with --join. */
export function answerJoins(listener: PeerListener, join: (request: JoinRequest) => Promise<JoinAnswer>): void {
  listener.onQuestion(topic, async ({ name, folder, format }) => {
    if (typeof name !== 'string' || typeof folder !== 'string' || typeof format !== 'number')
      throw new KeeperError('E_FRAME_GARBAGE', 'a request to join without name, folder or format')
    return await join({ name, folder, format })
  })
}
