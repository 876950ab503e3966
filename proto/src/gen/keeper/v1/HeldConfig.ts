// Original file: proto/keeper/v1/session.proto

import type { AckState as _keeper_v1_AckState, AckState__Output as _keeper_v1_AckState__Output } from '../../keeper/v1/AckState.js';
import type { Long } from '@grpc/proto-loader';

export interface HeldConfig {
  'name'?: (string);
  'storeEpoch'?: (number | string | Long);
  'revision'?: (number | string | Long);
  'hash'?: (string);
  'state'?: (_keeper_v1_AckState);
  'reason'?: (string);
  'atUnixMs'?: (number | string | Long);
}

export interface HeldConfig__Output {
  'name': (string);
  'storeEpoch': (string);
  'revision': (string);
  'hash': (string);
  'state': (_keeper_v1_AckState__Output);
  'reason': (string);
  'atUnixMs': (string);
}
