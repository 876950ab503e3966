import type { ChangeSet } from '@keeper/sdk'
import { Child, type ChildOptions } from './child.js'
import { type Rendering, rendered, type Target, writeAll } from './targets.js'

export interface SupervisorOptions {
  readonly targets: readonly Target[]
  readonly command: readonly string[]
  /** Sent after a change; undefined: the command looks for itself. */
  readonly signal: NodeJS.Signals | undefined
  /** For files that are not there yet. */
  readonly mode: number
  /** A command that ends so soon after a change has failed of it. */
  readonly settleMs: number
  readonly child: ChildOptions
  /** Does the value of the config hold secrets? */
  isSecret(name: string): boolean
}

/** Keeps files and tells the command: what the SDK's callback is for a process that embeds it. */
export class Supervisor {
  readonly #options: SupervisorOptions
  readonly #texts = new Map<string, string>()
  /** Resolves once the command runs. Rejects with what kept it from it. */
  readonly started: Promise<Child>
  #tellStarted: (child: Child) => void = () => {}
  #tellFailed: (error: unknown) => void = () => {}
  #child: Child | undefined
  #stopping = false

  constructor(options: SupervisorOptions) {
    this.#options = options
    this.started = new Promise((resolve, reject) => {
      this.#tellStarted = resolve
      this.#tellFailed = reject
    })
    this.started.catch(() => {})
  }

  /** An end of the command from now on is no failure of a change. */
  stopping(): void {
    this.#stopping = true
  }

  /**
   * Brings the files to `change`, starts the command the first time and signals it later. Rejects when a file cannot be
   * written, or the command ended because of it: the keeper calls that `failed`.
   */
  async update({
    values,
    revision,
    removed,
  }: Pick<ChangeSet<string>, 'values' | 'revision' | 'removed'>): Promise<void> {
    try {
      for (const name of removed) this.#options.child.tell(`${name} was removed: its file stays as it is`)
      const isChanged = await this.#render(values)
      if (!this.#child) await this.#start()
      else if (isChanged && this.#options.signal) this.#child.signal(this.#options.signal)
      if (this.#child) await this.#settled(this.#child, revision)
    } catch (error) {
      this.#tellFailed(error)
      throw error
    }
  }

  async #render(values: Readonly<Record<string, unknown>>): Promise<boolean> {
    const { targets, mode, isSecret } = this.#options
    const all = targets.map(
      (target): Rendering => ({
        file: target.file,
        text: rendered(target, values[target.name]),
        isSecret: isSecret(target.name),
      }),
    )
    const changed = all.filter(({ file, text }) => this.#texts.get(file) !== text)
    await writeAll(changed, mode)
    for (const { file, text } of changed) this.#texts.set(file, text)
    return changed.length > 0
  }

  async #start(): Promise<void> {
    const { command, child } = this.#options
    if (this.#stopping) throw new Error('stopped before the command ran')
    this.#child = await Child.start(command, child)
    // A signal that came while it was started is not lost.
    if (this.#stopping) void this.#child.stop()
    this.#tellStarted(this.#child)
  }

  async #settled(child: Child, revision: number): Promise<void> {
    const { settleMs } = this.#options
    if (settleMs === 0) return
    let timer: NodeJS.Timeout | undefined
    const quiet = new Promise<undefined>((resolve) => {
      timer = setTimeout(() => resolve(undefined), settleMs)
    })
    const code = await Promise.race([child.ended, quiet])
    clearTimeout(timer)
    if (code !== undefined && code !== 0 && !this.#stopping)
      throw new Error(`the command ended with exit code ${code} within ${settleMs} ms of r${revision}`)
  }
}
