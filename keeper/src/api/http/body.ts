import type { IncomingMessage } from 'node:http'
import { KeeperError } from '../../base/errors.js'
import { limits } from '../../base/limits.js'
import { invalid } from './question.js'

/** A request's JSON. Throws E_INVALID_ARGUMENT for what is none, E_TOO_LARGE. */
export async function readJson(request: IncomingMessage): Promise<unknown> {
  // A browser may not send this type to another origin without asking first.
  if (!/^application\/json\b/i.test(request.headers['content-type'] ?? ''))
    throw invalid('expected content-type: application/json')
  const chunks: Buffer[] = []
  let bytes = 0
  for await (const chunk of request as AsyncIterable<Buffer>) {
    bytes += chunk.length
    if (bytes > limits.httpBodyBytesMax)
      throw new KeeperError('E_TOO_LARGE', `a body has at most ${limits.httpBodyBytesMax} bytes`)
    chunks.push(chunk)
  }
  try {
    return JSON.parse(Buffer.concat(chunks).toString('utf8'))
  } catch (cause) {
    throw new KeeperError('E_INVALID_ARGUMENT', 'the body is not JSON', {}, { cause })
  }
}
