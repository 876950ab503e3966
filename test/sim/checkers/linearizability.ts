/**
 * Is a history linearizable? The search of Wing and Gong, with the memory of Lowe ("Testing for linearizability", 2017):
 * a state reached by the same set of operations is looked into once. Whoever checks splits the history first into parts
 * that do not touch each other, as a history is linearizable when each of its parts is (Herlihy and Wing, §3.2).
 */

/** A sequential object. States are values: `step` makes a new one. */
export interface Model<State, Op> {
  readonly initial: State
  /** The state after `op` if it may have had its outcome in `state`; undefined otherwise. */
  step(state: State, op: Op): State | undefined
  /** Equal for equal states, and only for those. */
  keyOf(state: State): string
}

export interface Call<Op> {
  readonly op: Op
  readonly calledAt: number
  /** Infinity when its outcome was never known: it may have happened at any time since the call, or never. */
  readonly returnedAt: number
}

export interface Verdict<Op> {
  readonly linearizable: boolean
  /** Of an illegal history: the longest run of operations that makes sense, and the calls that could not follow it. */
  readonly longest: readonly Op[]
  readonly stuck: readonly Op[]
  readonly steps: number
}

/** A call or a return, in a doubly linked list ordered by time. */
interface Node {
  readonly id: number
  /** Of a call: its return; undefined on the return itself. */
  readonly match: Node | undefined
  before: Node | undefined
  after: Node | undefined
}

interface Step<State> {
  readonly node: Node
  readonly state: State
}

/** Which operations were taken so far. */
class Taken {
  readonly #words: Uint32Array

  constructor(count: number) {
    this.#words = new Uint32Array((count + 31) >>> 5)
  }

  flip(id: number): void {
    const at = id >>> 5
    this.#words[at] = (this.#words[at] as number) ^ (1 << (id & 31))
  }

  key(): string {
    return String.fromCharCode(...new Uint16Array(this.#words.buffer))
  }
}

/** Judges one part. Operations whose outcome is unknown need not happen: give them a model step that always fits. */
export function checkPart<State, Op>(model: Model<State, Op>, calls: readonly Call<Op>[]): Verdict<Op> {
  const { head, known } = listOf(calls)
  const taken = new Taken(calls.length)
  const seen = new Set<string>()
  const path: Step<State>[] = []
  let longest: readonly Op[] = []
  let stuck: readonly Op[] = []
  let missing = known
  let state = model.initial
  let steps = 0
  const opOf = ({ id }: Node): Op => (calls[id] as Call<Op>).op
  const isKnown = ({ id }: Node): boolean => (calls[id] as Call<Op>).returnedAt !== Number.POSITIVE_INFINITY
  for (let node = head.after; missing > 0; ) {
    if (node?.match) {
      steps++
      const next = model.step(state, opOf(node))
      if (next !== undefined && isNew(node, next)) {
        path.push({ node, state })
        state = next
        if (isKnown(node)) missing--
        lift(node)
        node = head.after
      } else node = node.after
      continue
    }
    // somebody returned, or the history ended, before its operation was taken: another order must be tried
    if (path.length >= longest.length) {
      longest = path.map((step) => opOf(step.node))
      stuck = callsBefore(head, node).map(opOf)
    }
    const last = path.pop()
    if (!last) return { linearizable: false, longest, stuck, steps }
    state = last.state
    taken.flip(last.node.id)
    if (isKnown(last.node)) missing++
    putBack(last.node)
    node = last.node.after
  }
  return { linearizable: true, longest: [], stuck: [], steps }

  function isNew(node: Node, next: State): boolean {
    taken.flip(node.id)
    const key = `${taken.key()}|${model.keyOf(next)}`
    if (!seen.has(key)) {
      seen.add(key)
      return true
    }
    taken.flip(node.id)
    return false
  }
}

/** Judges every part by itself; the first that is not linearizable is told. */
export function checkParts<State, Op>(
  model: Model<State, Op>,
  calls: readonly Call<Op>[],
  partOf: (op: Op) => string,
): Verdict<Op> {
  const parts = new Map<string, Call<Op>[]>()
  for (const call of calls) {
    const name = partOf(call.op)
    const part = parts.get(name)
    if (part) part.push(call)
    else parts.set(name, [call])
  }
  let steps = 0
  for (const part of parts.values()) {
    const verdict = checkPart(model, part)
    steps += verdict.steps
    if (!verdict.linearizable) return verdict
  }
  return { linearizable: true, longest: [], stuck: [], steps }
}

/** The events in order of time; at one moment calls come before returns, so that those calls overlap. */
function listOf<Op>(calls: readonly Call<Op>[]): { head: Node; known: number } {
  const events = calls.flatMap(({ calledAt, returnedAt }, id) => {
    const back: Node = { id, match: undefined, before: undefined, after: undefined }
    const call: Node = { id, match: back, before: undefined, after: undefined }
    return [
      { at: calledAt, node: call },
      { at: returnedAt, node: back },
    ]
  })
  const order = (node: Node) => (node.match ? 0 : 1)
  events.sort((a, b) => (a.at === b.at ? order(a.node) - order(b.node) : a.at < b.at ? -1 : 1))
  const head: Node = { id: -1, match: undefined, before: undefined, after: undefined }
  let last = head
  for (const { node } of events) {
    node.before = last
    last.after = node
    last = node
  }
  return { head, known: calls.filter(({ returnedAt }) => returnedAt !== Number.POSITIVE_INFINITY).length }
}

function unlink(node: Node): void {
  if (node.before) node.before.after = node.after
  if (node.after) node.after.before = node.before
}

function relink(node: Node): void {
  if (node.before) node.before.after = node
  if (node.after) node.after.before = node
}

/** Takes a call and its return out of the list. */
function lift(call: Node): void {
  unlink(call)
  if (call.match) unlink(call.match)
}

/** In the opposite order of `lift`. */
function putBack(call: Node): void {
  if (call.match) relink(call.match)
  relink(call)
}

function callsBefore(head: Node, end: Node | undefined): Node[] {
  const calls: Node[] = []
  for (let node = head.after; node && node !== end; node = node.after) if (node.match) calls.push(node)
  return calls
}
