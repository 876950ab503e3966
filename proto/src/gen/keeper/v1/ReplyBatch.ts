// Original file: proto/keeper/v1/session.proto

import type { Reply as _keeper_v1_Reply, Reply__Output as _keeper_v1_Reply__Output } from '../../keeper/v1/Reply.js';

export interface ReplyBatch {
  'replies'?: (_keeper_v1_Reply)[];
}

export interface ReplyBatch__Output {
  'replies': (_keeper_v1_Reply__Output)[];
}
