import type { ApplyHeader, ApplyRequest } from '@keeper/proto'
import { asKeeperError, type KeeperError } from '../base/errors.js'
import { limits } from '../base/limits.js'
import type { SourceTree } from '../compile/types.js'
import type { StreamCall } from './client.js'
import type { Context } from './context.js'

/**
 * Sends a directory's files behind a header; gives the answers. A call that was begun is over when this is. Where the
 * keeper goes away in the midst, whichever answers then is sent the same, as often as there are others: it must come to
 * the same when it is done twice. Rejects as the call does, E_CONNECTION where nobody answers.
 */
export async function sendTree<Answer>(
  { client, endpoints, output, signal }: Pick<Context, 'client' | 'endpoints' | 'output' | 'signal'>,
  to: { readonly service: 'configs' | 'changes'; readonly method: 'Apply' | 'Plan' },
  header: ApplyHeader,
  tree: SourceTree,
): Promise<Answer[]> {
  for (let others = endpoints - 1; ; others--) {
    const stream = await client.stream<ApplyRequest, Answer>(to.service, to.method)
    try {
      return await answersOf(stream, header, tree, signal)
    } catch (thrown) {
      const error = asKeeperError(thrown)
      if (!isGone(error) || others <= 0 || signal.aborted) throw thrown
      output.error(`${error.message} (${error.code}): the next keeper is asked`)
    }
  }
}

async function answersOf<Answer>(
  stream: StreamCall<ApplyRequest, Answer>,
  header: ApplyHeader,
  tree: SourceTree,
  signal: AbortSignal,
): Promise<Answer[]> {
  const stop = () => stream.cancel()
  signal.addEventListener('abort', stop)
  // A keeper that refuses early ends the call: its answer tells more than the write that failed for it.
  write(stream, header, tree).catch(() => {})
  const answers: Answer[] = []
  try {
    for await (const answer of stream) answers.push(answer)
    return answers
  } finally {
    signal.removeEventListener('abort', stop)
    stream.cancel()
  }
}

const isGone = ({ code }: KeeperError): boolean => code === 'E_CONNECTION' || code === 'E_STOPPED'

async function write(stream: StreamCall<ApplyRequest, unknown>, header: ApplyHeader, tree: SourceTree): Promise<void> {
  const send = windowed(stream)
  await send({ header }, 0)
  for (const problem of tree.problems) await send({ problem }, 0)
  for (const file of tree.files) for (const piece of pieces(file)) await send({ file: piece }, piece.bytes.length)
  stream.end()
}

const WINDOW_BYTES = 1024 * 1024
const MESSAGE_BYTES = 256

/** Thousands of small files need not each wait until the one before has left. */
function windowed(stream: StreamCall<ApplyRequest, unknown>): (message: ApplyRequest, bytes: number) => Promise<void> {
  let waiting = 0
  return async (message, bytes) => {
    const written = stream.write(message)
    waiting += bytes + MESSAGE_BYTES
    if (waiting < WINDOW_BYTES) {
      // What goes wrong shows in the answers, and in the next write that is waited for.
      written.catch(() => {})
      return
    }
    waiting = 0
    await written
  }
}

/** A file in pieces that each fit into a message. */
export function* pieces({ path, bytes }: { readonly path: string; readonly bytes: Uint8Array }) {
  for (let at = 0; at === 0 || at < bytes.length; at += limits.blobChunkBytes) {
    const last = at + limits.blobChunkBytes >= bytes.length
    const length = at === 0 ? bytes.length : 0
    yield { path, bytes: Buffer.from(bytes.subarray(at, at + limits.blobChunkBytes)), last, length }
  }
}
