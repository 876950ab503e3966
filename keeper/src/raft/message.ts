import {
  type Entry,
  LOCAL_APPEND_THREAD,
  LOCAL_APPLY_THREAD,
  type MemberId,
  type Message,
  type MessageType,
} from './types.js'

/** A message before it is sent. */
export type DraftMessage = { -readonly [Key in keyof Message]: Message[Key] }

const noEntries: readonly Entry[] = []
const noMessages: readonly Message[] = []

/** A message with everything else empty. One literal, so that all messages share one shape. */
export function newMessage(type: MessageType, to: MemberId = 0, from: MemberId = 0, term = 0): DraftMessage {
  return {
    type,
    to,
    from,
    term,
    logTerm: 0,
    index: 0,
    entries: noEntries,
    commit: 0,
    vote: 0,
    reject: false,
    rejectHint: 0,
    responses: noMessages,
  }
}

/** Messages that only this member itself may step. */
const localTypes: ReadonlySet<MessageType> = new Set<MessageType>([
  'MsgHup',
  'MsgBeat',
  'MsgUnreachable',
  'MsgSnapStatus',
  'MsgCheckQuorum',
  'MsgStorageAppend',
  'MsgStorageAppendResp',
  'MsgStorageApply',
  'MsgStorageApplyResp',
  'MsgForgetLeader',
])

const responseTypes: ReadonlySet<MessageType> = new Set<MessageType>([
  'MsgAppResp',
  'MsgVoteResp',
  'MsgHeartbeatResp',
  'MsgUnreachable',
  'MsgReadIndexResp',
  'MsgPreVoteResp',
  'MsgStorageAppendResp',
  'MsgStorageApplyResp',
])

export const isLocalType = (type: MessageType): boolean => localTypes.has(type)
export const isResponseType = (type: MessageType): boolean => responseTypes.has(type)
/** Is it the append or apply thread of this member rather than a member? */
export const isLocalThread = (id: MemberId): boolean => id === LOCAL_APPEND_THREAD || id === LOCAL_APPLY_THREAD
