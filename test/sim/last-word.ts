import type { Attached } from '../../keeper/src/push/hub.js'
import { sessionKey } from '../../keeper/src/push/session-log.js'
import { decodeRecord } from '../../keeper/src/store/records.js'
import type { SimProcess } from './process.js'
import { Violation } from './trace.js'

/** A stream that its process gave up while its keeper does not know it yet, and an ack that is still on its way. */
export interface LastWord {
  readonly who: string
  readonly session: string
  readonly process: SimProcess
  readonly attached: Attached
  /** Of the stream, as it was when the keeper welcomed it. */
  readonly attachment: number
  readonly ack: Uint8Array
}

/** The attachment of a session as a process has it; 0 when it knows none. */
export function attachmentAt({ member }: SimProcess, session: string): number {
  const kv = member?.store.get('system', sessionKey('default', BigInt(session)))
  return kv ? decodeRecord('session', kv.value).attachment : 0
}

/** The ack arrives: where a newer attachment is known, the old one speaks for nobody (DESIGN 13). */
export function hearLastWord({ who, session, process, attached, attachment, ack }: LastWord): void {
  const { hub } = process
  if (!hub) return
  const newest = attachmentAt(process, session)
  const ignored = hub.stats().acksIgnored
  attached.onFrame(ack)
  if (newest > attachment && hub.stats().acksIgnored === ignored)
    throw new Violation('fencing', `${who} acked at n${process.id} by attachment ${attachment}, after ${newest}`)
}
