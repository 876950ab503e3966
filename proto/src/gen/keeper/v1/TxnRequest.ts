// Original file: proto/keeper/v1/session.proto

import type { Compare as _keeper_v1_Compare, Compare__Output as _keeper_v1_Compare__Output } from '../../keeper/v1/Compare.js';
import type { Operation as _keeper_v1_Operation, Operation__Output as _keeper_v1_Operation__Output } from '../../keeper/v1/Operation.js';

export interface TxnRequest {
  'compares'?: (_keeper_v1_Compare)[];
  'success'?: (_keeper_v1_Operation)[];
  'failure'?: (_keeper_v1_Operation)[];
}

export interface TxnRequest__Output {
  'compares': (_keeper_v1_Compare__Output)[];
  'success': (_keeper_v1_Operation__Output)[];
  'failure': (_keeper_v1_Operation__Output)[];
}
