// Original file: proto/keeper/v1/admin.proto

import type { Long } from '@grpc/proto-loader';

export interface KvCompactRequest {
  'revision'?: (number | string | Long);
}

export interface KvCompactRequest__Output {
  'revision': (string);
}
