// Original file: proto/keeper/v1/session.proto

import type { AckState as _keeper_v1_AckState, AckState__Output as _keeper_v1_AckState__Output } from '../../keeper/v1/AckState.js';
import type { HeldConfig as _keeper_v1_HeldConfig, HeldConfig__Output as _keeper_v1_HeldConfig__Output } from '../../keeper/v1/HeldConfig.js';
import type { Long } from '@grpc/proto-loader';

export interface Ack {
  'storeEpoch'?: (number | string | Long);
  'revision'?: (number | string | Long);
  'state'?: (_keeper_v1_AckState);
  'reason'?: (string);
  'atUnixMs'?: (number | string | Long);
  'configs'?: (_keeper_v1_HeldConfig)[];
}

export interface Ack__Output {
  'storeEpoch': (string);
  'revision': (string);
  'state': (_keeper_v1_AckState__Output);
  'reason': (string);
  'atUnixMs': (string);
  'configs': (_keeper_v1_HeldConfig__Output)[];
}
