import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { asShipped } from './as-shipped.js'

export interface ReadyLine {
  readonly client: string
  readonly peer: string
  readonly http: string
}

/** A real keeper in a process of its own, on ports of its own choice. */
export class KeeperProcess {
  readonly #child: ChildProcess
  readonly ready: ReadyLine
  readonly #errors: string[]

  private constructor(child: ChildProcess, ready: ReadyLine, errors: string[]) {
    this.#child = child
    this.ready = ready
    this.#errors = errors
  }

  /** Starts `keeper serve` on `dataDir` and waits until it says it is ready. */
  static async start(options: {
    dataDir: string
    configDir?: string
    listenClient?: string
    listenPeer?: string
    nodeFlags?: readonly string[]
    extra?: readonly string[]
    wrap?: readonly string[]
    /** Another keeper than that of this tree. */
    program?: string | undefined
  }): Promise<KeeperProcess> {
    const shipped = asShipped(options.nodeFlags)
    const other = options.program && [process.execPath, ...(options.nodeFlags ?? []), options.program]
    const argv = [
      ...(options.wrap ?? []),
      ...(other || shipped.argv),
      'serve',
      '--output',
      'json',
      '--data-dir',
      options.dataDir,
      '--listen-client',
      options.listenClient ?? '127.0.0.1:0',
      '--listen-peer',
      options.listenPeer ?? '127.0.0.1:0',
      '--listen-http',
      '127.0.0.1:0',
      ...(options.configDir ? ['--config-dir', options.configDir] : []),
      ...(options.extra ?? []),
    ]
    const env = { ...process.env, ...shipped.env }
    const child = spawn(argv[0] as string, argv.slice(1), { stdio: ['ignore', 'pipe', 'pipe'], env })
    const errors: string[] = []
    child.stderr?.on('data', (chunk) => {
      errors.push(String(chunk))
      if (errors.length > 200) errors.shift()
    })
    const ready = await readyLine(child, errors)
    return new KeeperProcess(child, ready, errors)
  }

  get pid(): number {
    return this.#child.pid as number
  }

  get endpoint(): string {
    return this.ready.client
  }

  get errorOutput(): string {
    return this.#errors.join('')
  }

  signal(signal: NodeJS.Signals): void {
    this.#child.kill(signal)
  }

  /** Waits for the process to end by itself; gives its exit code. */
  async ended(): Promise<number | null> {
    if (this.#child.exitCode === null && this.#child.signalCode === null) await once(this.#child, 'exit')
    return this.#child.exitCode
  }

  /** As `kill`, for a keeper that runs below a tracer, which would leave it behind. */
  async killTraced(signal: NodeJS.Signals): Promise<void> {
    const children = await readFile(`/proc/${this.pid}/task/${this.pid}/children`, 'utf8')
    for (const child of children.trim().split(' ')) process.kill(Number(child), signal)
    await this.ended()
  }

  /** Sends a signal and waits for the process' end; gives its exit code (null when a signal ended it). */
  async kill(signal: NodeJS.Signals): Promise<number | null> {
    if (this.#child.exitCode !== null || this.#child.signalCode !== null) return this.#child.exitCode
    const exited = once(this.#child, 'exit')
    this.#child.kill(signal)
    const [code] = await exited
    return code as number | null
  }
}

async function readyLine(child: ChildProcess, errors: readonly string[]): Promise<ReadyLine> {
  const lines = createInterface({ input: child.stdout as NodeJS.ReadableStream })
  return await new Promise((resolve, reject) => {
    child.once('exit', (code) => reject(new Error(`keeper ended with ${code} before it was ready: ${errors.join('')}`)))
    lines.on('line', (line) => {
      const value = JSON.parse(line) as { event?: string } & ReadyLine
      if (value.event === 'ready') resolve(value)
    })
  })
}

/** CPU seconds (user + system) that a process has used, from /proc. */
export async function cpuSeconds(pid: number): Promise<number> {
  const stat = await readFile(`/proc/${pid}/stat`, 'utf8')
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ')
  return (Number(fields[11]) + Number(fields[12])) / 100
}

/** Resident bytes of a process, from /proc. */
export async function residentBytes(pid: number): Promise<number> {
  const status = await readFile(`/proc/${pid}/status`, 'utf8')
  return Number(/VmRSS:\s+(\d+) kB/.exec(status)?.[1] ?? 0) * 1024
}

/** The most that a process took since it began, or since `forgetPeak`. */
export async function peakBytes(pid: number): Promise<number> {
  const status = await readFile(`/proc/${pid}/status`, 'utf8')
  return Number(/VmHWM:\s+(\d+) kB/.exec(status)?.[1] ?? 0) * 1024
}

export const forgetPeak = (pid: number): Promise<void> => writeFile(`/proc/${pid}/clear_refs`, '5')

/** A temporary folder that is gone after `body`. */
export async function withFolder<T>(body: (folder: string) => Promise<T>): Promise<T> {
  const folder = await mkdtemp(join(tmpdir(), 'keeper-test-'))
  try {
    return await body(folder)
  } finally {
    await rm(folder, { recursive: true, force: true })
  }
}

/** Waits until `condition` gives something; fails with `what` after `timeoutMs`. */
export async function until<T>(
  what: string,
  condition: () => Promise<T | undefined | false> | T | undefined | false,
  timeoutMs = 10_000,
): Promise<T> {
  const deadline = performance.now() + timeoutMs
  for (;;) {
    const value = await condition()
    if (value !== undefined && value !== false) return value
    if (performance.now() > deadline) throw new Error(`timed out waiting for ${what}`)
    await new Promise((resolve) => setTimeout(resolve, 5))
  }
}
