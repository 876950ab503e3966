// Original file: proto/keeper/v1/session.proto

import type { Long } from '@grpc/proto-loader';

export interface RangeRequest {
  'key'?: (Buffer | Uint8Array | string);
  'rangeEnd'?: (Buffer | Uint8Array | string);
  'limit'?: (number);
  'revision'?: (number | string | Long);
  'keysOnly'?: (boolean);
  'countOnly'?: (boolean);
  'serializable'?: (boolean);
}

export interface RangeRequest__Output {
  'key': (Buffer);
  'rangeEnd': (Buffer);
  'limit': (number);
  'revision': (string);
  'keysOnly': (boolean);
  'countOnly': (boolean);
  'serializable': (boolean);
}
