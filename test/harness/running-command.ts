import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import { until } from './keeper-process.js'

const bin = join(import.meta.dirname, '../../keeper/bin/keeper.js')

/** A command line that goes on: what it has said so far, and how it ends. */
export class RunningCommand {
  stdout = ''
  stderr = ''
  readonly #child
  readonly #closed: Promise<unknown[]>

  constructor(args: readonly string[], env: Record<string, string> = {}) {
    this.#child = spawn(process.execPath, [bin, ...args], {
      env: { ...process.env, ...env },
      stdio: ['ignore', 'pipe', 'pipe'],
    })
    this.#child.stdout.on('data', (chunk) => {
      this.stdout += String(chunk)
    })
    this.#child.stderr.on('data', (chunk) => {
      this.stderr += String(chunk)
    })
    this.#closed = once(this.#child, 'close')
  }

  /** Waits until it has said `text` on standard output. */
  async says(text: string): Promise<void> {
    await until(`"${text}"`, async () => {
      if (this.stdout.includes(text)) return true
      if (this.#child.exitCode !== null)
        throw new Error(`ended with ${this.#child.exitCode}: ${this.stdout}${this.stderr}`)
      return false
    })
  }

  signal(signal: NodeJS.Signals): void {
    this.#child.kill(signal)
  }

  /** Its exit code; null when a signal ended it. */
  async ended(): Promise<number | null> {
    const [code] = await this.#closed
    return code as number | null
  }

  /** For cleaning up: whatever it does. */
  async kill(): Promise<void> {
    if (this.#child.exitCode === null && this.#child.signalCode === null) this.#child.kill('SIGTERM')
    await this.#closed
  }
}
