// Original file: proto/keeper/v1/session.proto

import type { KeyValue as _keeper_v1_KeyValue, KeyValue__Output as _keeper_v1_KeyValue__Output } from '../../keeper/v1/KeyValue.js';
import type { Long } from '@grpc/proto-loader';

export interface RangeResponse {
  'kvs'?: (_keeper_v1_KeyValue)[];
  'more'?: (boolean);
  'count'?: (number | string | Long);
  'revision'?: (number | string | Long);
}

export interface RangeResponse__Output {
  'kvs': (_keeper_v1_KeyValue__Output)[];
  'more': (boolean);
  'count': (string);
  'revision': (string);
}
