// Original file: proto/keeper/v1/session.proto

import type { Long } from '@grpc/proto-loader';

export interface Heartbeat {
  'sequence'?: (number | string | Long);
  'eventLoopLagMs'?: (number);
}

export interface Heartbeat__Output {
  'sequence': (string);
  'eventLoopLagMs': (number);
}
