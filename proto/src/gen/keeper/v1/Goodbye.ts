// Original file: proto/keeper/v1/session.proto

import type { Status as _keeper_v1_Status, Status__Output as _keeper_v1_Status__Output } from '../../keeper/v1/Status.js';

export interface Goodbye {
  'status'?: (_keeper_v1_Status | null);
  'reconnectAfterMs'?: (number);
  'endpoints'?: (string)[];
}

export interface Goodbye__Output {
  'status': (_keeper_v1_Status__Output | null);
  'reconnectAfterMs': (number);
  'endpoints': (string)[];
}
