import { readFile } from 'node:fs/promises'
import { createInterface } from 'node:readline/promises'
import { Writable } from 'node:stream'
import { KeeperError } from '../base/errors.js'
import { limits } from '../base/limits.js'

/**
 * The bytes of a secret: of a file, of standard input (`-`), or typed at a terminal, where it is not shown. One
 * newline at the end is left out. It never stands in the arguments, which everybody on the machine can read.
 */
export async function readSecret(from: string | undefined, prompt: string): Promise<Uint8Array> {
  if (from === undefined) return Buffer.from(await typed(prompt))
  const bytes = from === '-' ? await readInput() : await readFrom(from)
  const end = bytes.at(-1) === 10 ? (bytes.at(-2) === 13 ? -2 : -1) : bytes.length
  return bytes.subarray(0, end)
}

async function readFrom(file: string): Promise<Buffer> {
  try {
    return await readFile(file)
  } catch (cause) {
    throw new KeeperError('E_INVALID_ARGUMENT', `cannot read ${file}: ${(cause as Error).message}`, {}, { cause })
  }
}

async function readInput(): Promise<Buffer> {
  const chunks: Buffer[] = []
  let size = 0
  for await (const chunk of process.stdin) {
    chunks.push(chunk)
    size += chunk.length
    // The newline may come on top; the keeper says the rest.
    if (size > limits.secretBytesMax + 2)
      throw new KeeperError('E_TOO_LARGE', `a secret has at most ${limits.secretBytesMax} bytes`)
  }
  return Buffer.concat(chunks)
}

async function typed(prompt: string): Promise<string> {
  if (!process.stdin.isTTY)
    throw new KeeperError(
      'E_INVALID_ARGUMENT',
      'no terminal to ask at: give --from-file FILE, or --from-file - and pipe it',
    )
  process.stderr.write(prompt)
  const silent = new Writable({ write: (_chunk, _encoding, done) => done() })
  const lines = createInterface({ input: process.stdin, output: silent, terminal: true })
  try {
    return await lines.question('')
  } finally {
    lines.close()
    process.stderr.write('\n')
  }
}
