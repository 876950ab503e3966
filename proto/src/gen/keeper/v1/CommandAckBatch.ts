// Original file: proto/keeper/v1/session.proto

import type { CommandAck as _keeper_v1_CommandAck, CommandAck__Output as _keeper_v1_CommandAck__Output } from '../../keeper/v1/CommandAck.js';

export interface CommandAckBatch {
  'acks'?: (_keeper_v1_CommandAck)[];
}

export interface CommandAckBatch__Output {
  'acks': (_keeper_v1_CommandAck__Output)[];
}
