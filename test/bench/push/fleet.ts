import { type ChildProcess, fork } from 'node:child_process'
import { join } from 'node:path'
import type { FromLoad, LoadKind } from './load.js'

/** Sessions in processes of their own. */
export class Fleet {
  readonly #processes: ChildProcess[]

  private constructor(processes: ChildProcess[]) {
    this.#processes = processes
  }

  /** Joins `sessions` sessions from `processes` processes; resolves when all are in. */
  static async join(
    kind: LoadKind,
    endpoint: string,
    sessions: number,
    processes: number,
    firstIndex = 0,
  ): Promise<Fleet> {
    const share = Math.ceil(sessions / processes)
    const children = Array.from({ length: processes }, (_, at) => {
      const first = at * share
      const count = Math.max(0, Math.min(share, sessions - first))
      return fork(join(import.meta.dirname, 'load.ts'), [kind, endpoint, String(firstIndex + first), String(count)], {
        execArgv: ['--import', 'tsx', ...(process.env.LOAD_FLAGS?.split(' ') ?? [])],
      })
    })
    await Promise.all(children.map((child) => answer(child, 'joined')))
    return new Fleet(children)
  }

  get pids(): number[] {
    return this.#processes.map((child) => child.pid as number)
  }

  /** When each session heard of each update, all processes together. */
  async heard(): Promise<Map<number, number[]>> {
    const answers = await Promise.all(
      this.#processes.map((child) => {
        child.send('report')
        return answer(child, 'heard')
      }),
    )
    const all = new Map<number, number[]>()
    for (const one of answers) {
      if (one.kind !== 'heard') continue
      for (const [seq, times] of Object.entries(one.times))
        all.set(Number(seq), [...(all.get(Number(seq)) ?? []), ...times])
    }
    return all
  }

  end(): void {
    for (const child of this.#processes) if (child.connected) child.send('end')
  }
}

function answer(child: ChildProcess, kind: FromLoad['kind']): Promise<FromLoad> {
  return new Promise((resolve, reject) => {
    const done = () => {
      child.off('message', onMessage)
      child.off('exit', onExit)
    }
    const onMessage = (message: unknown) => {
      if ((message as FromLoad).kind !== kind) return
      done()
      resolve(message as FromLoad)
    }
    const onExit = (code: number | null) => {
      done()
      reject(new Error(`a load process ended with ${code}`))
    }
    child.on('message', onMessage)
    child.on('exit', onExit)
  })
}
