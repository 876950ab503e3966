/** Small frames that are made for one session each. */

import { type ServerFrame, type Status, serverFrame } from '@keeper/proto'
import type { KeeperError } from '../base/errors.js'
import type { EncodedFrame } from './types.js'

export const encodeFrame = (frame: ServerFrame): EncodedFrame => ({ bytes: serverFrame.encode(frame) })

/** An error as the wire has it. */
export const statusOf = (error: KeeperError): Status => ({
  code: error.code,
  message: error.message,
  detailsJson: Object.keys(error.details).length === 0 ? '' : JSON.stringify(error.details),
})

export const goodbyeFrame = (
  error: KeeperError,
  reconnectAfterMs: number,
  endpoints: readonly string[],
): EncodedFrame => encodeFrame({ goodbye: { status: statusOf(error), reconnectAfterMs, endpoints: [...endpoints] } })
