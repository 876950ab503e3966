// Original file: proto/keeper/v1/session.proto

import type { ProcessIdentity as _keeper_v1_ProcessIdentity, ProcessIdentity__Output as _keeper_v1_ProcessIdentity__Output } from '../../keeper/v1/ProcessIdentity.js';
import type { HeldConfig as _keeper_v1_HeldConfig, HeldConfig__Output as _keeper_v1_HeldConfig__Output } from '../../keeper/v1/HeldConfig.js';
import type { Long } from '@grpc/proto-loader';

export interface Hello {
  'protocol'?: (number);
  'features'?: (number | string | Long);
  'sdk'?: (string);
  'identity'?: (_keeper_v1_ProcessIdentity | null);
  'sessionId'?: (number | string | Long);
  'sessionSecret'?: (Buffer | Uint8Array | string);
  'subscriptions'?: (string)[];
  'held'?: (_keeper_v1_HeldConfig)[];
  'clusterId'?: (string);
  'namespace'?: (string);
  'requestedTtlMs'?: (number);
  'attempt'?: (number | string | Long);
}

export interface Hello__Output {
  'protocol': (number);
  'features': (string);
  'sdk': (string);
  'identity': (_keeper_v1_ProcessIdentity__Output | null);
  'sessionId': (string);
  'sessionSecret': (Buffer);
  'subscriptions': (string)[];
  'held': (_keeper_v1_HeldConfig__Output)[];
  'clusterId': (string);
  'namespace': (string);
  'requestedTtlMs': (number);
  'attempt': (string);
}
