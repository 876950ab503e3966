/** Raft's messages and the protocols upon them, as bytes. Numbers of kinds and types are the wire: append only. */

import type { ByteReader, ByteWriter } from '../base/codec.js'
import { KeeperError } from '../base/errors.js'
import type { ConfState, Entry, EntryType, Message, MessageType, Snapshot } from '../raft/types.js'
import type { PeerMessage } from './types.js'

/** Only what one member may say to another; what is local to a member has no number. */
const messageTypes: readonly MessageType[] = [
  'MsgApp',
  'MsgAppResp',
  'MsgVote',
  'MsgVoteResp',
  'MsgSnap',
  'MsgHeartbeat',
  'MsgHeartbeatResp',
  'MsgTransferLeader',
  'MsgTimeoutNow',
  'MsgReadIndex',
  'MsgReadIndexResp',
  'MsgPreVote',
  'MsgPreVoteResp',
]
const numberOfType = new Map(messageTypes.map((type, at) => [type, at]))
const entryTypes: readonly EntryType[] = ['normal', 'confChange', 'confChangeV2']
const keyspaces = ['user', 'system'] as const

const flag = { reject: 1, context: 2, snapshot: 4 } as const

function writeEntry(writer: ByteWriter, { term, index, type, data }: Entry): void {
  writer.uint(term).uint(index).byte(entryTypes.indexOf(type)).bytes(data)
}

function readEntry(reader: ByteReader): Entry {
  const term = reader.uint()
  const index = reader.uint()
  const type = entryTypes[reader.byte()]
  if (!type) throw garbage('entry of an unknown type')
  return { term, index, type, data: reader.bytes() }
}

function writeConfState(writer: ByteWriter, confState: ConfState): void {
  for (const ids of [confState.voters, confState.learners, confState.votersOutgoing, confState.learnersNext]) {
    writer.uint(ids.length)
    for (const id of ids) writer.uint(id)
  }
  writer.boolean(confState.autoLeave)
}

function readConfState(reader: ByteReader): ConfState {
  const ids = () => repeat(reader, 1, () => reader.uint())
  return { voters: ids(), learners: ids(), votersOutgoing: ids(), learnersNext: ids(), autoLeave: reader.boolean() }
}

function writeSnapshot(writer: ByteWriter, { index, term, confState }: Snapshot): void {
  writer.uint(index).uint(term)
  writeConfState(writer, confState)
}

/** A snapshot's state comes apart from its message, record by record. */
const readSnapshot = (reader: ByteReader): Snapshot => ({
  index: reader.uint(),
  term: reader.uint(),
  confState: readConfState(reader),
  data: new Uint8Array(),
})

/** Appends one of Raft's messages. Throws E_INTERNAL for a type that is no other member's business. */
export function writeRaftMessage(writer: ByteWriter, message: Message): void {
  const type = numberOfType.get(message.type)
  if (type === undefined) throw new KeeperError('E_INTERNAL', `${message.type} is not for other members`)
  const { reject, context, snapshot, entries } = message
  writer.byte(type).byte((reject ? flag.reject : 0) | (context ? flag.context : 0) | (snapshot ? flag.snapshot : 0))
  writer.uint(message.to).uint(message.from).uint(message.term)
  writer.uint(message.logTerm).uint(message.index).uint(message.commit).uint(message.rejectHint)
  writer.uint(entries.length)
  for (const entry of entries) writeEntry(writer, entry)
  if (context) writer.bytes(context)
  if (snapshot) writeSnapshot(writer, snapshot)
}

/** Throws E_FRAME_GARBAGE, E_CORRUPT. Entries' data are views of the bytes read. */
export function readRaftMessage(reader: ByteReader): Message {
  const type = messageTypes[reader.byte()]
  if (!type) throw garbage('message of an unknown type')
  const flags = reader.byte()
  const head = { to: reader.uint(), from: reader.uint(), term: reader.uint() }
  const place = { logTerm: reader.uint(), index: reader.uint(), commit: reader.uint(), rejectHint: reader.uint() }
  const entries = repeat(reader, 4, () => readEntry(reader))
  const context = flags & flag.context ? Uint8Array.from(reader.bytes()) : undefined
  const snapshot = flags & flag.snapshot ? readSnapshot(reader) : undefined
  return {
    type,
    ...head,
    ...place,
    entries,
    vote: 0,
    reject: (flags & flag.reject) !== 0,
    responses: [],
    ...(context && { context }),
    ...(snapshot && { snapshot }),
  }
}

