import { type ChildProcess, fork } from 'node:child_process'
import { join } from 'node:path'
import { cpuSeconds } from '../../harness/keeper-process.js'
import type { Operation } from '../clients/client.js'
import { sum } from '../subjects/cluster.js'
import { adopt } from '../subjects/scratch.js'
import { merged } from './histogram.js'
import type { FromLoad, LoadReport, LoadSpec, ToLoad } from './messages.js'

/** Profiles take a while to write; a process that takes longer is stuck. */
const endTimeoutMs = 15_000
/** Longer than a load process tries to make its keys, and than any answer takes. */
const answerTimeoutMs = 90_000

/** Load processes that act together. */
export class Crew {
  readonly #children: readonly ChildProcess[]

  private constructor(children: readonly ChildProcess[]) {
    this.#children = children
  }

  /** Resolves when all are connected and have made their keys. */
  static async start(specs: readonly LoadSpec[], nodeFlags: readonly string[] = []): Promise<Crew> {
    const children = specs.map((spec) =>
      adopt(
        fork(join(import.meta.dirname, 'loops.ts'), [JSON.stringify(spec)], {
          execArgv: ['--import', 'tsx', ...nodeFlags],
        }),
      ),
    )
    const crew = new Crew(children)
    try {
      await Promise.all(children.map((child) => answer(child, 'ready')))
      return crew
    } catch (error) {
      await crew.end()
      throw error
    }
  }

  /** `loops` in each process; paced when `paceMs` is not 0, else as fast as answers come. */
  async run(operation: Operation, loops: number, paceMs = 0): Promise<void> {
    await this.#all({ do: 'start', operation, loops, paceMs }, 'started')
  }

  /** From here on it counts. */
  async mark(): Promise<void> {
    await this.#all({ do: 'mark' }, 'marked')
  }

  /** What all did since the mark, together; the answers' times in their order. */
  async report(): Promise<LoadReport> {
    const reports = (await this.#all({ do: 'report' }, 'report')).flatMap((one) =>
      one.kind === 'report' ? [one.report] : [],
    )
    const failures: Record<string, number> = {}
    for (const one of reports)
      for (const [name, count] of Object.entries(one.failures)) failures[name] = (failures[name] ?? 0) + count
    return {
      done: sum(reports.map((one) => one.done)),
      failed: sum(reports.map((one) => one.failed)),
      failures,
      latencies: merged(reports.map((one) => one.latencies)),
      at: reports.flatMap((one) => one.at).sort((a, b) => a - b),
    }
  }

  /** Resolves when nothing is under way any more. */
  async rest(): Promise<void> {
    await this.#all({ do: 'stop' }, 'stopped')
  }

  async cpuSeconds(): Promise<number> {
    return sum(await Promise.all(this.#children.map((child) => cpuSeconds(child.pid as number))))
  }

  /** Ends the processes. */
  async end(): Promise<void> {
    await Promise.all(
      this.#children.map((child) => {
        if (child.exitCode !== null || child.signalCode !== null) return undefined
        const late = setTimeout(() => child.kill('SIGKILL'), endTimeoutMs)
        const exited = new Promise((resolve) => child.once('exit', resolve)).then(() => clearTimeout(late))
        if (child.connected) child.send({ do: 'end' } satisfies ToLoad)
        else child.kill('SIGKILL')
        return exited
      }),
    )
  }

  #all(message: ToLoad, kind: FromLoad['kind']): Promise<FromLoad[]> {
    return Promise.all(
      this.#children.map((child) => {
        const answered = answer(child, kind)
        child.send(message)
        return answered
      }),
    )
  }
}

function answer(child: ChildProcess, kind: FromLoad['kind']): Promise<FromLoad> {
  return new Promise((resolve, reject) => {
    const ended = (code: number | null) => reject(new Error(`a load process ended with ${code}`))
    if (child.exitCode !== null || child.signalCode !== null) return ended(child.exitCode)
    const late = setTimeout(
      () => done(() => reject(new Error(`a load process is not ${kind} after ${answerTimeoutMs / 1_000} s`))),
      answerTimeoutMs,
    )
    const done = (then: () => void) => {
      clearTimeout(late)
      child.off('message', onMessage)
      child.off('exit', onExit)
      then()
    }
    const onMessage = (message: unknown) => {
      const said = message as FromLoad
      if (said.kind === 'broken') done(() => reject(new Error(`a load process could not begin: ${said.reason}`)))
      else if (said.kind === kind) done(() => resolve(said))
    }
    const onExit = (code: number | null) => done(() => ended(code))
    child.on('message', onMessage)
    child.on('exit', onExit)
  })
}
