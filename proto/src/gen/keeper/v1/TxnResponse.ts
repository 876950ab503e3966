// Original file: proto/keeper/v1/session.proto

import type { OperationResult as _keeper_v1_OperationResult, OperationResult__Output as _keeper_v1_OperationResult__Output } from '../../keeper/v1/OperationResult.js';

export interface TxnResponse {
  'succeeded'?: (boolean);
  'results'?: (_keeper_v1_OperationResult)[];
}

export interface TxnResponse__Output {
  'succeeded': (boolean);
  'results': (_keeper_v1_OperationResult__Output)[];
}
