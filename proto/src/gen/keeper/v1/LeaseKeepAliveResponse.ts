// Original file: proto/keeper/v1/session.proto

import type { Long } from '@grpc/proto-loader';

export interface LeaseKeepAliveResponse {
  'id'?: (number | string | Long);
  'ttlSeconds'?: (number);
}

export interface LeaseKeepAliveResponse__Output {
  'id': (string);
  'ttlSeconds': (number);
}
