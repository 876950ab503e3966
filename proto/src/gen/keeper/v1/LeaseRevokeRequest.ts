// Original file: proto/keeper/v1/session.proto

import type { Long } from '@grpc/proto-loader';

export interface LeaseRevokeRequest {
  'id'?: (number | string | Long);
}

export interface LeaseRevokeRequest__Output {
  'id': (string);
}
