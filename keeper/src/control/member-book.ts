/** The members' records, read and written. */

import type { Member } from '../node/types.js'
import { DEFAULT_NAMESPACE, encodeRecord, type MemberRecord, recordKey } from '../store/records.js'
import type { Compare, StoreReader } from '../store/types.js'
import type { FoundingMember, MemberView } from './member-types.js'
import { proposeBody } from './propose.js'
import type { Stored } from './types.js'
import { readRecord, readRecords } from './view.js'

export const readMembers = (store: StoreReader): MemberRecord[] =>
  readRecords(store, DEFAULT_NAMESPACE, 'member').map(({ record }) => record)

export const readMember = (store: StoreReader, id: number): Stored<MemberRecord> | undefined =>
  readRecord(store, DEFAULT_NAMESPACE, 'member', String(id))

/** Writes a record unless somebody else did since it was read; in `term` only, if that is given. False: it was not written. */
export async function writeMember(
  member: Member,
  record: MemberRecord,
  read: Stored<MemberRecord> | undefined,
  term?: number,
): Promise<boolean> {
  const key = recordKey(DEFAULT_NAMESPACE, 'member', String(record.id))
  const unwritten: Compare = { target: 'modRevision', key, comparison: 'equal', operand: read?.modRevision ?? 0 }
  const compares: Compare[] = term === undefined ? [unwritten] : [unwritten, { target: 'term', term }]
  const flags = { lease: 0n, revisionSuffix: false, prevKv: false, ignoreValue: false, ignoreLease: false }
  const success = [{ kind: 'put', key, value: encodeRecord('member', record), ...flags }] as const
  const txn = { compares, success, failure: [] }
  return (await proposeBody(member, 'system', { kind: 'txn', keyspace: 'system', txn })).succeeded
}

/** The record of a founder that has not announced itself. */
export const foundingRecord = ({ id, name, peer, folder }: FoundingMember): MemberRecord => ({
  ...{ v: 1, id, name, folder, peer, clients: [], version: '', format: 0, features: 0 },
})

/** Everyone that takes part or is about to, in order of name. */
export function viewMembers(member: Member, founders: readonly FoundingMember[]): MemberView[] {
  const records = new Map(founders.map((founder) => [founder.id, foundingRecord(founder)]))
  for (const record of readMembers(member.store)) records.set(record.id, record)
  const entries = new Map(member.memberList().map((entry) => [entry.id, entry]))
  const absent = { voter: false, leads: false, active: false }
  const ids = [...entries.keys(), ...[...records.values()].filter(isComing).map(({ id }) => id)]
  return [...new Set(ids)]
    .map((id): MemberView => {
      const record = records.get(id) ?? foundingRecord({ id, name: String(id), peer: '', folder: '' })
      const { name, peer, clients, version, folder, wanted = '' } = record
      const entry = entries.get(id) ?? { id, ...absent }
      return { ...entry, takesPart: entries.has(id), name, peer, clients, version, joined: folder !== '', wanted }
    })
    .sort((a, b) => (a.name < b.name ? -1 : 1))
}

/** Added, whether it takes part already or not. */
const isComing = ({ wanted }: MemberRecord): boolean => wanted === 'learner' || wanted === 'voter'
