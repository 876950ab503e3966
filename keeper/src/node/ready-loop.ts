import type { RawNode } from '../raft/raw-node.js'
import type { Entry, HardState, Message, ReadState, Ready, Snapshot } from '../raft/types.js'

/** What the loop makes happen. Whatever throws or rejects ends the loop: the member must not go on. */
export interface ReadyHost {
  /** Hands waiting proposals and reads to the core. */
  feed(): void
  /** Durable when it resolves; `sync` is false when only the commit index moved. */
  persist(entries: readonly Entry[], hardState: HardState | undefined, sync: boolean): Promise<void> | undefined
  /** After the persist, to the core's view of the log. */
  persisted(entries: readonly Entry[], hardState: HardState | undefined): void
  install(snapshot: Snapshot): Promise<void>
  send(messages: readonly Message[]): void
  /** What to wait for before `apply`, which may have to read the disk. */
  readable(): Promise<void> | undefined
  apply(entries: readonly Entry[]): void
  answer(reads: readonly ReadState[]): void
  /** Role, leader or term may have changed. */
  standingChanged(): void
  fault(error: unknown): void
  /** Runs in a later turn of the event loop. */
  nextTurn(run: () => void): void
}

/** Rounds without a disk write after which other work gets its turn. */
const roundsPerTurnMax = 16

/**
 * The one loop over Ready: persist, send, apply, advance. Only MsgApp leaves before the persist is durable, since the
 * followers may well write while the leader writes (Raft thesis §10.2.1); votes and acknowledgements vouch for the
 * disk and wait for it (DESIGN 3). What other turns bring while a write is under way is fed to the next round at once.
 */
export class ReadyLoop {
  readonly #raw: RawNode
  readonly #host: ReadyHost
  #state: 'idle' | 'scheduled' | 'running' | 'ended' = 'idle'
  #whenIdle: (() => void)[] = []

  constructor(raw: RawNode, host: ReadyHost) {
    this.#raw = raw
    this.#host = host
  }

  /** There may be work: it is looked at once this turn of the event loop is over. */
  wake(): void {
    if (this.#state !== 'idle') return
    this.#state = 'scheduled'
    this.#host.nextTurn(() => void this.#run())
  }

  /** No round begins after it; resolves when none is under way. */
  async end(): Promise<void> {
    const running = this.#state === 'running'
    this.#state = 'ended'
    if (running) await new Promise<void>((resolve) => this.#whenIdle.push(resolve))
  }

  async #run(): Promise<void> {
    if (this.#state !== 'scheduled') return
    this.#state = 'running'
    try {
      await this.#rounds()
    } catch (thrown) {
      this.#state = 'ended'
      this.#host.fault(thrown)
    }
    for (const resolve of this.#whenIdle.splice(0)) resolve()
  }

  async #rounds(): Promise<void> {
    let sinceTurn = 0
    while (this.#state === 'running') {
      this.#host.feed()
      if (!this.#raw.hasReady()) {
        // in the same breath as the look: whoever wakes the loop from here on must be heard
        this.#state = 'idle'
        return
      }
      const waited = await this.#round(this.#raw.ready())
      sinceTurn = waited ? 0 : sinceTurn + 1
      if (sinceTurn >= roundsPerTurnMax) {
        await new Promise<void>((resolve) => this.#host.nextTurn(resolve))
        sinceTurn = 0
      }
    }
  }

  async #round(ready: Ready): Promise<boolean> {
    const { entries, hardState, committedEntries, messages, snapshot } = ready
    if (snapshot) await this.#host.install(snapshot)
    // before the write here begins, which keeps the processor for a moment that the followers' writes would wait
    this.#host.send(messages.filter((message) => message.type === 'MsgApp'))
    const durable = this.#host.persist(entries, hardState, ready.mustSync)
    // a fault of what runs meanwhile must not leave this rejection unhandled
    durable?.catch(() => {})
    const fresh = entries[0]?.index ?? Number.POSITIVE_INFINITY
    const opening = this.#host.readable()
    if (opening) await opening
    this.#host.apply(committedEntries.filter((entry) => entry.index < fresh))
    if (durable) await durable
    this.#host.persisted(entries, hardState)
    this.#host.send(messages.filter((message) => message.type !== 'MsgApp'))
    const again = this.#host.readable()
    if (again) await again
    this.#host.apply(committedEntries.filter((entry) => entry.index >= fresh))
    this.#raw.advance()
    this.#host.standingChanged()
    this.#host.answer(ready.readStates)
    return durable !== undefined || snapshot !== undefined
  }
}
