// Original file: proto/keeper/v1/admin.proto

import type { KvEvent as _keeper_v1_KvEvent, KvEvent__Output as _keeper_v1_KvEvent__Output } from '../../keeper/v1/KvEvent.js';
import type { Long } from '@grpc/proto-loader';

export interface KvWatchResponse {
  'revision'?: (number | string | Long);
  'events'?: (_keeper_v1_KvEvent)[];
  'created'?: (boolean);
  'storeEpoch'?: (number | string | Long);
}

export interface KvWatchResponse__Output {
  'revision': (string);
  'events': (_keeper_v1_KvEvent__Output)[];
  'created': (boolean);
  'storeEpoch': (string);
}
