import { limits } from '../base/limits.js'
import { inAudience, variantFor } from '../store/audience.js'
import type { ConfigRecord, ConfigVariant, Selector } from '../store/config-records.js'
import type { Comparison } from './comparison.js'
import { digestOf } from './digest.js'
import type { ProcessIndex } from './process-index.js'
import type { LiveProcess, Outcome, ReviewedConfig } from './review-types.js'
import type { Draft } from './types.js'

type Labels = Readonly<Record<string, string>>

/** What one config's change does to whom. `onAffected` is told each process whose value changes. */
export function reviewConfig(
  { record, before }: Draft,
  processes: ProcessIndex,
  comparison: Comparison,
  onAffected: (process: LiveProcess) => void = () => {},
): ReviewedConfig {
  const live = before && !before.record.removed ? before.record : undefined
  const next = record.removed ? undefined : record
  const concerned = processes.of(live?.audience, next?.audience)
  const steps = stepsOf(live, next, concerned)
  for (const step of steps) if (isChange(step)) for (const process of step.processes) onAffected(process)
  const outcomes = steps.map((step) => outcomeOf(step, comparison))
  return {
    name: record.name,
    kind: kindOf(live, next),
    fromRevision: before?.modRevision ?? 0,
    digest: next ? digestOf(next) : '',
    audience: record.audience,
    hasSchema: next?.schemaHash !== undefined,
    processes: concerned.length,
    affected: steps.filter(isChange).reduce((sum, step) => sum + step.processes.length, 0),
    outcomes: outcomes.slice(0, limits.planOutcomesMax),
    outcomesTotal: outcomes.length,
    types: next?.schemaHash === undefined ? typesOf(steps, comparison.types) : [],
  }
}

function kindOf(live: ConfigRecord | undefined, next: ConfigRecord | undefined): ReviewedConfig['kind'] {
  if (!next) return live ? 'removed' : 'same'
  if (!live) return 'added'
  return digestOf(live) === digestOf(next) ? 'same' : 'changed'
}

/** From one value to another, under certain overlays; no hash: no value. */
interface Step {
  readonly from: Value
  readonly to: Value
  readonly processes: LiveProcess[]
}

interface Value {
  readonly hash: string
  readonly overlays: readonly string[]
}

const nothing: Value = { hash: '', overlays: [] }

const isChange = ({ from, to }: Step): boolean => from.hash !== to.hash

/** The base's step, those of the live processes, and those that change a value which no process has now. */
function stepsOf(
  live: ConfigRecord | undefined,
  next: ConfigRecord | undefined,
  concerned: readonly LiveProcess[],
): Step[] {
  const steps = new Map<string, Step>()
  const step = (from: Value, to: Value): Step => {
    const key = `${from.hash}>${to.hash} ${from.overlays.join()}>${to.overlays.join()}`
    const known = steps.get(key) ?? { from, to, processes: [] }
    steps.set(key, known)
    return known
  }
  step(baseOf(live), baseOf(next))
  for (const process of concerned)
    step(valueFor(live, process.labels), valueFor(next, process.labels)).processes.push(process)
  const [base, ...others] = [...steps.values()]
  others.sort((a, b) => b.processes.length - a.processes.length)
  return [...(base ? [base] : []), ...others, ...unreached(live, next, [...steps.values()])]
}

/** Changes of values that no live process has, each pair of values once. */
function unreached(live: ConfigRecord | undefined, next: ConfigRecord | undefined, reached: readonly Step[]): Step[] {
  const seen = new Set(reached.map(({ from, to }) => `${from.hash}>${to.hash}`))
  return missing(live, next).filter((step) => {
    const key = `${step.from.hash}>${step.to.hash}`
    if (!isChange(step) || seen.has(key)) return false
    seen.add(key)
    return true
  })
}

/** The steps of every combination of overlays, whoever has it. */
function missing(live: ConfigRecord | undefined, next: ConfigRecord | undefined): Step[] {
  const shape = next ?? live
  if (!shape) return []
  return shape.variants.map((variant) => {
    const labels = witness(shape, variant)
    return { from: valueFor(live, labels), to: valueFor(next, labels), processes: [] }
  })
}

/** Labels of one who is in the audience. */
const firstOf = ({ labels }: Selector): Record<string, string> =>
  Object.fromEntries(Object.entries(labels).map(([label, values]) => [label, [values].flat()[0] ?? '']))

/** The fewest labels that get this variant. */
const witness = ({ audience, overlays }: ConfigRecord, variant: ConfigVariant): Labels =>
  Object.assign(firstOf(audience), ...variant.overlays.map((at) => overlays[at]?.when ?? {}))

const baseOf = (record: ConfigRecord | undefined): Value =>
  record ? variantValue(record, record.variants[0]) : nothing

const valueFor = (record: ConfigRecord | undefined, labels: Labels): Value =>
  record && inAudience(record.audience, labels) ? variantValue(record, variantFor(record, labels)) : nothing

const variantValue = (record: ConfigRecord, variant: ConfigVariant | undefined): Value =>
  variant
    ? { hash: variant.hash, overlays: variant.overlays.flatMap((at) => record.overlays[at]?.file ?? []) }
    : nothing

function outcomeOf({ from, to, processes }: Step, comparison: Comparison): Outcome {
  const comparable = from.hash !== to.hash && from.hash !== '' && to.hash !== ''
  const { paths, total } = comparable ? comparison.paths(from.hash, to.hash) : { paths: [], total: 0 }
  const count = (state: LiveProcess['state']) => processes.filter((process) => process.state === state).length
  return {
    overlays: to.overlays,
    overlaysBefore: from.overlays,
    hadValue: from.hash !== '',
    hasValue: to.hash !== '',
    changed: from.hash !== to.hash,
    paths,
    pathsTotal: total,
    processes: processes.length,
    away: count('away'),
    unknown: count('unknown'),
    instances: processes.slice(0, limits.planInstancesMax).map(({ instance }) => instance),
  }
}

/** As ReviewedConfig has them, whoever has which value; none for a config with a schema. */
export function typesChanged({ record, before }: Draft, between: Comparison['types']): ReviewedConfig['types'] {
  const live = before && !before.record.removed ? before.record : undefined
  return record.removed || record.schemaHash !== undefined ? [] : typesOf(stepsOf(live, record, []), between)
}

/** Each path once, of the first value in which it was seen. */
function typesOf(steps: readonly Step[], between: Comparison['types']): ReviewedConfig['types'] {
  const found = new Map<string, ReviewedConfig['types'][number]>()
  for (const { from, to } of steps) {
    if (from.hash === '' || to.hash === '' || from.hash === to.hash) continue
    for (const change of between(from.hash, to.hash))
      if (!found.has(change.pointer)) found.set(change.pointer, { ...change, overlays: to.overlays })
  }
  return [...found.values()].slice(0, limits.planTypeChangesMax)
}
