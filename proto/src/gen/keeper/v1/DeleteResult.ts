// Original file: proto/keeper/v1/session.proto

import type { KeyValue as _keeper_v1_KeyValue, KeyValue__Output as _keeper_v1_KeyValue__Output } from '../../keeper/v1/KeyValue.js';
import type { Long } from '@grpc/proto-loader';

export interface DeleteResult {
  'deleted'?: (number | string | Long);
  'prevKvs'?: (_keeper_v1_KeyValue)[];
}

export interface DeleteResult__Output {
  'deleted': (string);
  'prevKvs': (_keeper_v1_KeyValue__Output)[];
}
