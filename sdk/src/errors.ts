/**
 * What goes wrong for a service that embeds the SDK, by code: the codes of the keepers' own registry, so that one word
 * means one thing on both sides of the wire. Nothing matches on a message.
 */
export type ClientErrorCode =
  | 'E_INVALID_ARGUMENT'
  | 'E_NOT_FOUND'
  | 'E_NOT_IN_AUDIENCE'
  | 'E_REJECTED'
  | 'E_TIMEOUT'
  | 'E_TOO_LARGE'
  | 'E_TOO_MANY'
  | 'E_FRAME_GARBAGE'
  | 'E_SESSION_UNKNOWN'
  | 'E_FENCED'
  | 'E_BAD_NAME'
  | 'E_PERMISSION'
  | 'E_UNAUTHENTICATED'
  | 'E_UNAVAILABLE'
  | 'E_UNCERTAIN'
  | 'E_STOPPED'
  | 'E_CORRUPT'
  | 'E_CONNECTION'
  | 'E_TLS'
  | 'E_INTERNAL'
  // Codes that a keeper sends and the SDK only hands on.
  | (string & {})

/** A failure with a `code` for programs, a message for people, and `details` where a keeper sent some. */
export class KeeperClientError extends Error {
  override readonly name = 'KeeperClientError'
  readonly code: ClientErrorCode
  readonly details: Readonly<Record<string, unknown>>

  constructor(
    code: ClientErrorCode,
    message: string,
    details: Readonly<Record<string, unknown>> = {},
    options?: ErrorOptions,
  ) {
    super(message, options)
    this.code = code
    this.details = details
  }
}

/** A Status from the wire as an error; details that are no JSON object are dropped. */
export function errorOfStatus(status: { code: string; message: string; detailsJson: string }): KeeperClientError {
  return new KeeperClientError(status.code || 'E_INTERNAL', status.message || status.code, parseDetails(status))
}

function parseDetails(status: { detailsJson: string }): Record<string, unknown> {
  try {
    const details: unknown = JSON.parse(status.detailsJson || '{}')
    return typeof details === 'object' && details !== null ? { ...details } : {}
  } catch {
    return {}
  }
}

/** The message of any thrown thing, for a reason that people read. */
export function messageOf(thrown: unknown): string {
  if (thrown instanceof Error) return thrown.message || thrown.name
  try {
    return String(thrown)
  } catch {
    return 'something that cannot be printed was thrown'
  }
}
