import { KeeperError } from '../../base/errors.js'
import { limits } from '../../base/limits.js'
import { checkNamespace } from '../../push/names.js'
import { DEFAULT_NAMESPACE } from '../../store/records.js'

/** `GET /v1/configs/NAME?as=…&after=…&wait=…&namespace=…`, read. */
export interface Question {
  readonly namespace: string
  readonly name: string
  /** `as` as it came; '' for the base. */
  readonly as: string
  readonly instance: string
  readonly labels: Readonly<Record<string, string>>
  /** The revision that the asker has; undefined when it says none. */
  readonly after: number | undefined
  readonly waitMs: number
}

const parameters = ['as', 'after', 'wait', 'namespace']

/** Throws E_INVALID_ARGUMENT. */
export function readQuestion(path: string, query: URLSearchParams): Question {
  const unknown = [...query.keys()].find((key) => !parameters.includes(key))
  if (unknown !== undefined) throw invalid(`unknown parameter "${unknown}"; there are ${parameters.join(', ')}`)
  const as = query.get('as') ?? ''
  return {
    namespace: readNamespace(query.get('namespace')),
    name: decodeName(path),
    as,
    ...readAs(as),
    after: readAfter(query.get('after')),
    waitMs: readWait(query.get('wait')),
  }
}

/** Absent or empty: the default one. Throws E_BAD_NAME. */
export function readNamespace(namespace: string | null): string {
  if (namespace) checkNamespace(namespace, limits)
  return namespace || DEFAULT_NAMESPACE
}

/** `room-7` or `cluster=push,role=room,zone=bj`. Throws E_INVALID_ARGUMENT. */
export function readAs(as: string): { instance: string; labels: Readonly<Record<string, string>> } {
  if (!as.includes('=')) return { instance: as, labels: {} }
  const pairs = as.split(',').map((pair): [string, string] => {
    const at = pair.indexOf('=')
    if (at < 1) throw invalid(`as: expected an instance or label=value,…, got "${as}"`)
    return [pair.slice(0, at), pair.slice(at + 1)]
  })
  if (pairs.length > limits.labelsMax) throw invalid(`as: ${pairs.length} labels, at most ${limits.labelsMax}`)
  return { instance: '', labels: Object.fromEntries(pairs) }
}

function decodeName(path: string): string {
  try {
    const name = decodeURIComponent(path)
    if (name === '') throw invalid('expected a config: /v1/configs/NAME')
    if (Buffer.byteLength(name) > limits.nameBytesMax) throw invalid(`a name has at most ${limits.nameBytesMax} bytes`)
    return name
  } catch (error) {
    if (error instanceof URIError) throw invalid(`the path is no UTF-8: ${path}`)
    throw error
  }
}

function readAfter(text: string | null): number | undefined {
  if (text === null || text === '') return undefined
  if (!/^\d{1,15}$/.test(text)) throw invalid(`after: expected a revision, got "${text}"`)
  return Number(text)
}

const units: Readonly<Record<string, number>> = { ms: 1, s: 1_000, m: 60_000 }

function readWait(text: string | null): number {
  if (text === null || text === '') return 0
  const match = /^(\d{1,9})(ms|s|m)$/.exec(text)
  const waitMs = Number(match?.[1]) * (units[match?.[2] ?? ''] ?? Number.NaN)
  if (!(waitMs <= limits.httpWaitMaxMs))
    throw invalid(`wait: expected a duration such as 30s, at most ${limits.httpWaitMaxMs / 1_000}s, got "${text}"`)
  return waitMs
}

export const invalid = (message: string): KeeperError => new KeeperError('E_INVALID_ARGUMENT', message)
