// Original file: proto/keeper/v1/session.proto

import type { SubscribeFailure as _keeper_v1_SubscribeFailure, SubscribeFailure__Output as _keeper_v1_SubscribeFailure__Output } from '../../keeper/v1/SubscribeFailure.js';
import type { Long } from '@grpc/proto-loader';

export interface SubscribeResult {
  'id'?: (number | string | Long);
  'refused'?: (_keeper_v1_SubscribeFailure)[];
  'absent'?: (string)[];
  'current'?: (string)[];
  'pending'?: (number);
}

export interface SubscribeResult__Output {
  'id': (string);
  'refused': (_keeper_v1_SubscribeFailure__Output)[];
  'absent': (string)[];
  'current': (string)[];
  'pending': (number);
}
