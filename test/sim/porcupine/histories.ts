import type { Call, Model } from '../checkers/linearizability.js'

/** An operation on an etcd register, as Jepsen logged it. `unknown`: nobody knows what came of it. */
export interface RegisterOp {
  readonly kind: 'read' | 'write' | 'cas'
  readonly from?: number
  readonly to?: number
  /** Of a read: what it read, null for nothing; of a compare-and-set: whether it set. */
  readonly outcome: number | null | boolean | 'unknown'
}

/** A register as Jepsen's test had it: a value or none. */
export const registerModel: Model<number | null, RegisterOp> = {
  initial: null,
  step: (state, { kind, from, to = null, outcome }) => {
    if (kind === 'write') return to
    if (kind === 'read') return outcome === 'unknown' || outcome === state ? state : undefined
    const fits = from === state
    if (outcome !== 'unknown' && outcome !== fits) return undefined
    return fits ? to : state
  },
  keyOf: String,
}

const jepsenLine = /^INFO\s+jepsen\.util\s+-\s+(\d+)\s+:(invoke|ok|fail|info)\s+:(read|write|cas)\s+(.+?)\s*$/

/** A log of Jepsen's, line by line. Time is the number of the line. */
export function parseJepsen(text: string): Call<RegisterOp>[] {
  const open = new Map<string, { op: Omit<RegisterOp, 'outcome'>; calledAt: number }>()
  const calls: Call<RegisterOp>[] = []
  text.split('\n').forEach((line, at) => {
    const [, process = '', what, kind, value = ''] = jepsenLine.exec(line) ?? []
    if (what === 'invoke') {
      open.set(process, { op: { kind: kind as RegisterOp['kind'], ...argumentsOf(kind, value) }, calledAt: at })
      return
    }
    const begun = open.get(process)
    if (!begun || what === undefined) return
    // one that timed out, unless it was a read, may happen at any time
    if (what === 'info') return
    if (what === 'fail' && value === ':timed-out' && kind !== 'read') return
    open.delete(process)
    calls.push({ op: { ...begun.op, outcome: outcomeOf(what, value, kind) }, calledAt: begun.calledAt, returnedAt: at })
  })
  for (const { op, calledAt } of open.values())
    calls.push({ op: { ...op, outcome: 'unknown' }, calledAt, returnedAt: Number.POSITIVE_INFINITY })
  return calls
}

function argumentsOf(kind: string | undefined, value: string): Pick<RegisterOp, 'from' | 'to'> {
  const numbers = [...value.matchAll(/\d+/g)].map(Number)
  if (kind === 'write') return { to: numbers[0] as number }
  return kind === 'cas' ? { from: numbers[0] as number, to: numbers[1] as number } : {}
}

function outcomeOf(what: string, value: string, kind: string | undefined): RegisterOp['outcome'] {
  if (value === ':timed-out') return 'unknown'
  if (kind === 'cas') return what === 'ok'
  return value === 'nil' || kind === 'write' ? null : Number(value)
}

/** An operation of a key-value history. */
export interface KvOp {
  readonly kind: 'get' | 'put' | 'append'
  readonly key: string
  /** Written, or read. */
  readonly value: string
}

export const kvModel: Model<string, KvOp> = {
  initial: '',
  step: (state, { kind, value }) => {
    if (kind === 'get') return value === state ? state : undefined
    return kind === 'put' ? value : state + value
  },
  keyOf: (state) => state,
}

const kvLine = /^\{:process (\d+), :type :(invoke|ok), :f :(get|put|append), :key "(.*?)", :value (?:nil|"(.*)")\}/

export function parseKv(text: string): Call<KvOp>[] {
  const open = new Map<string, { op: KvOp; calledAt: number }>()
  const calls: Call<KvOp>[] = []
  text.split('\n').forEach((line, at) => {
    const [, process = '', what, kind, key = '', value = ''] = kvLine.exec(line) ?? []
    if (what === 'invoke') open.set(process, { op: { kind: kind as KvOp['kind'], key, value }, calledAt: at })
    const begun = open.get(process)
    if (what !== 'ok' || !begun) return
    open.delete(process)
    const op = kind === 'get' ? { ...begun.op, value } : begun.op
    calls.push({ op, calledAt: begun.calledAt, returnedAt: at })
  })
  return calls
}
