import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { checkPart, checkParts } from '../checkers/linearizability.js'
import { kvModel, parseJepsen, parseKv, registerModel } from './histories.js'

/** Of Jepsen's runs against etcd these are linearizable, all others are not (as porcupine has it; there is no run 95). */
const linearizableRuns: ReadonlySet<number> = new Set([
  2, 5, 7, 18, 25, 31, 38, 45, 48, 49, 51, 53, 56, 67, 75, 76, 80, 87, 92, 98, 100, 101, 102,
])

export interface KnownHistory {
  readonly name: string
  readonly linearizable: boolean
  judge(): { readonly linearizable: boolean; readonly steps: number }
}

/** The histories of a `test_data` folder, with their known verdicts. */
export function knownHistories(folder: string): KnownHistory[] {
  const jepsen = readdirSync(join(folder, 'jepsen')).flatMap((file): KnownHistory[] => {
    const number = /^etcd_(\d+)\.log$/.exec(file)?.[1]
    // in run 95 the cluster never came up
    if (number === undefined || Number(number) === 95) return []
    const judge = () => checkPart(registerModel, parseJepsen(readFileSync(join(folder, 'jepsen', file), 'utf8')))
    return [{ name: `jepsen/${file}`, linearizable: linearizableRuns.has(Number(number)), judge }]
  })
  const kv = readdirSync(join(folder, 'kv')).flatMap((file): KnownHistory[] => {
    if (!file.endsWith('.txt')) return []
    const calls = () => parseKv(readFileSync(join(folder, 'kv', file), 'utf8'))
    const judge = () => checkParts(kvModel, calls(), ({ key }) => key)
    return [{ name: `kv/${file}`, linearizable: file.endsWith('-ok.txt'), judge }]
  })
  return [...jepsen, ...kv].sort((a, b) => (a.name < b.name ? -1 : 1))
}
