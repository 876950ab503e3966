// Original file: proto/keeper/v1/session.proto

import type { AckState as _keeper_v1_AckState, AckState__Output as _keeper_v1_AckState__Output } from '../../keeper/v1/AckState.js';

export interface CommandAck {
  'id'?: (string);
  'state'?: (_keeper_v1_AckState);
  'reason'?: (string);
  'result'?: (Buffer | Uint8Array | string);
}

export interface CommandAck__Output {
  'id': (string);
  'state': (_keeper_v1_AckState__Output);
  'reason': (string);
  'result': (Buffer);
}
