// Original file: proto/keeper/v1/control.proto

import type { Long } from '@grpc/proto-loader';

export interface EventsRequest {
  'namespace'?: (string);
  'after'?: (number | string | Long);
  'last'?: (number);
  'follow'?: (boolean);
}

export interface EventsRequest__Output {
  'namespace': (string);
  'after': (string);
  'last': (number);
  'follow': (boolean);
}
