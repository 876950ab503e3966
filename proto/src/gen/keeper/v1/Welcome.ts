// Original file: proto/keeper/v1/session.proto

import type { SubscribeFailure as _keeper_v1_SubscribeFailure, SubscribeFailure__Output as _keeper_v1_SubscribeFailure__Output } from '../../keeper/v1/SubscribeFailure.js';
import type { Long } from '@grpc/proto-loader';

export interface Welcome {
  'sessionId'?: (number | string | Long);
  'sessionSecret'?: (Buffer | Uint8Array | string);
  'attachment'?: (number | string | Long);
  'features'?: (number | string | Long);
  'clusterId'?: (string);
  'memberName'?: (string);
  'storeEpoch'?: (number | string | Long);
  'revision'?: (number | string | Long);
  'ttlMs'?: (number);
  'heartbeatIntervalMs'?: (number);
  'reconnectDelayMs'?: (number);
  'resumed'?: (boolean);
  'refused'?: (_keeper_v1_SubscribeFailure)[];
  'pending'?: (number);
  'endpoints'?: (string)[];
  'current'?: (string)[];
  'absent'?: (string)[];
  'silenceMs'?: (number);
  'beaconMs'?: (number);
}

export interface Welcome__Output {
  'sessionId': (string);
  'sessionSecret': (Buffer);
  'attachment': (string);
  'features': (string);
  'clusterId': (string);
  'memberName': (string);
  'storeEpoch': (string);
  'revision': (string);
  'ttlMs': (number);
  'heartbeatIntervalMs': (number);
  'reconnectDelayMs': (number);
  'resumed': (boolean);
  'refused': (_keeper_v1_SubscribeFailure__Output)[];
  'pending': (number);
  'endpoints': (string)[];
  'current': (string)[];
  'absent': (string)[];
  'silenceMs': (number);
  'beaconMs': (number);
}
