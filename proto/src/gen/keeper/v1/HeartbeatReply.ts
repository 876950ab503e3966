// Original file: proto/keeper/v1/session.proto

import type { Long } from '@grpc/proto-loader';

export interface HeartbeatReply {
  'sequence'?: (number | string | Long);
  'ttlMs'?: (number);
  'heartbeatIntervalMs'?: (number);
  'reconnectDelayMs'?: (number);
  'leaderlessMs'?: (number);
  'beaconMs'?: (number);
}

export interface HeartbeatReply__Output {
  'sequence': (string);
  'ttlMs': (number);
  'heartbeatIntervalMs': (number);
  'reconnectDelayMs': (number);
  'leaderlessMs': (number);
  'beaconMs': (number);
}
