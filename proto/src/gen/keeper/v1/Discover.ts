// Original file: proto/keeper/v1/session.proto

import type { Long } from '@grpc/proto-loader';

export interface Discover {
  'id'?: (number | string | Long);
  'role'?: (string);
  'strategy'?: (string);
  'options'?: (Buffer | Uint8Array | string);
}

export interface Discover__Output {
  'id': (string);
  'role': (string);
  'strategy': (string);
  'options': (Buffer);
}
