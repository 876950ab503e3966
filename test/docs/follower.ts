import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { chmod, mkdir, mkdtemp, readFile, rm, symlink, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { freeAddress } from '../../keeper/src/transport/testing/free-address.js'
import { until } from '../harness/keeper-process.js'
import type { Step } from './blocks.js'
import { comes, isShown } from './compare.js'

const root = join(import.meta.dirname, '../..')

/** A command that has not ended by then never will. */
const looks = /^keeper (?:ledger|status|instances|history|secret list|member list)\b[^|;&\n]*$/
const lookMsMax = 5_000
const commandMsMax = 30_000
/** A shell may take Ctrl-C for its child's alone. */
const endMsMax = 10_000

/** All that a command has started. */
function kill({ pid }: ChildProcess, signal: NodeJS.Signals): void {
  if (pid !== undefined) process.kill(-pid, signal)
}

interface Terminal {
  readonly child: ChildProcess
  printed: string
  /** How much of it the page has shown. */
  seen: number
}

/**
 * Follows a page in an empty folder, as a reader would, with the real command line. The addresses that pages use stand
 * for free ones of this machine, so that pages may be followed side by side.
 */
export class Follower {
  readonly folder: string
  readonly #terminals = new Map<string, Terminal>()
  /** Port on the page → port here. */
  readonly #ports = new Map<string, string>()

  private constructor(folder: string) {
    this.folder = folder
  }

  static async begin(): Promise<Follower> {
    const follower = new Follower(await mkdtemp(join(tmpdir(), 'keeper-docs-')))
    await mkdir(join(follower.folder, '.bin'))
    const keeper = join(follower.folder, '.bin/keeper')
    await writeFile(keeper, `#!/bin/sh\nexec "${process.execPath}" "${root}/keeper/bin/keeper.js" "$@"\n`)
    await chmod(keeper, 0o755)
    await symlink(join(root, 'node_modules'), join(follower.folder, 'node_modules'))
    return follower
  }

  async follow(step: Step): Promise<void> {
    if (step.kind === 'file') await this.#save(step.path, step.text)
    else if (step.kind === 'run') await this.#run(step)
    else if (step.kind === 'watch') await this.#watch(step)
    else await this.#end(step.terminal)
  }

  async close(): Promise<void> {
    for (const name of [...this.#terminals.keys()]) await this.#end(name)
    await rm(this.folder, { recursive: true, force: true })
  }

  async #save(path: string, text: string): Promise<void> {
    await mkdir(dirname(join(this.folder, path)), { recursive: true })
    await writeFile(join(this.folder, path), text)
  }

  /** A command that only looks is repeated, as a reader would, until what it is to show has come about. */
  async #run(step: Extract<Step, { kind: 'run' }>): Promise<void> {
    const since = performance.now()
    for (;;) {
      try {
        return await this.#runOnce(step)
      } catch (error) {
        if (!looks.test(step.command) || performance.now() - since > lookMsMax) throw error
      }
    }
  }

  async #runOnce({ line, command, output, exit }: Extract<Step, { kind: 'run' }>): Promise<void> {
    const terminal = await this.#start(command)
    const late = setTimeout(() => kill(terminal.child, 'SIGKILL'), commandMsMax)
    await once(terminal.child, 'close')
    clearTimeout(late)
    const printed = this.#asOnPage(terminal.printed)
    const said = `line ${line}: $ ${command}\n--- printed (exit ${terminal.child.exitCode}) ---\n${printed}`
    if (terminal.child.exitCode !== exit)
      throw new Error(`${said}${await this.#putAside(command)}--- the page says exit ${exit} ---`)
    if (output !== undefined && !isShown(output, printed)) throw new Error(`${said}--- the page shows ---\n${output}`)
  }

  /** What a command of the page said to a file instead of to its reader. */
  async #putAside(command: string): Promise<string> {
    const [, file] = / 2> (\S+)$/.exec(command) ?? []
    const text = file === undefined ? '' : await readFile(join(this.folder, file), 'utf8').catch(() => '')
    return text === '' ? '' : `--- ${file} ---\n${text}`
  }

  async #watch({ line, terminal: name, command, output }: Extract<Step, { kind: 'watch' }>): Promise<void> {
    if (command !== undefined) {
      await this.#end(name)
      this.#terminals.set(name, await this.#start(command))
    }
    const terminal = this.#terminals.get(name)
    if (!terminal) throw new Error(`line ${line}: nothing runs in terminal ${name}`)
    const isThere = () => comes(output, this.#asOnPage(terminal.printed.slice(terminal.seen)))
    await until(`line ${line}`, isThere, 15_000).catch(() => {
      const printed = this.#asOnPage(terminal.printed)
      throw new Error(`line ${line}: in terminal ${name}\n--- printed ---\n${printed}--- the page shows ---\n${output}`)
    })
    terminal.seen = terminal.printed.length
  }

  async #end(name: string): Promise<void> {
    const terminal = this.#terminals.get(name)
    this.#terminals.delete(name)
    const { child } = terminal ?? {}
    if (!child || child.exitCode !== null || child.signalCode !== null) return
    const late = setTimeout(() => kill(child, 'SIGKILL'), endMsMax)
    kill(child, 'SIGINT')
    await once(child, 'close')
    clearTimeout(late)
  }

  async #start(command: string): Promise<Terminal> {
    const child = spawn('bash', ['-euo', 'pipefail', '-c', await this.#asHere(command)], {
      cwd: this.folder,
      env: await this.#environment(),
      stdio: ['ignore', 'pipe', 'pipe'],
      // A group of its own: Ctrl-C reaches all of it.
      detached: true,
    })
    const terminal: Terminal = { child, printed: '', seen: 0 }
    for (const stream of [child.stdout, child.stderr])
      stream.on('data', (chunk) => {
        terminal.printed += String(chunk)
      })
    return terminal
  }

  async #environment(): Promise<NodeJS.ProcessEnv> {
    const { KEEPER_DEBUG: _, ...env } = process.env
    return {
      ...env,
      // Whoever git says works here may have a name of many words.
      KEEPER_AUTHOR: 'ops@host',
      PATH: `${join(this.folder, '.bin')}:${join(root, 'node_modules/.bin')}:${process.env.PATH ?? ''}`,
      KEEPER_ENDPOINTS: await this.#asHere('127.0.0.1:7400'),
      KEEPER_STATE_DIR: join(this.folder, '.state'),
      NO_COLOR: '1',
    }
  }

  /** A keeper that is told no address takes the default ones: here they are others. */
  async #asHere(command: string): Promise<string> {
    const defaults = { client: 7400, peer: 7401, http: 7480 }
    let text = command
    if (/\bkeeper serve\b/.test(text)) {
      const missing = Object.entries(defaults).filter(([what]) => !text.includes(`--listen-${what}`))
      text = text.replace(
        'keeper serve',
        `keeper serve ${missing.map(([what, port]) => `--listen-${what} 127.0.0.1:${port}`).join(' ')}`,
      )
    }
    for (const [, port = ''] of text.matchAll(/\b127\.0\.0\.1:(74\d\d)\b/g))
      if (!this.#ports.has(port)) this.#ports.set(port, (await freeAddress()).split(':')[1] ?? '')
    return text.replace(/\b127\.0\.0\.1:(74\d\d)\b/g, (all, port) => `127.0.0.1:${this.#ports.get(port) ?? all}`)
  }

  #asOnPage(text: string): string {
    let page = text.replaceAll(`${this.folder}/`, '').replaceAll(this.folder, '.')
    for (const [port, here] of this.#ports) page = page.replaceAll(`127.0.0.1:${here}`, `127.0.0.1:${port}`)
    return page
  }
}
