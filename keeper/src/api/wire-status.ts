/** Errors on the wire: a gRPC status, a message for people, and the registry's code in a binary trailer. */

import { status as statusCodec } from '@keeper/proto'
import { KeeperError } from '../base/errors.js'
import type { Logger } from '../base/logger.js'

/** Trailer with a serialized keeper.v1.Status. */
export const ERROR_TRAILER = 'keeper-error-bin'

const MESSAGE_CHARS_MAX = 1_024
const DETAILS_CHARS_MAX = 2_048

export interface WireStatus {
  readonly code: string
  readonly message: string
  readonly detailsJson: string
}

/** What a client may see of a thrown thing: a defect's text stays in our log. */
export function publicError(thrown: unknown, logger: Logger): KeeperError {
  if (thrown instanceof KeeperError && thrown.code !== 'E_INTERNAL') return thrown
  logger.error({ err: thrown }, 'a request met a defect')
  return new KeeperError('E_INTERNAL', 'a defect in the keeper; its log says more')
}

/** keeper.v1.Status of an error; details that are too large are left out. */
export function wireStatus(error: KeeperError): WireStatus {
  const detailsJson = Object.keys(error.details).length > 0 ? JSON.stringify(error.details) : ''
  return {
    code: error.code,
    message: error.message.slice(0, MESSAGE_CHARS_MAX),
    detailsJson: detailsJson.length > DETAILS_CHARS_MAX ? '' : detailsJson,
  }
}

export const statusBytes = (error: KeeperError): Buffer => statusCodec.encode(wireStatus(error))

/** Trailers of a stream that we frame ourselves. */
export const statusTrailers = (error: KeeperError): Record<string, string> => ({
  'grpc-status': String(error.kind.grpc),
  'grpc-message': percentEncode(error.message.slice(0, MESSAGE_CHARS_MAX)),
  [ERROR_TRAILER]: statusBytes(error).toString('base64'),
})

/** As gRPC asks of `grpc-message`: printable ASCII but `%` stands for itself, all else as %XX of its UTF-8 bytes. */
export function percentEncode(text: string): string {
  let encoded = ''
  for (const byte of Buffer.from(text, 'utf8')) {
    const plain = byte >= 0x20 && byte <= 0x7e && byte !== 0x25
    encoded += plain ? String.fromCharCode(byte) : `%${byte.toString(16).toUpperCase().padStart(2, '0')}`
  }
  return encoded
}
