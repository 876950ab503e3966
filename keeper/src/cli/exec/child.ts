import { type ChildProcess, spawn } from 'node:child_process'
import { constants } from 'node:os'
import { KeeperError } from '../../base/errors.js'

/** Signals that are handed on to the child as they come. */
const forwarded = ['SIGTERM', 'SIGINT', 'SIGHUP', 'SIGQUIT', 'SIGUSR2'] as const
/** Those of them that ask for an end: if none follows in time, it is made. */
const ending: ReadonlySet<NodeJS.Signals> = new Set(['SIGTERM', 'SIGINT', 'SIGQUIT'])

export interface ChildOptions {
  readonly env?: NodeJS.ProcessEnv
  /** Time between a signal that asks for an end, and SIGKILL. */
  readonly killAfterMs: number
  /** One line for people. */
  tell(line: string): void
}

/**
 * A command that runs in our place: our standard streams are its own, our signals go on to it, and its exit code is
 * ours. No shell reads its arguments.
 */
export class Child {
  /** Resolves with the exit code; 128 + n where signal n ended it, as shells say it. */
  readonly ended: Promise<number>
  readonly #process: ChildProcess
  readonly #options: ChildOptions
  #escalation: NodeJS.Timeout | undefined
  #code: number | undefined

  private constructor(child: ChildProcess, options: ChildOptions) {
    this.#process = child
    this.#options = options
    this.ended = new Promise((resolve) => {
      child.once('exit', (code, signal) => {
        this.#code = code ?? 128 + (signal ? constants.signals[signal] : 0)
        this.#release()
        resolve(this.#code)
      })
    })
    for (const signal of forwarded) process.on(signal, this.#onSignal)
  }

  /** Resolves when it runs. Rejects E_CHILD when it cannot be started. */
  static start([command = '', ...args]: readonly string[], options: ChildOptions): Promise<Child> {
    const child = spawn(command, args, { stdio: 'inherit', env: options.env ?? process.env })
    return new Promise((resolve, reject) => {
      child.once('spawn', () => {
        child.removeAllListeners('error')
        child.on('error', (error) => options.tell(`${command}: ${error.message}`))
        resolve(new Child(child, options))
      })
      child.once('error', (cause: NodeJS.ErrnoException) => reject(unstartable(command, cause)))
    })
  }

  /** Its exit code once it has ended. */
  get code(): number | undefined {
    return this.#code
  }

  /** False when it has ended already. */
  signal(signal: NodeJS.Signals): boolean {
    return this.#code === undefined && this.#process.kill(signal)
  }

  /** Asks it to end, and ends it when it does not. */
  async stop(signal: NodeJS.Signals = 'SIGTERM'): Promise<number> {
    this.#forward(signal)
    return this.ended
  }

  readonly #onSignal = (signal: NodeJS.Signals): void => {
    // Ctrl-C at a terminal goes to the whole group: the child has it already.
    if (signal === 'SIGINT' && process.stdin.isTTY) this.#escalateAfter(signal)
    else this.#forward(signal)
  }

  #forward(signal: NodeJS.Signals): void {
    this.signal(signal)
    if (ending.has(signal)) this.#escalateAfter(signal)
  }

  #escalateAfter(signal: NodeJS.Signals): void {
    const { killAfterMs, tell } = this.#options
    this.#escalation ??= setTimeout(() => {
      tell(`the command did not end within ${killAfterMs} ms of ${signal}: killing it`)
      this.signal('SIGKILL')
    }, killAfterMs)
  }

  #release(): void {
    clearTimeout(this.#escalation)
    for (const signal of forwarded) process.off(signal, this.#onSignal)
  }
}

const startReasons: Readonly<Record<string, string>> = {
  ENOENT: 'there is no such command',
  EACCES: 'it is not executable',
  E2BIG: 'its arguments are too long',
}

const unstartable = (command: string, cause: NodeJS.ErrnoException): KeeperError =>
  new KeeperError(
    'E_CHILD',
    `cannot start ${command}: ${startReasons[cause.code ?? ''] ?? cause.message}`,
    { command },
    { cause },
  )

/** `HUP` or `SIGHUP` → `SIGHUP`; `none` → undefined. Throws E_INVALID_ARGUMENT. */
export function parseSignal(text: string): NodeJS.Signals | undefined {
  if (text.toLowerCase() === 'none') return undefined
  const name = `SIG${text.toUpperCase().replace(/^SIG/, '')}`
  if (!Object.hasOwn(constants.signals, name))
    throw new KeeperError('E_INVALID_ARGUMENT', `--signal: "${text}" is no signal; HUP, USR1, USR2 or none`)
  return name as NodeJS.Signals
}
