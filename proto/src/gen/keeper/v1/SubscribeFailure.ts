// Original file: proto/keeper/v1/session.proto

import type { Status as _keeper_v1_Status, Status__Output as _keeper_v1_Status__Output } from '../../keeper/v1/Status.js';

export interface SubscribeFailure {
  'name'?: (string);
  'status'?: (_keeper_v1_Status | null);
}

export interface SubscribeFailure__Output {
  'name': (string);
  'status': (_keeper_v1_Status__Output | null);
}
