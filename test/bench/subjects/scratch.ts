import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync } from 'node:fs'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

/** What a bench leaves behind, whatever happens: nothing. */

const living = new Set<ChildProcess>()
const folders = new Set<string>()
let armed = false

function arm(): void {
  if (armed) return
  armed = true
  process.on('exit', () => {
    for (const child of living) child.kill('SIGKILL')
    for (const folder of folders) rmSync(folder, { recursive: true, force: true, maxRetries: 5 })
  })
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, () => process.exit(130))
}

/** Ends with this process at the latest. */
export function adopt(child: ChildProcess): ChildProcess {
  arm()
  living.add(child)
  child.once('exit', () => living.delete(child))
  return child
}

/** A folder for `body`, gone after it. */
export async function withScratch<T>(body: (folder: string) => Promise<T>): Promise<T> {
  arm()
  const folder = mkdtempSync(join(tmpdir(), 'keeper-bench-'))
  folders.add(folder)
  try {
    return await body(folder)
  } finally {
    folders.delete(folder)
    rmSync(folder, { recursive: true, force: true, maxRetries: 5 })
  }
}

const linesKept = 50

/** A server in a process of its own, with the end of what it said. */
export class ServerProcess {
  readonly #child: ChildProcess
  readonly #said: string[] = []

  constructor(argv: readonly string[], env: Readonly<Record<string, string>> = {}) {
    const [command = '', ...args] = argv
    this.#child = adopt(spawn(command, args, { stdio: ['ignore', 'pipe', 'pipe'], env: { ...process.env, ...env } }))
    this.#child.on('error', (error) => this.#said.push(error.message))
    for (const stream of [this.#child.stdout, this.#child.stderr])
      stream?.on('data', (chunk) => {
        this.#said.push(String(chunk))
        if (this.#said.length > linesKept) this.#said.shift()
      })
  }

  get pid(): number {
    return this.#child.pid ?? 0
  }

  get ended(): boolean {
    return this.#child.exitCode !== null || this.#child.signalCode !== null || this.#child.pid === undefined
  }

  get said(): string {
    return this.#said.join('')
  }

  signal(signal: NodeJS.Signals): void {
    this.#child.kill(signal)
  }

  /** Resolves when the process is gone. */
  async end(signal: NodeJS.Signals): Promise<void> {
    if (this.ended) return
    const exited = once(this.#child, 'exit')
    this.#child.kill(signal)
    const late = setTimeout(() => this.#child.kill('SIGKILL'), 15_000)
    await exited
    clearTimeout(late)
  }
}

/** Ports that are free now, all different. */
export async function freePorts(count: number): Promise<number[]> {
  const servers = Array.from({ length: count }, () => createServer().listen(0, '127.0.0.1'))
  await Promise.all(servers.map((server) => once(server, 'listening')))
  const ports = servers.map((server) => (server.address() as { port: number }).port)
  await Promise.all(servers.map((server) => once(server.close(), 'close')))
  return ports
}
