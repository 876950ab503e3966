import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Keeper, silentLogger } from '@keeper/sdk'
import { type Ended, keeperCommand } from './command-line.js'
import { KeeperProcess } from './keeper-process.js'
import { writeTree } from './tree.js'

/** Who joins. */
interface Who {
  readonly cluster: string
  readonly role?: string
  readonly instance: string
  readonly labels?: Record<string, string>
}

/** One keeper with a folder of its own, the command line that talks to it, and processes that join it. */
export class Counter {
  readonly folder: string
  readonly keeper: KeeperProcess
  /** With which the commands run. */
  readonly env: Record<string, string>
  readonly #processes: Keeper[] = []

  private constructor(folder: string, keeper: KeeperProcess, env: Record<string, string>) {
    this.folder = folder
    this.keeper = keeper
    this.env = env
  }

  /** `env` may be made of the folder. */
  static async open(env: (folder: string) => Record<string, string> = () => ({})): Promise<Counter> {
    const folder = await mkdtemp(join(tmpdir(), 'keeper-counter-'))
    const keeper = await KeeperProcess.start({ dataDir: join(folder, 'data') })
    return new Counter(folder, keeper, { KEEPER_ENDPOINTS: keeper.endpoint, ...env(folder) })
  }

  run(...args: string[]): Promise<Ended> {
    return keeperCommand(args, this.env)
  }

  /** A config directory of its own for a test. */
  directory(name: string, files: Readonly<Record<string, string>>): Promise<string> {
    return writeTree(join(this.folder, name), files)
  }

  async join({ role = 'room', labels = {}, ...who }: Who): Promise<Keeper> {
    const joined = await Keeper.join({
      ...{ ...who, role, labels, endpoints: [this.keeper.endpoint], stateDir: false, logger: silentLogger },
    })
    this.#processes.push(joined)
    return joined
  }

  async close(): Promise<void> {
    for (const one of this.#processes) await one.leave()
    await this.keeper.kill('SIGTERM')
    await rm(this.folder, { recursive: true, force: true })
  }
}
