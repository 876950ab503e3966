import { KeeperError } from '../../base/errors.js'
import { limits } from '../../base/limits.js'
import { readRecord } from '../../control/view.js'
import type { Reader, ReaderWord } from '../../push/readers.js'
import { inAudience } from '../../store/audience.js'
import type { ApiContext } from '../types.js'
import { invalid, readAs, readNamespace } from './question.js'

const states: readonly string[] = ['received', 'applied', 'rejected', 'failed']

interface HttpAck {
  readonly reader: Reader
  readonly word: Omit<ReaderWord, 'hash'>
}

/**
 * `{"name", "revision", "as": "cluster=…,role=…,instance=…", "state": "applied", "reason"}`, or an array of them. All are
 * looked at before the first counts. Throws E_INVALID_ARGUMENT, E_NOT_FOUND, E_NOT_IN_AUDIENCE, E_FUTURE_REVISION, E_TOO_MANY.
 */
export function takeAcks(context: ApiContext, principal: string, body: unknown): void {
  const acks = (Array.isArray(body) ? body : [body]).map(readAck)
  for (const ack of acks) {
    context.authorize(principal, 'config.read', ack.reader.name)
    check(context, ack)
  }
  for (const { reader, word } of acks) context.hub.readers.says(reader, word)
}

function readAck(given: unknown): HttpAck {
  if (typeof given !== 'object' || given === null)
    throw invalid('an ack is an object: {"name", "revision", "as", "state"}')
  const { name, revision, as, state = 'applied', reason = '', namespace = '' } = given as Record<string, unknown>
  if (typeof name !== 'string' || name === '') throw invalid('name: expected a config')
  if (typeof namespace !== 'string') throw invalid('namespace: expected a string')
  if (!Number.isSafeInteger(revision) || (revision as number) < 1)
    throw invalid('revision: expected the Keeper-Revision of the value')
  if (typeof state !== 'string' || !states.includes(state)) throw invalid(`state: expected ${states.join(', ')}`)
  if (typeof reason !== 'string') throw invalid('reason: expected a string')
  if (typeof as !== 'string') throw invalid('as: expected "cluster=…,role=…,instance=…"')
  const reader = { namespace: readNamespace(namespace), name, labels: namedLabels(as) }
  const word = {
    revision: revision as number,
    state: state as ReaderWord['state'],
    reason: reason.slice(0, limits.reasonBytesMax),
  }
  return { reader, word }
}

function namedLabels(as: string): Readonly<Record<string, string>> {
  const { labels } = readAs(as)
  if (!isNamed(labels)) throw invalid(`as: expected cluster, role and instance, got "${as}"`)
  return labels
}

/** Does it say which process it is? */
export const isNamed = (labels: Readonly<Record<string, string>>): boolean =>
  ['cluster', 'role', 'instance'].every((label) => labels[label])

function check({ member }: ApiContext, { reader, word }: HttpAck): void {
  const { namespace, name, labels } = reader
  const live = readRecord(member.store, namespace, 'config', name)
  if (!live || live.record.removed) throw new KeeperError('E_NOT_FOUND', `no config ${name}`, { name })
  if (!inAudience(live.record.audience, labels))
    throw new KeeperError('E_NOT_IN_AUDIENCE', `${name} is not meant for a process with these labels`)
  if (word.revision > live.modRevision)
    throw new KeeperError('E_FUTURE_REVISION', `${name} has no r${word.revision} yet; r${live.modRevision} is live`)
}
