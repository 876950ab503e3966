// Original file: proto/keeper/v1/session.proto

import type { Long } from '@grpc/proto-loader';

export interface LeaseGrantResponse {
  'id'?: (number | string | Long);
  'ttlSeconds'?: (number);
}

export interface LeaseGrantResponse__Output {
  'id': (string);
  'ttlSeconds': (number);
}
