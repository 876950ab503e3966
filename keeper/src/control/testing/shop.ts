/** A publisher over the real store, fed with files as texts. */

import { systemClock } from '../../base/clock.js'
import { seededRandom } from '../../base/random.js'
import { compileTree } from '../../compile/compiler.js'
import { tree } from '../../compile/testing/tree.js'
import { type LogMember, SharedLog } from '../../push/testing/shared-log.js'
import type { HistoryRecord } from '../../store/config-records.js'
import type { ProcessIdentity } from '../../store/process-records.js'
import { encodeRecord, recordKey } from '../../store/records.js'
import { Publisher } from '../publisher.js'
import type { PublishRequest, PublishResult } from '../types.js'
import { historyKey } from '../view.js'

export type Files = Readonly<Record<string, string>>

export interface Shop {
  readonly log: SharedLog
  readonly member: LogMember
  readonly publisher: Publisher
  publish(files: Files, request?: Partial<PublishRequest>): Promise<PublishResult>
  /** A live process, as the push room would have written it. */
  enter(cluster: string, role: string, instance: string, labels?: Record<string, string>): void
  /** Writes a history record as if it were of that revision. */
  remember(name: string, revision: number, record: HistoryRecord): void
  /** The base value of a config; undefined when it is removed or not there. */
  value(name: string): unknown
}

export const compiled = (files: Files) => compileTree(tree(files))

export function makeShop(): Shop {
  const log = new SharedLog(systemClock, ['n1'])
  const [member] = log.members
  if (!member) throw new Error('a shop needs a member')
  const publisher = new Publisher({ member, clock: systemClock, random: seededRandom(1) })
  return {
    log,
    member,
    publisher,
    publish: (files, request = {}) =>
      publisher.publish({
        source: 'dir:a',
        output: compiled(files),
        author: 'ops',
        reason: 'because',
        action: 'apply',
        ...request,
      }),
    enter(cluster, role, instance, labels = {}) {
      put(
        log,
        recordKey('default', 'instance', cluster, role, instance),
        instanceValue({ cluster, role, instance, labels }),
      )
    },
    remember: (name, revision, record) =>
      put(log, historyKey('default', name, revision), encodeRecord('history', record)),
    value(name) {
      const kv = member.store.get('system', recordKey('default', 'config', name))
      const record = kv && JSON.parse(Buffer.from(kv.value).toString())
      const bytes = record?.variants[0] && member.store.blob(record.variants[0].hash)
      return bytes && JSON.parse(Buffer.from(bytes).toString())
    },
  }
}

const instanceValue = (who: Pick<ProcessIdentity, 'cluster' | 'role' | 'instance' | 'labels'>): Uint8Array =>
  encodeRecord('instance', {
    v: 1,
    session: '1',
    startedWallMs: 0,
    identity: { ...who, incarnation: 'i', addresses: {}, host: 'h', pid: 1, sdk: 'test' },
  })

export function put(log: Pick<SharedLog, 'apply'>, key: Uint8Array, value: Uint8Array): void {
  const flags = { lease: 0n, revisionSuffix: false, prevKv: false, ignoreValue: false, ignoreLease: false }
  const txn = { compares: [], success: [{ kind: 'put', key, value, ...flags } as const], failure: [] }
  const [result] = log.apply([{ principal: 'test', body: { kind: 'txn', keyspace: 'system', txn } }])
  if (!result?.ok) throw new Error(`a test's put was refused: ${result?.message}`)
}
