// Original file: proto/keeper/v1/changes.proto

import type { Long } from '@grpc/proto-loader';

export interface LiveFile {
  'path'?: (string);
  'bytes'?: (Buffer | Uint8Array | string);
  'last'?: (boolean);
  'config'?: (string);
  'revision'?: (number | string | Long);
}

export interface LiveFile__Output {
  'path': (string);
  'bytes': (Buffer);
  'last': (boolean);
  'config': (string);
  'revision': (string);
}
