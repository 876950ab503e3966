import { ByteReader, ByteWriter } from '../base/codec.js'
import { KeeperError } from '../base/errors.js'
import type { ConfChange, ConfChangeSingle, ConfChangeTransition, ConfChangeType } from './types.js'

/** Order is the encoding: append only. */
const types: readonly ConfChangeType[] = ['addNode', 'removeNode', 'updateNode', 'addLearnerNode']
const transitions: readonly ConfChangeTransition[] = ['auto', 'jointImplicit', 'jointExplicit']
const formatVersion = 1

/** The change that leaves a joint configuration; its encoding is empty, so that no size limit can refuse it. */
export const leaveJointChange: ConfChange = { transition: 'auto', changes: [] }

/** A change as data of an entry: format version, transition, changes (type, id), context. */
export function encodeConfChange(change: ConfChange): Uint8Array {
  if (change.transition === 'auto' && change.changes.length === 0 && !change.context) return new Uint8Array()
  const writer = new ByteWriter(32)
  writer.byte(formatVersion).byte(transitions.indexOf(change.transition)).uint(change.changes.length)
  for (const { type, id } of change.changes) writer.byte(types.indexOf(type)).uint(id)
  writer.bytes(change.context ?? new Uint8Array())
  return Uint8Array.from(writer.finish())
}

/** Throws E_CORRUPT for anything encodeConfChange did not write. */
export function decodeConfChange(data: Uint8Array): ConfChange {
  if (data.length === 0) return leaveJointChange
  const reader = new ByteReader(data)
  if (reader.byte() !== formatVersion) throw new KeeperError('E_CORRUPT', 'membership change of unknown format')
  const transition = pick(transitions, reader.byte())
  const changes: ConfChangeSingle[] = []
  for (let rest = reader.uint(); rest > 0; rest--) changes.push({ type: pick(types, reader.byte()), id: reader.uint() })
  const context = Uint8Array.from(reader.bytes())
  return context.length === 0 ? { transition, changes } : { transition, changes, context }
}

function pick<T>(from: readonly T[], at: number): T {
  const picked = from[at]
  if (picked === undefined) throw new KeeperError('E_CORRUPT', `membership change has no kind ${at}`)
  return picked
}
