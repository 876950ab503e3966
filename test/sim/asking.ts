import { KeeperError } from '../../keeper/src/base/errors.js'
import type { Random } from '../../keeper/src/base/random.js'
import type { Member } from '../../keeper/src/node/types.js'
import type { SimProcess } from './process.js'
import type { Trace } from './trace.js'
import type { VirtualTime } from './virtual-time.js'

export interface ClientParts {
  readonly number: number
  readonly time: VirtualTime
  readonly random: Random
  readonly trace: Trace
  readonly processes: readonly SimProcess[]
  /** When to begin nothing new. */
  readonly over: () => boolean
}

const patienceMs = 3_000
/** A member that ended says why; another member may answer. */
const memberFaults: ReadonlySet<string> = new Set([
  'E_DISK',
  'E_LOST_TAIL',
  'E_CORRUPT',
  'E_HALTED',
  'E_INTERNAL',
  'E_MEMBER_REMOVED',
])

export type Answer<T> = { readonly value: T } | 'none'

/** Asks a member, as over a network, and waits for so long; what is wrong with the question itself rejects. */
export function askOnce<T>(
  { time, random }: ClientParts,
  { owner, member }: SimProcess,
  ask: (member: Member) => Promise<T>,
): Promise<Answer<T>> {
  return new Promise((resolve, reject) => {
    time.after(patienceMs, () => resolve('none'))
    const answer = (value: Answer<T>) => time.after(random.unit() * 2, () => resolve(value), owner)
    const refuse = (error: unknown) => {
      if (!(error instanceof KeeperError)) return reject(error)
      if (!error.kind.retry && !memberFaults.has(error.code)) return reject(error)
      answer('none')
    }
    time.after(
      random.unit() * 2,
      () => {
        if (member) ask(member).then((value) => answer({ value }), refuse)
        else resolve('none')
      },
      owner,
    )
  })
}

/** Asks one member after another until one answers; `begins` is called before each. */
export async function insist<T>(
  parts: ClientParts,
  ask: (member: Member) => Promise<T>,
  begins: () => void = () => {},
): Promise<T> {
  for (;;) {
    begins()
    const answer = await askOnce(parts, anyOf(parts), ask)
    if (answer !== 'none') return answer.value
    await parts.time.sleep(20 + parts.random.below(200))
  }
}

export const anyOf = ({ random, processes }: ClientParts): SimProcess =>
  processes[random.below(processes.length)] as SimProcess
