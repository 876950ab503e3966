// Original file: proto/keeper/v1/session.proto

import type { Long } from '@grpc/proto-loader';

export interface LeaseGrantRequest {
  'id'?: (number | string | Long);
  'ttlSeconds'?: (number);
}

export interface LeaseGrantRequest__Output {
  'id': (string);
  'ttlSeconds': (number);
}
