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
  /** On top of what every parcel takes. */
  readonly delayMs: number
}

const fairWeather: Weather = { lossShare: 0, repeatShare: 0, lateShare: 0, delayMs: 0 }

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
  readonly #parts: NetworkParts
  #weather: readonly Weather[] = [fairWeather]
  /** `from>to` → how many cuts it takes part in. */
  readonly #cut = new Map<string, number>()
  /** Nothing reaches the member before that. */
  readonly #heldUntil = new Map<MemberId, number>()
  parcels = 0

  constructor(parts: NetworkParts) {
    this.#parts = parts
    this.local = new LocalNetwork((parcel, deliver, lost) => this.#carry(parcel, deliver, lost))
  }

  /** Nothing goes from `from` to `to` any more (the other direction is another matter); the answer ends it. */
  cut(from: MemberId, to: MemberId): () => void {
    const path = `${from}>${to}`
    this.#cut.set(path, (this.#cut.get(path) ?? 0) + 1)
    let over = false
    return () => {
      const count = this.#cut.get(path) ?? 0
      if (over || count === 0) return
      over = true
      if (count === 1) this.#cut.delete(path)
      else this.#cut.set(path, count - 1)
    }
  }

  /** Nothing goes between these and all others any more; the answer ends it. */
  divide(here: ReadonlySet<MemberId>, all: readonly MemberId[]): () => void {
    const paths = all.flatMap((id) => all.map((other) => [id, other] as const))
    const ends = paths.filter(([a, b]) => here.has(a) !== here.has(b)).map(([a, b]) => this.cut(a, b))
    return () => {
      for (const end of ends) end()
    }
  }

  /** The weather gets worse by that; the answer ends it. */
  worsen(by: Partial<Weather>): () => void {
    const weather = { ...fairWeather, ...by }
    this.#weather = [...this.#weather, weather]
    return () => {
      this.#weather = this.#weather.filter((one) => one !== weather)
    }
  }

  /** What is sent to the member from now on reaches it only then. */
  hold(to: MemberId, until: number): void {
    this.#heldUntil.set(to, until)
  }

  /** All cuts and all bad weather end. */
  heal(): void {
    this.#cut.clear()
    this.#weather = [fairWeather]
    this.#heldUntil.clear()
  }

  #worst(of: keyof Weather): number {
    return Math.max(...this.#weather.map((weather) => weather[of]))
  }

  #carry(parcel: Parcel, deliver: () => void, lost: () => void): void {
    const { random } = this.#parts
    this.parcels++
    this.#parts.watch(parcel)
    if (random.unit() < this.#worst('lossShare')) {
      this.#lose(lost)
      return
    }
    this.#send(parcel, deliver, lost)
    if (parcel.kind === 'messages' && random.unit() < this.#worst('repeatShare')) this.#send(parcel, deliver, lost)
  }

  #send(parcel: Parcel, deliver: () => void, lost: () => void): void {
    const { time, trace } = this.#parts
    const { from, to } = parcel
    const held = (this.#heldUntil.get(to) ?? 0) - time.now
    time.after(Math.max(0, held) + this.#delay(), () => {
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
    if (random.unit() < this.#worst('lateShare')) return 20 + random.below(400)
    return 0.2 + random.unit() * 2 + random.unit() * this.#worst('delayMs')
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
