import type { Reading } from './console/metrics.js'
import type { Member } from './node/types.js'
import type { PushHub } from './push/hub.js'

/** What `/metrics` tells of a keeper beside the process' own figures. */
export function readings(member: Member, hub: PushHub, http: { readonly waiting: number }): readonly Reading[] {
  const { store } = member
  const status = () => member.status()
  const gauge = (name: string, help: string, read: () => number): Reading => ({ name, help, type: 'gauge', read })
  const counter = (name: string, help: string, read: () => number): Reading => ({ name, help, type: 'counter', read })
  return [
    gauge('keeper_raft_term', 'Current term.', () => status().term),
    gauge('keeper_raft_is_leader', '1 on the leader.', () => (status().role === 'leader' ? 1 : 0)),
    gauge('keeper_raft_commit_index', 'Last committed entry.', () => status().commitIndex),
    gauge('keeper_raft_applied_index', 'Last applied entry.', () => status().appliedIndex),
    gauge('keeper_state_flushed_index', 'Entry up to which the state is on disk.', () => status().flushedIndex),
    gauge('keeper_raft_log_bytes', 'Bytes of the log in memory.', () => status().logBytes),
    gauge('keeper_member_is_clean', '0 while the member recovers or is halted.', () =>
      status().condition === 'clean' ? 1 : 0,
    ),
    gauge('keeper_store_revision_system', 'Revision of the system keyspace.', () => store.revision('system')),
    gauge('keeper_store_revision_user', 'Revision of the user keyspace.', () => store.revision('user')),
    gauge('keeper_store_bytes', 'Bytes in use by the newest versions.', () => store.bytesInUse()),
    gauge('keeper_disk_free_bytes', 'Free bytes of the disk under the data folder.', () => status().freeBytes),
    gauge('keeper_alarms', 'Alarms raised: quota, disk-low, cluster-disk-low.', () => status().alarms.length),
    gauge('keeper_sessions', 'Sessions with a stream here, or that had one and did not end.', () => hub.sessionCount),
    gauge('keeper_streams', 'Attached streams.', () => hub.stats().streams),
    gauge('keeper_http_polls_waiting', 'Long polls of configs that wait.', () => http.waiting),
    counter(
      'keeper_push_changes_encoded_total',
      'Config values serialized for pushing.',
      () => hub.stats().changesEncoded,
    ),
    counter('keeper_push_frames_joined_total', 'Distinct push frames made.', () => hub.stats().pushesJoined),
    counter('keeper_push_acks_ignored_total', 'Acks that named nothing that was sent.', () => hub.stats().acksIgnored),
  ]
}
