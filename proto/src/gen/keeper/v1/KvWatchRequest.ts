// Original file: proto/keeper/v1/admin.proto

import type { Long } from '@grpc/proto-loader';

export interface KvWatchRequest {
  'key'?: (Buffer | Uint8Array | string);
  'rangeEnd'?: (Buffer | Uint8Array | string);
  'startRevision'?: (number | string | Long);
  'prevKv'?: (boolean);
  'storeEpoch'?: (number | string | Long);
}

export interface KvWatchRequest__Output {
  'key': (Buffer);
  'rangeEnd': (Buffer);
  'startRevision': (string);
  'prevKv': (boolean);
  'storeEpoch': (string);
}
