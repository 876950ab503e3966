import type { Random } from '../../keeper/src/base/random.js'
import type { MemberId } from '../../keeper/src/raft/types.js'
import { LocalNetwork, type Parcel } from '../../keeper/src/transport/local-network.js'
import type { Trace } from './trace.js'
import type { Owner, VirtualTime } from './virtual-time.js'

export interface Weather {
  readonly lossShare: number
  readonly repeatShare: number
  /** Parcels that take much longer than those behind them. */
  readonly lateShare: number
}

export const fairWeather: Weather = { lossShare: 0, repeatShare: 0, lateShare: 0 }

export interface NetworkParts {
  readonly time: VirtualTime
  readonly random: Random
  readonly trace: Trace
  /** The life of a member's process that is now. */
  readonly ownerOf: (id: MemberId) => Owner | undefined
  /** Sees every parcel that is sent. */
  readonly watch: (parcel: Parcel) => void
}

/** The network between members: slow, lossy, repeating, reordering, and cut where the nemesis cuts it. */
export class SimNetwork {
  readonly local: LocalNetwork
  weather: Weather = fairWeather
  readonly #parts: NetworkParts
  readonly #cut = new Set<string>()
  parcels = 0

  constructor(parts: NetworkParts) {
    this.#parts = parts
    this.local = new LocalNetwork((parcel, deliver, lost) => this.#carry(parcel, deliver, lost))
  }

  /** Nothing goes from `from` to `to` any more; the other direction is another matter. */
  cut(from: MemberId, to: MemberId): void {
    this.#cut.add(`${from}>${to}`)
  }

  heal(): void {
    this.#cut.clear()
  }

  get whole(): boolean {
    return this.#cut.size === 0
  }

  #carry(parcel: Parcel, deliver: () => void, lost: () => void): void {
    const { random } = this.#parts
    this.parcels++
    this.#parts.watch(parcel)
    if (random.unit() < this.weather.lossShare) {
      this.#lose(lost)
      return
    }
    this.#send(parcel, deliver, lost)
    if (parcel.kind === 'messages' && random.unit() < this.weather.repeatShare) this.#send(parcel, deliver, lost)
  }

  #send(parcel: Parcel, deliver: () => void, lost: () => void): void {
    const { time, trace } = this.#parts
    const { from, to } = parcel
    time.after(this.#delay(), () => {
      if (this.#cut.has(`${from}>${to}`)) return this.#lose(lost)
      const owner = this.#parts.ownerOf(to)
      const arrive = () => {
        trace.note(`${from}>${to} ${describe(parcel)}`)
        deliver()
      }
      if (owner) time.after(0, arrive, owner)
      else lost()
    })
  }

  /** Who sent it learns of it much later, if at all. */
  #lose(lost: () => void): void {
    this.#parts.time.after(100 + this.#parts.random.below(400), lost)
  }

  #delay(): number {
    const { random } = this.#parts
    if (random.unit() < this.weather.lateShare) return 20 + random.below(400)
    return 0.2 + random.unit() * 2
  }
}

function describe({ kind, messages }: Parcel): string {
  const words = messages.map((message) => {
    if (message.kind !== 'raft') return message.kind
    const { type, term, index, entries, commit, reject } = message.message
    return `${type} t${term} i${index}+${entries.length} c${commit}${reject ? ' no' : ''}`
  })
  return `${kind === 'snapshot' ? 'snapshot ' : ''}${words.join(', ')}`
}
