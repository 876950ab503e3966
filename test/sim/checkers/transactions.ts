import type { Model } from './linearizability.js'

/** What a client did to one group of keys, all of it at once. */
export interface TxnOp {
  readonly client: number
  readonly group: string
  readonly compares: readonly TxnCompare[]
  readonly success: readonly TxnAct[]
  readonly failure: readonly TxnAct[]
  /** `unknown`: nobody knows whether it happened. */
  readonly outcome: TxnOutcome | 'unknown'
}

export type TxnCompare =
  | { readonly target: 'version'; readonly key: number; readonly operand: number }
  | { readonly target: 'value'; readonly key: number; readonly operand: string }

export type TxnAct =
  | { readonly kind: 'put'; readonly key: number; readonly value: string }
  | { readonly kind: 'delete'; readonly key: number }
  /** Of all keys of the group. */
  | { readonly kind: 'read' }

export interface TxnOutcome {
  readonly succeeded: boolean
  /** What the reads saw, in order. */
  readonly reads: readonly GroupState[]
}

/** Of each key of a group `value#version`; empty where there is none. */
export type GroupState = readonly string[]

export const groupKeys = 3

const versionOf = (cell: string): number => (cell === '' ? 0 : Number(cell.slice(cell.lastIndexOf('#') + 1)))
const textOf = (cell: string): string | undefined => (cell === '' ? undefined : cell.slice(0, cell.lastIndexOf('#')))

const holds = (state: GroupState, { target, key, operand }: TxnCompare): boolean => {
  const cell = state[key] ?? ''
  return target === 'version' ? versionOf(cell) === operand : textOf(cell) === operand
}

const withCell = (state: GroupState, key: number, cell: string): GroupState =>
  state.map((before, at) => (at === key ? cell : before))

/** Transactions on a group of keys: compare, then do one thing or the other. */
export const groupModel: Model<GroupState, TxnOp> = {
  initial: Array.from({ length: groupKeys }, () => ''),
  step(before, { compares, success, failure, outcome }) {
    const succeeded = compares.every((compare) => holds(before, compare))
    if (outcome !== 'unknown' && outcome.succeeded !== succeeded) return undefined
    let state = before
    let reads = 0
    for (const act of succeeded ? success : failure) {
      if (act.kind === 'put') state = withCell(state, act.key, `${act.value}#${versionOf(state[act.key] ?? '') + 1}`)
      else if (act.kind === 'delete') state = withCell(state, act.key, '')
      else if (outcome !== 'unknown' && keyOf(outcome.reads[reads++] ?? []) !== keyOf(state)) return undefined
    }
    return state
  },
  keyOf,
}

function keyOf(state: GroupState): string {
  return state.join('|')
}
