// Original file: proto/keeper/v1/admin.proto

import type { KeyValue as _keeper_v1_KeyValue, KeyValue__Output as _keeper_v1_KeyValue__Output } from '../../keeper/v1/KeyValue.js';

export interface KvEvent {
  'deleted'?: (boolean);
  'kv'?: (_keeper_v1_KeyValue | null);
  'prevKv'?: (_keeper_v1_KeyValue | null);
}

export interface KvEvent__Output {
  'deleted': (boolean);
  'kv': (_keeper_v1_KeyValue__Output | null);
  'prevKv': (_keeper_v1_KeyValue__Output | null);
}
