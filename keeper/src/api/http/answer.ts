import type { OutgoingHttpHeaders } from 'node:http'
import { GrpcStatus, type KeeperError } from '../../base/errors.js'
import { wireStatus } from '../wire-status.js'

/** What one request is answered with; the body may be shared by many. */
export interface Answer {
  readonly status: number
  readonly headers: OutgoingHttpHeaders
  readonly body?: Buffer
}

const statuses: Readonly<Record<number, number>> = {
  [GrpcStatus.invalidArgument]: 400,
  [GrpcStatus.outOfRange]: 400,
  [GrpcStatus.unauthenticated]: 401,
  [GrpcStatus.permissionDenied]: 403,
  [GrpcStatus.notFound]: 404,
  [GrpcStatus.failedPrecondition]: 409,
  [GrpcStatus.aborted]: 409,
  [GrpcStatus.alreadyExists]: 409,
  [GrpcStatus.resourceExhausted]: 429,
  [GrpcStatus.unimplemented]: 501,
  [GrpcStatus.unavailable]: 503,
  [GrpcStatus.deadlineExceeded]: 504,
}

const jsonHeaders = { 'content-type': 'application/json; charset=utf-8', 'x-content-type-options': 'nosniff' }

/** After so long whoever got a refusal that may pass should ask again, in seconds. */
const retryAfterSeconds = 1

/** `{"error":{"code","message","fix",…details}}` with the status that fits the code. */
export function errorAnswer(error: KeeperError): Answer {
  const status = error.code === 'E_TOO_LARGE' ? 413 : (statuses[error.kind.grpc] ?? 500)
  const { code, message, detailsJson } = wireStatus(error)
  const details = detailsJson === '' ? {} : (JSON.parse(detailsJson) as object)
  const body = Buffer.from(`${JSON.stringify({ error: { ...details, code, message, fix: error.kind.fix } })}\n`)
  const retry = error.kind.retry || status === 404 ? { 'retry-after': String(retryAfterSeconds) } : {}
  return { status, headers: { ...jsonHeaders, 'cache-control': 'no-store', ...retry }, body }
}

export const valueAnswer = (body: Buffer, headers: OutgoingHttpHeaders): Answer => ({
  status: 200,
  headers: { ...jsonHeaders, 'cache-control': 'no-cache', ...headers },
  body,
})

export const emptyAnswer = (status: number, headers: OutgoingHttpHeaders = {}): Answer => ({ status, headers })
