/**
 * Long polls. Whoever asks for the same config with the same eyes waits in one room: a change is looked at once for all
 * of them, and they are answered with the same bytes.
 */

import { KeeperError } from '../../base/errors.js'
import { recordKey } from '../../store/records.js'
import type { SystemKeys } from '../system-keys.js'

export interface Seat<Outcome> {
  /** Tells of a look; true when that was an answer and the seat is free. */
  offer(outcome: Outcome): boolean
}

interface Room<Outcome> {
  readonly seats: Set<Seat<Outcome>>
  readonly look: () => Outcome
  readonly stop: () => void
}

export interface Wanted<Outcome> {
  readonly namespace: string
  readonly name: string
  /** With whose eyes. */
  readonly viewer: string
  look(): Outcome
}

export class WaitingRooms<Outcome> {
  readonly #keys: SystemKeys
  readonly #seatsMax: number
  readonly #rooms = new Map<string, Room<Outcome>>()
  #seats = 0

  constructor(keys: SystemKeys, seatsMax: number) {
    this.#keys = keys
    this.#seatsMax = seatsMax
  }

  get seats(): number {
    return this.#seats
  }

  /** Offers each change from now on, until one is taken. Returns how to leave before. Throws E_TOO_MANY. */
  sit(wanted: Wanted<Outcome>, seat: Seat<Outcome>): () => void {
    if (this.#seats >= this.#seatsMax) throw new KeeperError('E_TOO_MANY', `${this.#seatsMax} long polls wait already`)
    const key = [wanted.namespace, wanted.name, wanted.viewer].join('\0')
    const room = this.#rooms.get(key) ?? this.#open(key, wanted)
    room.seats.add(seat)
    this.#seats++
    return () => this.#leave(key, room, seat)
  }

  /** Offers `outcome` to everyone. */
  close(outcome: Outcome): void {
    for (const [key, room] of [...this.#rooms]) this.#offer(key, room, outcome)
  }

  #open(key: string, { namespace, name, look }: Wanted<Outcome>): Room<Outcome> {
    const recordOf = recordKey(namespace, 'config', name)
    const stop = this.#keys.listen(recordOf, () => this.#offer(key, room, room.look()))
    const room: Room<Outcome> = { seats: new Set(), look, stop }
    this.#rooms.set(key, room)
    return room
  }

  #offer(key: string, room: Room<Outcome>, outcome: Outcome): void {
    for (const seat of [...room.seats]) if (seat.offer(outcome)) this.#leave(key, room, seat)
  }

  #leave(key: string, room: Room<Outcome>, seat: Seat<Outcome>): void {
    if (!room.seats.delete(seat)) return
    this.#seats--
    if (room.seats.size > 0) return
    room.stop()
    this.#rooms.delete(key)
  }
}
