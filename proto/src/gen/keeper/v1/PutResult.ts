// Original file: proto/keeper/v1/session.proto

import type { KeyValue as _keeper_v1_KeyValue, KeyValue__Output as _keeper_v1_KeyValue__Output } from '../../keeper/v1/KeyValue.js';

export interface PutResult {
  'prevKv'?: (_keeper_v1_KeyValue | null);
}

export interface PutResult__Output {
  'prevKv': (_keeper_v1_KeyValue__Output | null);
}
