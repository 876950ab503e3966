import { KeeperError } from '../../base/errors.js'
import { limits } from '../../base/limits.js'

export type Ask = (body: object) => Promise<unknown>

/** The JSON that the first of `urls` answers; `body` makes it a POST. Rejects E_CONNECTION, E_NOT_FOUND, E_PERMISSION, E_UNSUPPORTED, E_TOO_LARGE. */
export async function askJson(urls: readonly string[], body?: object): Promise<unknown> {
  const bytes = await ask(urls, body)
  try {
    return JSON.parse(bytes.toString('utf8'))
  } catch (cause) {
    throw new KeeperError('E_UNSUPPORTED', `${urls[0]} answers no JSON`, {}, { cause })
  }
}

/** The bytes that the first of `urls` answers. Rejects as `askJson`. */
export async function ask(urls: readonly string[], body?: object): Promise<Buffer> {
  let last = new KeeperError('E_CONNECTION', 'no address given')
  for (const url of urls) {
    const asked = fetch(url, {
      signal: AbortSignal.timeout(limits.importTimeoutMs),
      redirect: 'error',
      ...(body && { method: 'POST', headers: { 'content-type': 'application/json' }, body: JSON.stringify(body) }),
    })
    try {
      return await bytesOf(url, await asked)
    } catch (error) {
      if (error instanceof KeeperError) throw error
      const { message, cause } = error as Error & { cause?: Error }
      last = new KeeperError(
        'E_CONNECTION',
        `${url} does not answer: ${cause?.message || message}`,
        { url },
        { cause: error },
      )
    }
  }
  throw last
}

async function bytesOf(url: string, response: Response): Promise<Buffer> {
  const chunks: Uint8Array[] = []
  let size = 0
  for await (const chunk of response.body ?? []) {
    size += chunk.length
    if (size > limits.importAnswerBytesMax)
      throw new KeeperError('E_TOO_LARGE', `${url} answers more than ${limits.importAnswerBytesMax} bytes`)
    chunks.push(chunk)
  }
  const bytes = Buffer.concat(chunks)
  if (response.ok) return bytes
  throw refused(url, response.status, bytes.toString('utf8').slice(0, 200).trim())
}

function refused(url: string, status: number, text: string): KeeperError {
  const said = `${url} answers ${status}${text === '' ? '' : `: ${text}`}`
  if (status === 401 || status === 403) return new KeeperError('E_PERMISSION', said, { url })
  return new KeeperError(status === 404 ? 'E_NOT_FOUND' : 'E_UNSUPPORTED', said, { url })
}
