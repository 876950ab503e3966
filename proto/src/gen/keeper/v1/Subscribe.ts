// Original file: proto/keeper/v1/session.proto

import type { HeldConfig as _keeper_v1_HeldConfig, HeldConfig__Output as _keeper_v1_HeldConfig__Output } from '../../keeper/v1/HeldConfig.js';
import type { Long } from '@grpc/proto-loader';

export interface Subscribe {
  'id'?: (number | string | Long);
  'names'?: (string)[];
  'cancel'?: (string)[];
  'held'?: (_keeper_v1_HeldConfig)[];
}

export interface Subscribe__Output {
  'id': (string);
  'names': (string)[];
  'cancel': (string)[];
  'held': (_keeper_v1_HeldConfig__Output)[];
}
