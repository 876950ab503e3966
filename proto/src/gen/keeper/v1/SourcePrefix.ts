// Original file: proto/keeper/v1/admin.proto

import type { Long } from '@grpc/proto-loader';

export interface SourcePrefix {
  'prefix'?: (string);
  'sinceMs'?: (number | string | Long);
  'author'?: (string);
}

export interface SourcePrefix__Output {
  'prefix': (string);
  'sinceMs': (string);
  'author': (string);
}
