// Original file: proto/keeper/v1/admin.proto

import type { ProcessIdentity as _keeper_v1_ProcessIdentity, ProcessIdentity__Output as _keeper_v1_ProcessIdentity__Output } from '../../keeper/v1/ProcessIdentity.js';
import type { Long } from '@grpc/proto-loader';

export interface InstanceView {
  'identity'?: (_keeper_v1_ProcessIdentity | null);
  'sessionId'?: (number | string | Long);
  'connected'?: (boolean);
  'member'?: (string);
  'startedUnixMs'?: (number | string | Long);
  'eventLoopLagMs'?: (number);
  'configs'?: (number);
  'configsCurrent'?: (number);
  'silentMs'?: (number | string | Long);
}

export interface InstanceView__Output {
  'identity': (_keeper_v1_ProcessIdentity__Output | null);
  'sessionId': (string);
  'connected': (boolean);
  'member': (string);
  'startedUnixMs': (string);
  'eventLoopLagMs': (number);
  'configs': (number);
  'configsCurrent': (number);
  'silentMs': (string);
}
