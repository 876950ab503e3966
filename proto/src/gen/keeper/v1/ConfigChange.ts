// Original file: proto/keeper/v1/session.proto

import type { Long } from '@grpc/proto-loader';

export interface ConfigChange {
  'name'?: (string);
  'revision'?: (number | string | Long);
  'hash'?: (string);
  'value'?: (Buffer | Uint8Array | string);
  'removed'?: (boolean);
  'committedUnixMs'?: (number | string | Long);
  'secret'?: (boolean);
  'baseHash'?: (string);
  'delta'?: (Buffer | Uint8Array | string);
  'check'?: (Buffer | Uint8Array | string);
}

export interface ConfigChange__Output {
  'name': (string);
  'revision': (string);
  'hash': (string);
  'value': (Buffer);
  'removed': (boolean);
  'committedUnixMs': (string);
  'secret': (boolean);
  'baseHash': (string);
  'delta': (Buffer);
  'check': (Buffer);
}
