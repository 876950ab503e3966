// Original file: proto/keeper/v1/session.proto

import type { Ack as _keeper_v1_Ack, Ack__Output as _keeper_v1_Ack__Output } from '../../keeper/v1/Ack.js';

export interface AckBatch {
  'acks'?: (_keeper_v1_Ack)[];
}

export interface AckBatch__Output {
  'acks': (_keeper_v1_Ack__Output)[];
}
