/** A text in the editor of whoever sits there, with words above it that are no part of it. */

import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { basename, extname, join } from 'node:path'
import { KeeperError } from '../base/errors.js'

const slashes = new Set(['.json', '.jsonc', '.json5'])

/** One file being edited; in a folder of its own that only its owner can read. */
export class Draft {
  readonly path: string
  readonly #folder: string
  readonly #mark: string

  private constructor(folder: string, name: string) {
    this.#folder = folder
    this.path = join(folder, basename(name))
    this.#mark = `${slashes.has(extname(name)) ? '//' : '#'} keeper:`
  }

  /** `name` gives the file's name, by which editors know its language. */
  static async open(name: string): Promise<Draft> {
    return new Draft(await mkdtemp(join(tmpdir(), 'keeper-edit-')), name)
  }

  /**
   * Shows `text` below `words` and gives what it became, without them. Rejects E_EDITOR when the editor cannot be
   * started or ends with a failure, E_INVALID_ARGUMENT for what is no text: it stays where it is.
   */
  async edit(words: readonly string[], text: string): Promise<string> {
    await writeFile(this.path, `${words.map((word) => `${this.#mark} ${word}\n`).join('')}${text}`, { mode: 0o600 })
    await runEditor(this.path)
    return this.#withoutWords(this.#text(await readFile(this.path)))
  }

  /** Leaves the text without the words where it is, for whoever wants it back; gives its place. */
  async keep(text: string): Promise<string> {
    await writeFile(this.path, text, { mode: 0o600 })
    return this.path
  }

  async discard(): Promise<void> {
    await rm(this.#folder, { recursive: true, force: true })
  }

  #text(bytes: Uint8Array): string {
    try {
      return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes)
    } catch (cause) {
      const message = `what you saved is no UTF-8; nothing was changed, and it is kept in ${this.path}`
      throw new KeeperError('E_INVALID_ARGUMENT', message, { path: this.path }, { cause })
    }
  }

  #withoutWords(text: string): string {
    const lines = text.split('\n')
    const first = lines.findIndex((line) => !line.startsWith(this.#mark))
    return first < 0 ? '' : lines.slice(first).join('\n')
  }
}

/** Runs $VISUAL, $EDITOR or vi on a file: its words as they are, through no shell. */
async function runEditor(path: string): Promise<void> {
  const { VISUAL, EDITOR } = process.env
  const [command = 'vi', ...args] = words(VISUAL || EDITOR || 'vi')
  const child = spawn(command, [...args, path], { stdio: 'inherit' })
  const problem = await once(child, 'exit').then(
    ([code, signal]) => (code === 0 ? '' : `ended with ${signal ?? code}`),
    (error) => `cannot be started: ${(error as Error).message}`,
  )
  if (problem !== '') throw new KeeperError('E_EDITOR', `the editor ${command} ${problem}; nothing was changed`)
}

/** `code --wait` → two words; quotes keep spaces together. */
export const words = (command: string): string[] =>
  [...command.matchAll(/"([^"]*)"|'([^']*)'|(\S+)/g)].map(([, double, single, bare]) => double ?? single ?? bare ?? '')
