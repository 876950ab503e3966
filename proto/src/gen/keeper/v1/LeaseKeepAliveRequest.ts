// Original file: proto/keeper/v1/session.proto

import type { Long } from '@grpc/proto-loader';

export interface LeaseKeepAliveRequest {
  'id'?: (number | string | Long);
}

export interface LeaseKeepAliveRequest__Output {
  'id': (string);
}
