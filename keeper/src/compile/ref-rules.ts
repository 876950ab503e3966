import { audienceText, covers } from './audience.js'
import type { ConfigContext } from './config.js'
import type { ExplainSource } from './explain.js'
import { type Finding, inFile } from './finding.js'
import type { ConfigReader } from './read-config.js'
import type { RefTarget } from './ref-target.js'
import { BoundRefs } from './resolve-refs.js'

/** What a reference may lead to. */
export interface RefTargets {
  /** A compiled value to refer to; `broken` when the config has errors, undefined when there is no such config. */
  find(name: string, pointer: string): RefTarget | 'broken' | undefined
  /** To find out where a value that was taken stands. */
  readonly source: ExplainSource
  /** The circle of references that `from` and `to` are part of, from `from` on. */
  circle(from: string, to: string): readonly string[] | undefined
}

export interface Bound {
  readonly refs: BoundRefs
  /** Something it refers to has errors, which are told there. */
  readonly isBlocked: boolean
}

/** Binds every reference of a config to what it refers to, as far as it may: the rest becomes findings, each at its place. */
export function bindRefs(
  { group, overlays, refs: written }: ConfigReader,
  context: ConfigContext,
  targets: RefTargets,
  findings: Finding[],
): Bound {
  const refs = new BoundRefs(overlays.length)
  let isBlocked = false
  for (const { ref, file, pointer } of written) {
    const target = targets.find(ref.name, ref.pointer)
    const circle = targets.circle(group.name, ref.name)
    const problem = circle
      ? inCircle(circle)
      : target === undefined
        ? missing(ref.name)
        : uncovered(group.name, ref.name, context)
    if (problem) findings.push(...inFile(file, [{ ...problem, pointer }]))
    else if (target === 'broken') isBlocked = true
    else if (target) refs.bind(ref, target)
  }
  return { refs, isBlocked }
}

const missing = (name: string) => ({ rule: 'ref/missing', message: `there is no config ${name} in this directory` })

const inCircle = (circle: readonly string[]) => ({
  rule: 'ref/cycle',
  message:
    circle.length > 1
      ? `${[...circle, circle[0]].join(' → ')} refer to each other in a circle`
      : `${circle[0]} refers to itself: repeat the value, or move it to a config of its own`,
})

const isShared = (name: string): boolean => name.startsWith('_shared/')

/** Why those who get the reader may not see the target. Labels that everyone here has are no one's to lack. */
function uncovered(reader: string, target: string, { audienceOf, labels }: ConfigContext) {
  if (isShared(target)) return undefined
  const seenBy = isShared(reader) ? { labels: {}, nobody: true } : audienceOf(reader)
  const may = audienceOf(target)
  if (covers(may, { ...seenBy, labels: { ...labels, ...seenBy.labels } })) return undefined
  const who = seenBy.nobody ? 'every config may refer to it' : `it is for ${audienceText(seenBy)}`
  const message = `${reader} may not take from ${target}: ${who}, and ${target} is only for ${audienceText(may)}`
  return { rule: 'ref/audience', message }
}
