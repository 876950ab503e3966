// Original file: proto/keeper/v1/session.proto

import type { ConfigChange as _keeper_v1_ConfigChange, ConfigChange__Output as _keeper_v1_ConfigChange__Output } from '../../keeper/v1/ConfigChange.js';
import type { Long } from '@grpc/proto-loader';

export interface Push {
  'storeEpoch'?: (number | string | Long);
  'revision'?: (number | string | Long);
  'changes'?: (_keeper_v1_ConfigChange)[];
}

export interface Push__Output {
  'storeEpoch': (string);
  'revision': (string);
  'changes': (_keeper_v1_ConfigChange__Output)[];
}
