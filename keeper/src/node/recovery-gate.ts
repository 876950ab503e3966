import type { Message, MessageType } from '../raft/types.js'

/**
 * What a member may hear and say while it is recovering (DESIGN 6): its disk lost something that it may have
 * acknowledged, so until a quorum without it has told how far the log is committed, and all that is here again, it
 * must not help to elect a leader nor count for a commit.
 */

const deaf: ReadonlySet<MessageType> = new Set<MessageType>(['MsgVote', 'MsgPreVote', 'MsgTimeoutNow'])
const mute: ReadonlySet<MessageType> = new Set<MessageType>([
  'MsgVote',
  'MsgPreVote',
  'MsgVoteResp',
  'MsgPreVoteResp',
  'MsgTimeoutNow',
])

/**
 * A message from a peer as a recovering member takes it; undefined: not at all. A heartbeat commits nothing: it speaks of
 * entries that were acknowledged, which may be lost here, with others in their place. An append says what it rests on.
 */
export function recoveringHears(message: Message, committed: number): Message | undefined {
  if (deaf.has(message.type)) return undefined
  if (message.type === 'MsgHeartbeat' && message.commit > committed) return { ...message, commit: committed }
  return message
}

/**
 * A message of a recovering member as it may leave; undefined: not at all. `vouched`: the leader has forgotten what this
 * member once acknowledged. Before that, a refused append would only make the leader send the same again, at once and
 * for ever: it goes back no further than what it believes acknowledged. An answer that acknowledges nothing may leave at
 * any time: to a leader of an earlier term it is the word of the later one, without which it would lead on there, and this
 * member follow nobody.
 */
export function recoveringSays(message: Message, committed: number, vouched: boolean): Message | undefined {
  if (mute.has(message.type)) return undefined
  if (message.type === 'MsgAppResp' && !vouched && (message.reject || message.index > 0)) return undefined
  if (message.type === 'MsgAppResp' && !message.reject)
    // what is committed already is committed without this member's word
    return { ...message, index: Math.min(message.index, committed) }
  if (message.type === 'MsgHeartbeatResp' && message.context) {
    // the context would count towards a read index; being alive may be said
    const { context: _, ...bare } = message
    return bare
  }
  return message
}
