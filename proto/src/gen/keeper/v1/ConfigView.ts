// Original file: proto/keeper/v1/admin.proto

import type { Long } from '@grpc/proto-loader';

export interface ConfigView {
  'name'?: (string);
  'revision'?: (number | string | Long);
  'valueJson'?: (string);
  'hash'?: (string);
  'removed'?: (boolean);
  'overlays'?: (string)[];
  'storeEpoch'?: (number | string | Long);
}

export interface ConfigView__Output {
  'name': (string);
  'revision': (string);
  'valueJson': (string);
  'hash': (string);
  'removed': (boolean);
  'overlays': (string)[];
  'storeEpoch': (string);
}