type Kind = PeerMessage['kind']
type Of<K extends Kind> = Extract<PeerMessage, { kind: K }>
interface Codec<K extends Kind> {
  write(writer: ByteWriter, message: Of<K>): void
  read(reader: ByteReader): Of<K>
}

const leases = (reader: ByteReader): bigint[] => repeat(reader, 8, () => reader.int64())
function writeLeases(writer: ByteWriter, ids: readonly bigint[]): void {
  writer.uint(ids.length)
  for (const id of ids) writer.int64(id)
}

const codecs: { readonly [K in Kind]: Codec<K> } = {
  raft: {
    write: (writer, { message }) => writeRaftMessage(writer, message),
    read: (reader) => ({ kind: 'raft', message: readRaftMessage(reader) }),
  },
  propose: {
    write: (writer, { id, term, batch }) => writer.text(id).uint(term).bytes(batch),
    read: (reader) => ({ kind: 'propose', id: reader.text(), term: reader.uint(), batch: reader.bytes() }),
  },
  proposed: {
    write: (writer, { id, place }) => writer.text(id).uint(place.index).uint(place.term).uint(place.offset),
    read: (reader) => ({
      kind: 'proposed',
      id: reader.text(),
      place: { index: reader.uint(), term: reader.uint(), offset: reader.uint() },
    }),
  },
  refused: {
    write: (writer, { id, code, message }) => writer.text(id).text(code).text(message),
    read: (reader) => ({ kind: 'refused', id: reader.text(), code: reader.text(), message: reader.text() }),
  },
  renew: {
    write: (writer, { id, keyspace, leases: ids }) =>
      writeLeases(writer.text(id).byte(keyspaces.indexOf(keyspace)), ids),
    read: (reader) => {
      const id = reader.text()
      const keyspace = keyspaces[reader.byte()]
      if (!keyspace) throw garbage('renewal in an unknown keyspace')
      return { kind: 'renew', id, keyspace, leases: leases(reader) }
    },
  },
  renewed: {
    write: (writer, { id, unknown }) => writeLeases(writer.text(id), unknown),
    read: (reader) => ({ kind: 'renewed', id: reader.text(), unknown: leases(reader) }),
  },
  recover: {
    write: (writer, { id, lastIndex }) => writer.text(id).uint(lastIndex),
    read: (reader) => ({ kind: 'recover', id: reader.text(), lastIndex: reader.uint() }),
  },
  recoverIndex: {
    write: (writer, { id, index, term }) => writer.text(id).uint(index).uint(term),
    read: (reader) => ({ kind: 'recoverIndex', id: reader.text(), index: reader.uint(), term: reader.uint() }),
  },
  ask: {
    write: (writer, { id, topic, body }) => writer.text(id).text(topic).bytes(body),
    read: (reader) => ({ kind: 'ask', id: reader.text(), topic: reader.text(), body: Uint8Array.from(reader.bytes()) }),
  },
  answer: {
    write: (writer, { id, code, body }) => writer.text(id).text(code).bytes(body),
    read: (reader) => ({
      kind: 'answer',
      id: reader.text(),
      code: reader.text(),
      body: Uint8Array.from(reader.bytes()),
    }),
  },
  removed: { write: () => {}, read: () => ({ kind: 'removed' }) },
}

/** Order is the wire: append only. */
const kinds: readonly Kind[] = [
  'raft',
  'propose',
  'proposed',
  'refused',
  'renew',
  'renewed',
  'recover',
  'recoverIndex',
  'ask',
  'answer',
  'removed',
]

/** Appends one message behind its kind. */
export function writePeerMessage<K extends Kind>(writer: ByteWriter, message: Of<K>): void {
  writer.byte(kinds.indexOf(message.kind))
  const codec: Codec<K> = codecs[message.kind as K]
  codec.write(writer, message)
}

/** All messages up to the end. Throws E_FRAME_GARBAGE, E_CORRUPT. */
export function readPeerMessages(reader: ByteReader): PeerMessage[] {
  const messages: PeerMessage[] = []
  while (reader.remaining > 0) {
    const kind = kinds[reader.byte()]
    if (!kind) throw garbage('message of an unknown kind')
    messages.push(codecs[kind].read(reader))
  }
  return messages
}

/** As many as a count says; a count that the bytes cannot hold is refused before anything is made. */
function repeat<T>(reader: ByteReader, bytesEach: number, read: () => T): T[] {
  const count = reader.uint()
  if (count * bytesEach > reader.remaining) throw garbage(`${count} items announced, ${reader.remaining} bytes left`)
  return Array.from({ length: count }, read)
}

const garbage = (message: string) => new KeeperError('E_FRAME_GARBAGE', message)
